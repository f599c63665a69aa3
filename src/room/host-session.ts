/** The host's side of a room: its conversation, its format, its checkpoint, and its absence (P5.3, P5.4). */
import type { RoomEvent } from "../protocol/events.ts";
import type { HostEncoder, SeatEncoder } from "../protocol/host-encoder.ts";
import { TokenBucket } from "../protocol/token-bucket.ts";
import type { Session, ResumeRequest } from "../session/session.ts";
import { FrameMemory } from "./frame-memory.ts";
import { toOwned } from "./borrowed-buffer.ts";
import type { EncodedFrame } from "../session/kept-frame.ts";
import type { MemoryBudget } from "./memory-budget.ts";
import { PassthroughSession } from "../session/passthrough-session.ts";
import type { Clock, HostPort, Port } from "./ports.ts";
import { RETURNS } from "./returns.ts";
import { ResumableSession } from "../session/resumable-session.ts";

/** What a host shows when it connects. */
export interface HostRequest extends ResumeRequest {
  /** Hashed; a host without one is gone for good when its line is. */
  readonly session?: string | undefined;
}

export interface HostSessionOptions {
  readonly request: HostRequest;
  readonly encoder: HostEncoder;
  readonly epoch: string;
  readonly limits: {
    /** Bytes kept for an away host before its players are held back. */
    readonly hostBuffer: number;
    /** Bytes waiting for a live host before its players are held back. */
    readonly sendQueue: number;
  };
  readonly clock: Clock;
  readonly budget: MemoryBudget;
  /** The budget is used up and this host has the most; as `MemoryHolder.cut`. */
  readonly onCut: () => void | "stays";
  /** The host has not even heard what the room itself had to say, and that has an end. */
  readonly onUnresponsive: (port: Port) => void;
}

export class HostSession {
  readonly channel: Session;
  readonly encoder: HostEncoder;
  readonly session: string | undefined;
  readonly #sendQueue: number;
  readonly #onUnresponsive: (port: Port) => void;
  /** Bytes that the room itself has told a host that is behind. */
  #unheard = 0;
  readonly #returns: TokenBucket;
  #checkpoint: string | Uint8Array | undefined;
  readonly #memory: FrameMemory;
  /** What the host has to fall below before its players go on, since the budget was used up. */
  #heldBackAbove: number | undefined;

  constructor({ request, encoder, epoch, limits, clock, budget, onCut, onUnresponsive }: HostSessionOptions) {
    this.#sendQueue = limits.sendQueue;
    this.#onUnresponsive = onUnresponsive;
    this.#returns = new TokenBucket(RETURNS, clock.now());
    this.session = request.session;
    this.encoder = encoder;
    const memory = new FrameMemory({ budget, limitBytes: limits.hostBuffer, holder: { cut: onCut } });
    this.#memory = memory;
    const now = (): number => clock.now();
    this.channel =
      request.session === undefined
        ? new PassthroughSession(memory, now)
        : new ResumableSession({ memory, overflow: "hold_back", epoch, now });
  }

  get isAway(): boolean {
    return this.channel.port === undefined;
  }

  /** Whether the host may come back now, or has done so too often. `now` is in milliseconds. */
  takeReturn(now: number): boolean {
    return this.#returns.take(1, now);
  }

  attach(port: HostPort, request: HostRequest, greeting: readonly RoomEvent[]): number {
    this.#unheard = 0;
    const restore: readonly RoomEvent[] =
      this.#checkpoint === undefined ? [] : [{ cmd: "restore", data: this.#checkpoint }];
    return this.channel.attach(port, request, () => [...greeting, ...restore].map((event) => this.#frame(event)));
  }

  /** Players can be made to wait for a slow host. What the room itself says cannot, so there is an end to it. */
  tell(event: RoomEvent): void {
    const frame = this.#frameOf(event);
    this.channel.send(frame, this.encoder.isText);
    this.#countUnheard(frame.length);
  }

  /** As `tell`, of two things that are told of one happening: this is the first, and the second follows at once. */
  tellCorked(event: RoomEvent): void {
    const frame = this.#frameOf(event);
    this.channel.sendCorked(frame, this.encoder.isText);
    this.#countUnheard(frame.length);
  }

  /** The host's queue has fallen: once it keeps up, all that was said is heard. */
  drained(): void {
    if (!this.isBehind) this.#unheard = 0;
  }

  /** What a player said, as this host reads it. */
  pass(seat: SeatEncoder, data: Uint8Array, isText: boolean): void {
    const head = seat.head(data.length, isText);
    if (head === undefined) this.channel.send(seat.frame(data, isText), this.encoder.isText);
    else this.channel.sendParts(head, data);
  }

  save(data: string | Uint8Array, received: number | undefined): void {
    this.#memory.count(data.length - (this.#checkpoint?.length ?? 0));
    this.#checkpoint = typeof data === "string" ? data : toOwned(data);
    this.channel.checkpoint(received);
  }

  /** Whether the host does not keep up, or is away and enough waits for it. */
  get isBehind(): boolean {
    if (this.#heldBackAbove !== undefined && this.#memory.bytes > this.#heldBackAbove) return true;
    this.#heldBackAbove = undefined;
    return this.isAway ? this.channel.isOverfull : this.channel.waitingBytes > this.#sendQueue;
  }

  /** Counts what is kept for the room beside frames. */
  count(bytes: number): void {
    this.#memory.count(bytes);
  }

  /**
   * Makes the players wait until half of what is kept for the host has arrived; where they wait for that already, lets go of
   * what is kept in case the host comes back. `false` where neither is of use.
   */
  cut(hasPlayers: boolean): boolean {
    const { bytes } = this.#memory;
    const isFirst = this.#heldBackAbove === undefined;
    this.#heldBackAbove ??= bytes / 2;
    if (isFirst && hasPlayers) return true;
    if (this.isAway) return false;
    this.channel.shed();
    return this.#memory.bytes < bytes;
  }

  /** Nothing more is kept. */
  close(): void {
    this.#memory.close();
  }

  /** Whether the host has so much to read that no newcomer should be announced: newcomers alone could fill its queue. */
  get shouldDeferJoins(): boolean {
    return this.isAway ? this.channel.isOverfull : this.isBehind && this.#unheard > this.#sendQueue / 2;
  }

  /** Fit for the channel: one without a session keeps nothing. */
  #frameOf(event: RoomEvent): Uint8Array {
    const frame = this.encoder.event(event);
    return this.channel.isKeeping ? toOwned(frame) : frame;
  }

  #countUnheard(bytes: number): void {
    const { port } = this.channel;
    this.#unheard = port !== undefined && this.isBehind ? this.#unheard + bytes : 0;
    if (port !== undefined && this.#unheard > this.#sendQueue) this.#onUnresponsive(port);
  }

  #frame(event: RoomEvent): EncodedFrame {
    return { data: this.encoder.event(event), isText: this.encoder.isText };
  }
}
