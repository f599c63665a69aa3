/**
 * A host that speaks the wire (P2, P5.3, P5.4): the adapter between a room and the host's connections. It encodes what the room tells,
 * decodes what the host says, holds back a host that says too much, keeps what the host may have to be sent again, and takes its checkpoint.
 */
import type { CloseName } from "../protocol/close-codes.ts";
import type { HostCommand, PlayerId, SaveCommand, SavedValue, SaveKeysCommand } from "../protocol/commands.ts";
import { decodeHostFrame } from "../protocol/decode-host-frame.ts";
import type { Refusal } from "../protocol/error-codes.ts";
import type { RoomEvent } from "../protocol/events.ts";
import type { HostStates } from "../protocol/peer-query.ts";
import { NOT_UNDERSTOOD } from "../protocol/reliable/control-frames.ts";
import { failure, success, type Result } from "../protocol/result.ts";
import { TokenBucket } from "../protocol/token-bucket.ts";
import { toOwned } from "../room/borrowed-buffer.ts";
import { FrameMemory } from "../room/frame-memory.ts";
import type { MemoryBudget } from "../room/memory-budget.ts";
import type {
  Clock,
  ConnectionHandler,
  DepartureReason,
  HostPeer,
  Message,
  PeerIds,
  ResumeRequest,
} from "../room/ports.ts";
import { isSilence } from "../room/reconnect-grace.ts";
import { RETURNS } from "../room/returns.ts";
import type { Room } from "../room/room.ts";
import { Checkpoints } from "./checkpoints.ts";
import type { HostEncoder, HostEncoderName, SeatEncoder } from "./host-encoder.ts";
import { commandCost, HostThrottle, type HostRates } from "./host-throttle.ts";
import { PassthroughSession } from "./passthrough-session.ts";
import type { HostPort, Port } from "./ports.ts";
import { ResumableSession } from "./resumable-session.ts";
import type { Session } from "./session.ts";
import { StateTeller } from "./state-teller.ts";

/** What a host shows when it connects. */
export interface HostRequest extends ResumeRequest {
  /** The hash of its session; a host without one is gone for good when its connection is. */
  readonly sessionHash?: string | undefined;
  /** @default "full" */
  readonly states?: HostStates;
  /** Whom its token names. @default it has shown none */
  readonly user?: string | undefined;
  /** The hash of its token's `session_id`. */
  readonly tokenSessionHash?: string | undefined;
  /** The hash of the session as it shows it, where its token makes another of it. */
  readonly shownSessionHash?: string | undefined;
}

export interface HostLimits extends HostRates {
  /** Bytes kept for an away host before its players are held back. */
  readonly hostBuffer: number;
  /** Bytes waiting for a connected host before its players are held back. */
  readonly sendQueue: number;
}

/** What a host has kept in another life of its room. */
export interface HostSnapshot {
  readonly encoder: HostEncoderName;
  readonly states: HostStates;
  /** The checkpoint without a key. */
  readonly saved?: SavedValue | undefined;
  /** The checkpoints with keys. */
  readonly savedKeys: readonly (readonly [key: string, value: SavedValue])[];
}

export interface WireHostOptions {
  /** `undefined` for the host of a reopened room, which is away. */
  readonly port: HostPort | undefined;
  readonly request: HostRequest;
  readonly encoder: HostEncoder;
  /** The life of the room, which the host's counts belong to. */
  readonly epoch: string;
  readonly limits: HostLimits;
  readonly clock: Clock;
  readonly budget: MemoryBudget;
  /** Makes the room of this host. */
  readonly createRoom: (host: HostPeer) => Room;
}

/** A peer that knows WMBP and nothing else. */
export const PLAIN: ResumeRequest = { isReliable: false };

const HELD_BACK: Refusal = {
  code: "rate_limited",
  reason: "That is more than a host may say. You are read again in a moment; nothing is lost.",
};

export class WireHost implements HostPeer {
  readonly room: Room;
  readonly #session: Session;
  readonly #encoder: HostEncoder;
  /** The encoder of each player, created for its first message, since most seats idle. */
  readonly #seatEncoders = new Map<PlayerId, SeatEncoder>();
  readonly #throttle: HostThrottle;
  readonly #stateTeller: StateTeller;
  readonly #memory: FrameMemory;
  readonly #sendQueue: number;
  readonly #clock: Clock;
  readonly #returns: TokenBucket;
  readonly #canReturn: boolean;
  /** Bytes that the room itself has told a host that is behind. */
  #unheardBytes = 0;
  readonly #checkpoints = new Checkpoints();
  /** Bytes of the room's description that are counted. */
  #descriptionBytes = 0;
  /** Since the budget was used up, players wait until fewer bytes than this are kept for the host. */
  #heldBackAbove: number | undefined;
  #isClosed = false;

  /** The first connection is attached, where there is one, and the room tells its state, before this returns. */
  constructor({ port, request, encoder, epoch, limits, clock, budget, createRoom }: WireHostOptions) {
    this.#encoder = encoder;
    this.#stateTeller = new StateTeller(request.states ?? "full");
    this.#clock = clock;
    this.#sendQueue = limits.sendQueue;
    this.#returns = new TokenBucket(RETURNS, clock.now());
    this.#canReturn = request.sessionHash !== undefined;
    const memory = new FrameMemory({ budget, limitBytes: limits.hostBuffer, holder: { cut: () => this.#cut() } });
    this.#memory = memory;
    this.#session = this.#canReturn
      ? new ResumableSession({ memory, overflow: "hold_back", epoch, clock })
      : new PassthroughSession(memory, () => clock.now());
    this.#throttle = new HostThrottle({
      rates: limits,
      clock,
      follow: (frame, isText) => this.#follow(frame, isText),
      warn: () => this.room.refuse(HELD_BACK),
      count: (bytes) => memory.count(bytes),
    });
    if (port !== undefined) {
      this.#throttle.attach(port, request.isReliable);
      this.#session.attach(port, { isReliable: request.isReliable, attempt: request.attempt }, () => []);
    }
    this.room = createRoom(this);
  }

  /** What another life of the room needs of its host. */
  get snapshot(): HostSnapshot {
    const { whole: saved, keyed: savedKeys } = this.#checkpoints;
    return { encoder: this.#encoder.name, states: this.#stateTeller.states, saved, savedKeys };
  }

  /** Keeps what the host of a reopened room had saved. */
  restore({ saved, savedKeys }: HostSnapshot): void {
    if (saved !== undefined) this.#checkpoints.save({ cmd: "save", data: saved });
    if (savedKeys.length > 0) this.#checkpoints.save({ cmd: "save", keys: new Map(savedKeys) });
    this.#memory.count(this.#checkpoints.bytes);
    this.#countDescription();
  }

  /** The room's host is back over a new connection: it gets the state, its code, its checkpoint, then what waited (P5.4). */
  comeBack(port: HostPort, encoder: HostEncoder, request: HostRequest): Result<HostConnection, CloseName> {
    const session = this.#session;
    if (this.#isClosed) return failure("room_closed");
    if (session.isStaleAttempt(request)) return failure("replaced");
    if (!this.#returns.take(1, this.#clock.now())) return failure("rate_limited");
    if (encoder.name !== this.#encoder.name || !session.canResume(request)) return failure("bad_request");
    if (session.port !== undefined) {
      session.port.close("replaced");
      session.detach(true);
      this.#throttle.detach();
    }
    this.#throttle.attach(port, request.isReliable);
    this.#stateTeller.states = request.states ?? "full";
    this.#unheardBytes = 0;
    const missed = session.attach(port, request, () => this.#initialFrames());
    this.room.hostBack(missed);
    return success(new HostConnection(this, port));
  }

  /** One command of the host. While the command is not over, what the host says next waits. */
  command(command: HostCommand): void {
    if (command.cmd === "save") return this.#save(command);
    const done = this.room.command(command);
    if (done === undefined) return;
    this.#throttle.suspend();
    done.then(() => this.#throttle.goOn()).then(undefined, (error: unknown) => this.#meetBug(error));
  }

  tell(...events: readonly RoomEvent[]): void {
    // The first state is told while the room is being made; no recording needs the states, which follow from the other events.
    for (const event of events) if (event.cmd !== "state") this.room.tap?.told(event);
    const told = events.flatMap((event) => this.#withState(event));
    const last = told.length - 1;
    for (const [index, event] of told.entries()) {
      const encoded = this.#encoder.event(event);
      const frame = this.#session.isKeeping ? toOwned(encoded) : encoded;
      if (index < last) this.#session.sendCorked(frame, this.#encoder.isText);
      else this.#session.send(frame, this.#encoder.isText);
      this.#countUnheard(frame.length);
      if (event.cmd === "player_left") this.#seatEncoders.delete(event.player);
      if (event.cmd === "state" && event.name !== "") this.#countDescription();
      if (event.cmd === "prepare_reply") this.#countDescription();
    }
  }

  message(from: PlayerId, data: Uint8Array, isText: boolean): void {
    this.room.tap?.heard(from, data, isText);
    const seat = this.#seatEncoders.get(from) ?? this.#openSeat(from);
    const head = seat.head(data.length, isText);
    if (head === undefined) this.#session.send(seat.frame(data, isText), this.#encoder.isText);
    else this.#session.sendParts(head, data);
  }

  /** A host that is away may have more waiting than one that is slow. */
  get isBehind(): boolean {
    if (this.#heldBackAbove !== undefined && this.#memory.bytes > this.#heldBackAbove) return true;
    this.#heldBackAbove = undefined;
    return this.#isAway ? this.#session.isOverfull : this.#session.waitingBytes > this.#sendQueue;
  }

  get shouldDeferJoins(): boolean {
    return this.#isAway ? this.#session.isOverfull : this.isBehind && this.#unheardBytes > this.#sendQueue / 2;
  }

  close(name: CloseName, reason?: string): void {
    this.#isClosed = true;
    this.#throttle.close();
    this.#session.port?.close(name, reason);
    this.#memory.close();
    this.#seatEncoders.clear();
  }

  /** Whether this is the current connection, of a room that is open. */
  isCurrent(port: Port): boolean {
    return port === this.#session.port && !this.#isClosed;
  }

  /** One frame over the current connection, as it came. */
  receive(frame: Uint8Array, isText: boolean): void {
    // Acknowledgements pass the throttle: there are no more of them than frames sent.
    if (!this.#session.takeAck(frame, isText)) this.#throttle.receive(frame, isText);
    this.#reportProgress();
  }

  /** More of a frame is on its way. */
  part(): void {
    this.#session.noticePart();
  }

  /** The host's queue has fallen: what waited goes out. Once the host keeps up, it has heard all that the room said. */
  drained(): void {
    this.#session.flush();
    if (!this.isBehind) this.#unheardBytes = 0;
    this.#reportProgress();
  }

  /** The host has confirmed that so many frames arrived. */
  confirmed(count: number): void {
    this.#session.confirm(count);
    this.#reportProgress();
  }

  /**
   * The current connection is gone. With a session the room waits for the host, players stay, and what they send waits too; without
   * one, and where the host left on purpose, the room is over. Before `prepare` there is nothing to wait for.
   */
  lose(why: DepartureReason): void {
    if (!this.#canReturn || why === "left" || this.room.code === undefined) return this.room.hostLeft();
    this.#session.detach(isSilence(why));
    this.#throttle.detach();
    this.room.hostAway();
  }

  /** A program has banned the host: its room is over with it. */
  expel(reason: string): void {
    this.#session.port?.close("kicked", reason);
    this.room.close("room_closed");
  }

  get #isAway(): boolean {
    return this.#session.port === undefined;
  }

  /** The event as this host is told it, and the change of the state that comes with it. */
  #withState(event: RoomEvent): readonly RoomEvent[] {
    if (event.cmd === "state") return [this.#stateTeller.whole(event)];
    const changesState = event.cmd === "player_joined" || event.cmd === "player_left" || event.cmd === "state_delta";
    const change = changesState ? this.#stateTeller.change(this.room) : undefined;
    const told = event.cmd === "state_delta" ? [] : [event];
    return change === undefined ? told : [...told, change];
  }

  #openSeat(player: PlayerId): SeatEncoder {
    const seat = this.#encoder.seat(player);
    this.#seatEncoders.set(player, seat);
    return seat;
  }

  /** Follows one frame. */
  #follow(frame: Uint8Array, isText: boolean): void {
    const data = this.#session.read(frame, isText);
    if (data === "nonsense") return this.#end("bad_request", NOT_UNDERSTOOD);
    const decoded = data === "control" ? undefined : decodeHostFrame(data, isText);
    const command = decoded?.ok === true ? decoded.value : undefined;
    if (command !== undefined) this.command(command);
    else if (decoded?.ok === false) this.room.refuse(decoded.failure);
    this.#throttle.charge(commandCost(frame.length, command, command === undefined ? 0 : this.#reachOf(command)));
  }

  /** How many a command reaches that names no recipients. */
  #reachOf(command: HostCommand): number {
    switch (command.cmd) {
      case "publish":
        return this.room.followersOf(command.channel);
      case "to_audience":
      case "to_audience_str":
        return this.room.audienceCount;
      default:
        return this.room.playerCount;
    }
  }

  /** An exception outside of a call of the transport: the connection ends, and the error goes where those of timers go. */
  #meetBug(error: unknown): void {
    this.#end("internal_error");
    this.#clock.after(0, () => {
      throw error;
    });
  }

  #save(command: SaveCommand | SaveKeysCommand): void {
    if (this.#isClosed) return;
    const { bytes } = this.#checkpoints;
    const refusal = this.#checkpoints.save(command);
    if (refusal !== undefined) return this.room.refuse(refusal);
    this.#memory.count(this.#checkpoints.bytes - bytes);
    this.room.noteChange();
    // Values with keys may be saved in between: what a checkpoint said of earlier frames holds on.
    if (command.received !== undefined || !("keys" in command)) this.#session.checkpoint(command.received);
  }

  gameChanged(): void {
    this.#memory.count(-this.#checkpoints.bytes);
    this.#checkpoints.clear();
    this.#session.settle();
    this.#reportProgress();
  }

  #initialFrames(): readonly Message[] {
    const { state, code } = this.room;
    const events: RoomEvent[] = [this.#stateTeller.whole(state)];
    if (code !== undefined) events.push({ cmd: "prepare_reply", key: code });
    const { restore } = this.#checkpoints;
    if (restore !== undefined) events.push(restore);
    return events.map((event) => ({ data: this.#encoder.event(event), isText: this.#encoder.isText }));
  }

  /** Counts the room's own events. No player can be held back for them, so a host that reads none of them is closed. */
  #countUnheard(bytes: number): void {
    this.#unheardBytes = !this.#isAway && this.isBehind ? this.#unheardBytes + bytes : 0;
    if (this.#unheardBytes > this.#sendQueue) this.#end("slow_consumer");
  }

  /** What `prepare` and `game` brought is kept for as long as the room. */
  #countDescription(): void {
    const { name, joinUrl = "", meta = "" } = this.room;
    const bytes = name.length + joinUrl.length + meta.length;
    if (bytes === this.#descriptionBytes) return; // most states change nothing of it
    this.#memory.count(bytes - this.#descriptionBytes);
    this.#descriptionBytes = bytes;
  }

  /** Where players wait for this host, some of what they wait for may be gone. */
  #reportProgress(): void {
    if (this.room.isHostCongested) this.room.hostBacklogChanged();
  }

  /**
   * The memory is used up and the host has the most of it. First its players are made to wait, where there are any. The next time what it
   * was sent is not kept any longer in case it comes back; where that is nothing, its connection is closed. A host that is away by then
   * loses its room, and so does one without players at once.
   */
  #cut(): void | "stays" {
    if (this.#letGo()) this.room.hostBacklogChanged();
    else if (this.#isAway) return this.room.close("overloaded");
    else this.#end("slow_consumer");
    return "stays";
  }

  /**
   * Makes the players wait until half of what is kept for the host has arrived; where they wait for that already, lets go of
   * what is kept in case the host comes back. `false` where neither is of use.
   */
  #letGo(): boolean {
    const { bytes } = this.#memory;
    const isFirst = this.#heldBackAbove === undefined;
    this.#heldBackAbove ??= bytes / 2;
    if (isFirst && this.room.hasConnectedPlayers) return true;
    if (this.#isAway) return false;
    this.#session.shed();
    return this.#memory.bytes < bytes;
  }

  /** Closes the current connection; a host with a session may come back. */
  #end(name: CloseName, reason?: string): void {
    const { port } = this.#session;
    if (port === undefined) return;
    port.close(name, reason);
    if (!this.#isClosed) this.lose(name);
  }
}

/** A connection of this age without a room may give way (P5.9.10): a page that hosts prepares its room at once. */
const ROOMLESS_MS = 5_000;

/** One connection of a host. It ends when another takes its place. */
export class HostConnection implements ConnectionHandler {
  readonly host: WireHost;
  readonly #port: HostPort;

  constructor(host: WireHost, port: HostPort) {
    this.host = host;
    this.#port = port;
  }

  get room(): Room {
    return this.host.room;
  }

  get ids(): PeerIds {
    return { room: this.host.room.code };
  }

  message(data: Uint8Array, isText: boolean): void {
    if (this.host.isCurrent(this.#port)) this.host.receive(data, isText);
  }

  part(): void {
    if (this.host.isCurrent(this.#port)) this.host.part();
  }

  drained(): void {
    if (this.host.isCurrent(this.#port)) this.host.drained();
  }

  confirmed(count: number): void {
    if (this.host.isCurrent(this.#port)) this.host.confirmed(count);
  }

  gone(why: DepartureReason): void {
    if (this.host.isCurrent(this.#port)) this.host.lose(why);
  }

  /** Hosts are not banned: their returns have a limit of their own (P5.9.6). */
  ban(): undefined {}

  expel(reason: string): void {
    if (this.host.isCurrent(this.#port)) this.host.expel(reason);
  }

  idleRank(ageMs: number): number | undefined {
    return this.room.code === undefined && ageMs >= ROOMLESS_MS ? 0 : undefined;
  }
}
