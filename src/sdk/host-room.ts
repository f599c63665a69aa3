/**
 * The TV's side: a room that is opened here and that phones join. Long because it is the whole list of what a game on the
 * TV may do and hear; each thing behind it has a file of its own.
 */
import { CLOSE_CODES } from "../protocol/close-codes.ts";
import type { PollId } from "../protocol/commands.ts";
import type { PlayerHealth, StateDeltaEvent, StateEvent } from "../protocol/events.ts";
import {
  checkKickOptions,
  idOf,
  listPlayers,
  type KickOptions,
  type PlayerRef,
  type PlayerRefs,
  type SendOptions,
} from "./addressing.ts";
import { areOfVersion, parseCheckpoint } from "./checkpoint.ts";
import { CheckpointSaver } from "./checkpoint-saver.ts";
import type { ConnectFailure } from "./connect-failure.ts";
import { eventMessage, eventText } from "./conversation.ts";
import type { CloseReason, Retry } from "./reconnecting-socket.ts";
import { closeNameOf } from "./couchwire-error.ts";
import { Emitter } from "./emitter.ts";
import { checkEventName, OWN_PREFIX } from "./event-names.ts";
import type { EventArguments, GameListeners, GameShape, PlainEventName, StateOf } from "./game-types.ts";
import type { ResumeResult } from "./reliable-session.ts";
import { LAUNCHER_GAME } from "./evening-notes.ts";
import { Evening, type StartGameOptions } from "./evening.ts";
import { NO_LISTENERS, type HostRoomEvents, type RoomState } from "./host-room-events.ts";
import { HostConversation } from "./host-conversation.ts";
import { createHostStates } from "./host-states.ts";
import { prepareCommand, type HostRoomPlan } from "./host-room-plan.ts";
import { encodeCommand, parseHostEvent, type RoomError, type ServerEvent, type WireCommand } from "./host-wire.ts";
import { invalid, quote } from "./invalid-argument.ts";
import { ReliableConnection, type FrameSendOptions } from "./reliable-connection.ts";
import type { Frame } from "./outbox.ts";
import { outgoingOf } from "./outgoing.ts";
import { parseJson, plainJson, toFrame, type Payload } from "./payload.ts";
import { Player, type PlayerActions } from "./player.ts";
import { readName } from "./player-profile.ts";
import { qrSvg, type QrOptions } from "./qr.ts";
import { parseSdkFrame, type SdkFrame } from "./sdk-frames.ts";
import { SeatTransferRequests } from "./seat-transfer-requests.ts";
import { Roster, type PlayerSet } from "./roster.ts";
import type { Environment } from "./environment.ts";
import { EventBuffer } from "./event-buffer.ts";
import { SharedState } from "./state/shared-state.ts";
import type { StateTeller } from "./state/state-teller.ts";

/** Events that are emitted in order, and not before there is a listener. */
type BufferedEvent =
  | ServerEvent
  | { readonly cmd: "present"; readonly players: readonly number[] }
  /** The room goes on in another life, in which no player has been said to be away yet. */
  | { readonly cmd: "anew" }
  /** The server has lost the room. */
  | { readonly cmd: "lost" }
  /** Frames could not be kept while the connection was down. */
  | { readonly cmd: "missing"; readonly lost: number; readonly unsent: number }
  /** A player's SDK said something. */
  | { readonly cmd: "sdk"; readonly from: number; readonly frame: SdkFrame };

const NO_KEYS: ReadonlyMap<string, string> = new Map();

/** Bytes of UTF-8 in the name of a poll, and its largest number. */
const MAX_POLL_BYTES = 64;
const MAX_POLL_NUMBER = 0xff_ff_ff_ff;

const CONNECTION_EVENTS: ReadonlySet<string> = new Set<keyof HostRoomEvents>(["connecting", "reconnecting"]);

/**
 * A room, as `createRoom` opens it. Nothing of what happens in it is told before there is a listener: it waits until the turn
 * of the event loop after the first `on`. So a game may load what it needs first, and then adds its listeners in one go.
 */
export class HostRoom<Game extends GameShape = GameShape> extends Emitter<
  HostRoomEvents<Game>,
  GameListeners<Game, [player: Player<Game>]>
> {
  /**
   * What all phones and the TV see, as keys with JSON values: `room.state.set("round", 2)`. Phones have it in `me.state`. A phone that
   * comes late or is loaded again gets all of it, and so does this page when it is loaded again, before `createRoom` resolves.
   */
  readonly state: SharedState<StateOf<Game>>;
  readonly #plan: HostRoomPlan<Game>;
  readonly #connection: ReliableConnection;
  readonly #roster: Roster<Game>;
  readonly #eventBuffer = new EventBuffer<BufferedEvent>((event) => this.#happened(event));
  readonly #rescues = new SeatTransferRequests();
  readonly #conversation: HostConversation<Game>;
  /** `""` until the first `prepare_reply`. */
  #code = "";
  /** Where opening the room has got to; a connection that comes back does not change it, a lost room does. */
  #opening: "none" | "asked" | "open" = "none";
  #state: Omit<RoomState, "players">;
  /** The server tells no `state` of joins and leaves. */
  #isToldChanges = false;
  #refusal: RoomError | undefined;
  /** The poll that is open. */
  #poll: PollId | undefined;
  #restored: unknown;
  #isRestored = false;
  #healthEvery = 0;
  #keepsRoom = false;
  readonly #states: StateTeller;
  readonly #saver: CheckpointSaver;
  readonly #evening: Evening;

  /** @internal Rooms come from `createRoom`. */
  constructor(plan: HostRoomPlan<Game>, environment: Environment) {
    super(NO_LISTENERS);
    this.#plan = plan;
    const actions: PlayerActions<Game> = {
      send: (player, data, options) => this.send(player, data, options),
      emit: (player, name, data, options) => this.send(player, ...eventMessage(name, data, options)),
      ask: (player, name, data, options) => this.#conversation.ask(player, name, data, options),
      kick: (player, options) => this.kick(player, options),
      setProfile: (player, changes) => this.#conversation.setProfile(player, changes),
      stateOf: (id) => this.#states.of(id).source,
    };
    this.#saver = new CheckpointSaver(plan.version, {
      isUp: () => this.#connection.isUp && !this.#evening.isLeaving,
      told: () => this.#eventBuffer.toldOf(this.#connection.received),
      endTurn: () => this.#states.endTurn(),
      tell: (command) => void this.#transmit(encodeCommand(command), { isOwn: true }),
    });
    this.#states = createHostStates(plan, this.#saver, {
      isUp: () => this.isConnected && !this.#evening.isLeaving,
      players: () => this.players.map(({ id }) => id),
      player: (id) => this.#roster.of(id),
      transmit: (frame) => this.#transmit(frame),
      listened: () => this.#eventBuffer.listened(),
    });
    this.state = new SharedState(this.#states.source);
    const note = (notes: unknown): void => plan.session.note(notes);
    this.#roster = new Roster(plan.session.notes, note, (id, facts) => new Player(id, facts, actions));
    this.#conversation = new HostConversation(this.#roster, {
      send: (command, options) => {
        this.#states.flush();
        return this.#transmit(command, options);
      },
      tell: (name, player, data) => this.tellOwn(name, player, data),
      profileChanged: (player) => this.tell("profile", player),
      leadBack: ({ id }) => this.#evening.leadBack(id),
      random: environment.random,
    });
    this.#evening = new Evening(plan, {
      tell: (command) => this.#tell(command),
      players: () => this.players.map(({ id }) => id),
      detach: () => this.detach(),
      beginGame: () => this.#beginGame(),
    });
    this.#state = { name: plan.game, maxPlayers: plan.maxPlayers, isOpen: false, audience: 0, waiting: 0 };
    const owner = {
      greeted: (greeting: ResumeResult) => this.#greeted(greeting),
      received: (frame: Frame) => this.#received(frame),
      lost: (retry: Retry) => this.tell("reconnecting", retry),
      connecting: (failure: ConnectFailure) => this.tell("connecting", failure),
      closed: (close: CloseReason) => this.#closed(close),
    };
    this.#connection = new ReliableConnection(plan, owner, environment);
  }

  /** The room code: four capitals. */
  get code(): string {
    return this.#code;
  }

  /** The address that phones open, as in the QR code. */
  get joinUrl(): string {
    return this.#plan.joinUrl(this.#code);
  }

  /** Those who have a seat, the away ones too, in joining order. */
  get players(): readonly Player<Game>[] {
    return this.#roster.players;
  }

  /** Those of `players` whose connection is down; its `has` takes ids, too. */
  get away(): PlayerSet<Game> {
    return this.#roster.away;
  }

  /**
   * The player of this id, also one who has left; it is the same object each time. `undefined` where there was none, and for one who had left before this page was
   * loaded: keep the name beside an id that is to be shown later.
   */
  player(player: PlayerRef): Player<Game> | undefined {
    return this.#roster.find(player);
  }

  /** Seats in all: what was asked for, or the most that the server gives. */
  get maxPlayers(): number {
    return this.#state.maxPlayers;
  }

  /** Whether a phone would be let in now: not locked, and not full. */
  get isOpen(): boolean {
    return this.#state.isOpen;
  }

  /** Watchers: phones without a seat, which hear `toAudience` and vote. See `createRoom({ audience })`. */
  get audience(): number {
    return this.#state.audience;
  }

  /** Phones that wait for a seat. See `createRoom({ overflow: "queue" })`. */
  get waiting(): number {
    return this.#state.waiting;
  }

  /** Whether the room is there and the connection to it is up. */
  get isConnected(): boolean {
    return this.#connection.isUp && this.#opening === "open";
  }

  /** Whether this page found the room that it had opened before it was loaded again. */
  get isRestored(): boolean {
    return this.#isRestored;
  }

  /**
   * What was last given to `save`, on a page that was loaded again; `undefined` where nothing was saved. `players` are those of that moment; in a
   * game that saves nothing and has state, those that the page before knew; otherwise none. What has happened since follows as events, such as
   * `join`.
   */
  get restored(): unknown {
    return this.#restored;
  }

  /** The name that a player's phone gave when it joined; `undefined` where it gave none. */
  nameOf(player: PlayerRef): string | undefined {
    return this.#roster.nameOf(player);
  }

  /**
   * The room's clock, in milliseconds since 1970: the same on the TV and on all phones, to some milliseconds. It never goes back. With a
   * server before 0.2 it is this device's own clock.
   */
  now(): number {
    return this.#connection.now;
  }

  /** The time on the room's clock in so many milliseconds. Phones compare it with their `me.now()`, so all of them see the same second. */
  countdown(ms: number): number {
    if (typeof ms !== "number" || !Number.isFinite(ms)) {
      throw invalid(`\`countdown\` takes milliseconds; this is ${quote(ms)}.`);
    }
    return Math.round(this.now() + ms);
  }

  /**
   * The milliseconds that a message takes from here to the player's phone and back.
   * @throws {CouchwireError} (by rejecting) as `player.ask`
   */
  async latency(player: PlayerRef): Promise<number> {
    const id = idOf(player);
    if (id === undefined) throw invalid("This player has left the room.");
    const known = this.#roster.find(id);
    if (known === undefined) throw invalid(`There is no player ${id} in this room.`);
    return await this.#conversation.latency(known);
  }

  /** The QR code of `joinUrl`, as the text of an SVG element that fills what it is put into. */
  qr(options?: QrOptions): string {
    return qrSvg(this.joinUrl, options);
  }

  /**
   * Sends to one player, or to each of a list, of objects or ids; an empty list reaches no player, and a player who is not in the
   * room is skipped. Text arrives as text, bytes as bytes, anything else as JSON text; once, and in order. While the TV's connection is down it is
   * kept. `false` after the end.
   * @throws {CouchwireError} `invalid_argument` at ids that are none, and at data that cannot be sent; `queue_full` where
   * more than `outboxBytes` would be kept.
   */
  send(to: PlayerRefs, data: Payload, options: SendOptions = {}): boolean {
    const players = listPlayers(to);
    // On the wire an empty list means all players.
    return players.length === 0 ? !this.#connection.isClosed : this.#send(players, data, options);
  }

  /** Sends to all players in the room. Otherwise as `send`. */
  broadcast(data: Payload, options: SendOptions = {}): boolean {
    return this.#send([], data, options);
  }

  /**
   * Tells all phones of a named event: `me.on(name, …)` there hears it. Otherwise as `broadcast`; `volatile: true` stands for the event's
   * own name.
   * @throws {CouchwireError} as `broadcast`, and at a name that the SDK keeps for itself
   */
  emit<Name extends PlainEventName<Game>>(name: Name, ...rest: EventArguments<Game, Name, SendOptions>): boolean {
    const [data, options = {}] = rest;
    return this.broadcast(...eventMessage(name, data, options));
  }

  /**
   * Sends to all watchers, who are not in `players` and hear nothing else. Text arrives as text, bytes as bytes, anything else as JSON text; a watcher that
   * comes later does not get it. `false` after the end.
   * @throws {CouchwireError} as `send`
   */
  toAudience(data: Payload): boolean {
    const frame = toFrame(data);
    this.#states.flush();
    return this.#transmit(
      encodeCommand(
        typeof frame === "string" ? { cmd: "to_audience_str", data: frame } : { cmd: "to_audience", data: frame },
      ),
    );
  }

  /**
   * Tells all watchers of a named event: `me.on(name, …)` there hears it. Otherwise as `toAudience`.
   * @throws {CouchwireError} as `emit`
   */
  emitToAudience<Name extends PlainEventName<Game>>(name: Name, ...rest: EventArguments<Game, Name, never>): boolean {
    checkEventName(name);
    return this.toAudience(eventText(name, rest[0]));
  }

  /**
   * Opens a poll of the watchers, which ends the one before: from then on `tally` counts the newest vote of each watcher, and carries this id, a whole
   * number or a text of 1 to 64 bytes. Without an id the poll ends, and each `tally` holds the votes since the last one.
   * @throws {CouchwireError} `invalid_argument`
   */
  poll(id?: string | number): void {
    const isText = typeof id === "string" && id !== "" && new TextEncoder().encode(id).length <= MAX_POLL_BYTES;
    const isWhole = typeof id === "number" && Number.isInteger(id) && id >= 0 && id <= MAX_POLL_NUMBER;
    if (id !== undefined && !isText && !isWhole) {
      throw invalid(`\`poll\` takes a whole number, or a text of 1 to ${MAX_POLL_BYTES} bytes; this is ${quote(id)}.`);
    }
    this.#poll = id;
    this.#tell({ cmd: "poll", ...(id !== undefined && { id }) });
  }

  /** Lets no newcomers in, until `open`; players with a seat may still come back to it. */
  lock(): void {
    this.#tell({ cmd: "start" });
  }

  /** Lets players in again after `lock`. */
  open(): void {
    this.#tell({ cmd: "open" });
  }

  /** Removes a player for good: its phone gets close code 4503 with the reason. */
  kick(player: PlayerRef, options: string | KickOptions = {}): void {
    const id = idOf(player);
    const { reason, ban = false } = typeof options === "string" ? { reason: options } : checkKickOptions(options);
    if (id !== undefined)
      this.#tell({ cmd: "kick", player: id, ...(reason !== undefined && { reason }), ...(ban && { ban }) });
  }

  /**
   * Keeps a checkpoint of the game at the server: `value` as JSON, about 64 KiB at most; the event `error` says `too_large` past that, and the one before is kept. A
   * page that is loaded again finds it in `restored`, and then hears what happened since. What the present listener was told counts as part of it. While the
   * connection is down the newest one waits, and goes before anything else once it is up. Of what phones say after it the server keeps 8 MiB
   * (`COUCHWIRE_HOST_BUFFER`), each frame counting 64 bytes more; past that the oldest are gone, and the next page hears `gap`.
   */
  save(value: unknown): void {
    this.#saver.save(this.players, value);
  }

  /**
   * Publishes on a channel of this room, for overlays and companion pages that follow the game: on the channel `room:CODE:channel`, to all that follow it.
   * `data` is what JSON can hold, of at most 256 KiB; `channel` has 1 to 128 bytes of UTF-8, and a room has at most 64 of them. `false` after the end.
   * @throws {CouchwireError} `invalid_argument` at another name, and at what JSON cannot hold; `queue_full` where more than `outboxBytes` would be kept.
   */
  publish(channel: string, data: unknown): boolean {
    if (typeof channel !== "string" || channel === "") {
      throw invalid(`\`publish\` takes a channel's name first; this is ${quote(channel)}.`);
    }
    const plain = plainJson(data, `\`publish\` takes what JSON can hold; this is ${typeof data}.`);
    this.#states.flush();
    return this.#transmit(encodeCommand({ cmd: "publish", channel, data: plain }));
  }

  /** A link, good once and for minutes, that gives this player's seat to the phone that opens it: for one that died. */
  rescue(player: PlayerRef): Promise<string> {
    const id = idOf(player);
    if (id === undefined) return Promise.reject(invalid("This player has left the room."));
    return this.#rescues.add(() => this.#tell({ cmd: "rescue", player: id }));
  }

  /**
   * Tells how the players' connections are: now, and every so many whole seconds, 1 at least. `away` is true there as soon as the server has lost the connection, up to
   * three seconds before the event `away`. Returns a function that ends it.
   * @throws {CouchwireError} `invalid_argument`
   */
  health(everySeconds: number, listener: (players: ReadonlyMap<number, PlayerHealth>) => void): () => void {
    if (!Number.isInteger(everySeconds) || everySeconds < 1) {
      throw invalid(`\`health\` takes whole seconds, 1 or more; this is ${quote(everySeconds)}.`);
    }
    const end = this.on("health", listener);
    this.#askHealth(everySeconds);
    return () => {
      end();
      if (!this.hasListeners("health")) this.#askHealth(0);
    };
  }

  /**
   * Goes to another game of this server with the same players, code and seats: the server leads the phones to its page, and this page goes to
   * `/games/NAME/`, where `createRoom` finds the room, as a new one in which the players already are. Resolves when the server has answered. In
   * Node, where there is no page, this room ends as by `detach` if it has a `storage`, out of which the next `createRoom` takes the room; otherwise it
   * goes on as the other game's: the players stay, and the states are empty.
   * @throws {CouchwireError} (by rejecting) with the server's code where it refused, `closed` where the room is over, `invalid_argument`
   */
  startGame(name: string, options: StartGameOptions = {}): Promise<void> {
    return this.#evening.start(name, options);
  }

  /** Goes back to the launcher at `/tv`, where the players choose what comes next. Otherwise as `startGame`. */
  endGame(): Promise<void> {
    return this.#evening.start(LAUNCHER_GAME);
  }

  /**
   * Ends the room for all; the phones get close code 1001. Safe twice. Where the connection is down just then, one more
   * attempt tells the server; if that fails, the server ends the room when it has waited for the TV long enough. A game's page that came from the
   * launcher ends the game alone, as `endGame` does.
   */
  close(): void {
    if (this.#evening.isLeaving) return;
    if (this.#evening.isAtGame && !this.#connection.isClosed) this.endGame().catch(() => this.#end());
    else this.#end();
  }

  #end(): void {
    // A page that never reached the server has no room to end: the one that it had before it was loaded is kept.
    if (!this.#connection.isClosed && !this.#connection.hasReachedServer) this.#keepsRoom = true;
    this.#tell({ cmd: "stop" });
    this.#connection.close(CLOSE_CODES.room_closed);
  }

  /**
   * Ends the connection and keeps the room, until `createRoom` takes it again, on this page or the next one, or the server has
   * waited for the TV long enough: for a view that is taken down and put up again. No event follows, and nothing is sent. Safe twice.
   */
  detach(): void {
    if (this.#connection.isClosed) return;
    this.#states.endTurn();
    this.#connection.detach();
    this.#eventBuffer.close();
    this.#rescues.end();
    this.#evening.end();
    this.#conversation.end();
    this.#plan.session.release();
    this.#plan.closed(CLOSE_CODES.normal);
  }

  /** The first listener ends the wait of the buffered events. Events about the connection are never buffered. */
  protected override listened(event: string): void {
    if (!CONNECTION_EVENTS.has(event)) this.#eventBuffer.listened();
  }

  protected override checkOwnName(event: unknown): void {
    checkEventName(event);
  }

  #send(to: readonly number[], data: Payload, options: SendOptions): boolean {
    if (typeof options?.retain === "string" && options.retain.startsWith(OWN_PREFIX)) {
      throw invalid(
        `Names in \`retain\` that begin with "${OWN_PREFIX}" are the SDK's own; this is ${quote(options.retain)}.`,
      );
    }
    const { frame, replaces, sending } = outgoingOf(to, data, options);
    this.#states.flush();
    return replaces === undefined
      ? this.#transmit(frame, sending)
      : !this.#evening.isLeaving && this.#connection.sendVolatile(replaces, frame, sending);
  }

  /** From the change of game on this page says nothing more: it would be said in the next game. */
  #transmit(frame: Frame, options: FrameSendOptions = {}): boolean {
    return !this.#evening.isLeaving && this.#connection.send(frame, options);
  }

  /** What is no game's data goes out whatever waits: a full queue must not keep a room from being closed. */
  #tell(command: WireCommand): boolean {
    this.#states.flush();
    return this.#transmit(encodeCommand(command), { isOwn: true });
  }

  #askHealth(every: number): void {
    this.#healthEvery = every;
    this.#tell({ cmd: "health", every });
  }

  #prepare(): void {
    this.#opening = "asked";
    this.#tell(prepareCommand(this.#evening.game, this.#plan));
  }

  /** The connection is up: to this room, to the one that the page had before it was loaded again, or to none yet. */
  #greeted({ isFirst, isResumed, isAnew, frames, lost, unsent, hasGap }: ResumeResult): void {
    const events = frames.map(parseHostEvent).flatMap((parsed) => (parsed.ok ? (parsed.value ?? []) : []));
    const reply = events.find((event) => event.cmd === "prepare_reply");
    const state = events.find((event) => event.cmd === "state");
    this.#isToldChanges = state?.delta === true;
    const unsaved = this.#saver.takeUnsaved(isAnew);
    if (reply === undefined) {
      if (!isResumed) this.#lostRoom();
      if (this.#opening === "none") this.#prepare();
      return;
    }
    const { isNew } = this.#evening;
    const restore = isNew ? undefined : events.find((event) => event.cmd === "restore");
    const found = isFirst ? restore : undefined;
    const isOurs = found !== undefined && areOfVersion(found.keys, this.#plan.version);
    const checkpoint = found && parseCheckpoint(found.data, this.#plan.version);
    const players = isOurs ? this.#states.restore(found.keys) : undefined;
    if (found !== undefined && !isOurs) this.#states.discard(found.keys);
    if (isFirst) {
      this.#saver.begin(found?.data !== undefined);
      this.#isRestored = !isNew;
      this.#restored = checkpoint?.value;
      this.#roster.restore(checkpoint?.players ?? players ?? []);
      for (const { id } of this.players) this.#states.tellWhole(id);
    }
    if (state !== undefined) {
      this.#keepState(state);
      this.#evening.told(state.name);
      if (isFirst) this.#evening.found(state.name);
    }
    const isComplete = lost === 0 && (isResumed || checkpoint !== undefined || players !== undefined);
    const next = this.#connection.received + 1;
    if (state !== undefined && !isComplete) this.#eventBuffer.add(next, { cmd: "present", players: state.players });
    if (isAnew) this.#eventBuffer.add(next, { cmd: "anew" });
    if (!isFirst && unsaved !== undefined) this.#tell(unsaved);
    this.#opened(reply.key);
    if (isFirst) {
      this.#keepVersion(restore?.keys ?? NO_KEYS);
      for (const player of this.players) this.#conversation.meetAgain(player);
    }
    if (isAnew) {
      this.#states.saveAgain(restore?.keys ?? NO_KEYS);
      this.#rescues.end();
      this.#askHealth(this.#healthEvery);
      if (this.#poll !== undefined) this.poll(this.#poll);
    }
    if (hasGap) this.#states.tellAllAgain();
    this.#states.endTurn();
    if (isAnew) this.#keepVersion(NO_KEYS);
    if (!isFirst) this.tell("reconnected");
    if (hasGap) this.#eventBuffer.add(next, { cmd: "missing", lost, unsent });
  }

  /** Says of which version the states are. A server before 0.2 keeps none. */
  #keepVersion(keys: ReadonlyMap<string, string>): void {
    const command = this.#connection.isClockTold ? this.#saver.versionCommand(keys) : undefined;
    if (command !== undefined) this.#tell(command);
  }

  #received(frame: Frame): void {
    const parsed = parseHostEvent(frame);
    if (!parsed.ok) this.tell("error", { code: "invalid_message", reason: `${parsed.failure}.` });
    else if (parsed.value !== undefined) this.#answered(parsed.value);
    if (this.#saver.isPinDue(frame.length) && this.#states.isGames) this.#states.saveSoon();
  }

  /** Answers to what was asked are told at once, and so is everything until there is a room; the rest in its turn. */
  #answered(event: ServerEvent): void {
    if (event.cmd === "state" || event.cmd === "state_delta") this.#evening.told(event.name);
    switch (event.cmd) {
      case "prepare_reply":
        if (this.#opening !== "open") this.#keepVersion(NO_KEYS);
        return this.#opened(event.key);
      case "rescue_reply":
        return this.#rescues.resolve(this.#rescueUrl(event.url));
      case "health":
        return this.tell("health", event.players);
      case "error":
        return this.#refused(event.error);
      default:
        if (this.#code !== "") this.#later(event);
        else if (event.cmd === "state") this.#keepState(event);
        else if (event.cmd === "state_delta") this.#changeState(event);
    }
  }

  /** Tells it in its turn, but what the SDK answers or waits for itself at once. */
  #later(event: ServerEvent): void {
    const frame = event.cmd === "from_str" ? parseSdkFrame(event.data) : undefined;
    if (frame === undefined || event.cmd !== "from_str") {
      return this.#eventBuffer.add(this.#connection.received, event);
    }
    const { from } = event;
    const player = this.#roster.of(from);
    if (this.#conversation.arrived(player, frame)) return;
    this.#eventBuffer.add(this.#connection.received, { cmd: "sdk", from, frame });
  }

  #happened(event: BufferedEvent): void {
    switch (event.cmd) {
      case "state":
        this.#keepState(event);
        return this.#tellState();
      case "state_delta":
        this.#changeState(event);
        return this.#tellState();
      case "present":
        return this.#present(event.players);
      case "anew":
        for (const { id } of this.#roster.away) this.tell("back", this.#roster.setAway(id, false), 0);
        return;
      case "lost":
        this.#present([]);
        return this.#roster.forgetAll();
      case "missing":
        return this.tell("gap", { player: undefined, lost: event.lost, unsent: event.unsent });
      case "player_joined":
        this.#joined(event.player, event.name, event.user);
        return this.#isToldChanges ? this.#tellState() : undefined;
      case "player_left":
        this.#left(event.player);
        return this.#isToldChanges ? this.#tellState() : undefined;
      case "player_away":
        return this.tell("away", this.#roster.setAway(event.player, true));
      case "player_back":
        if (event.missed > 0) this.#states.tellWhole(event.player);
        if (event.missed > 0) this.#conversation.askAgain(this.#roster.of(event.player));
        return this.tell("back", this.#roster.setAway(event.player, false), event.missed);
      case "gap":
        return this.tell("gap", { player: this.#roster.of(event.player), lost: event.lost, unsent: 0 });
      case "from":
        return this.tell("binary", this.#roster.of(event.from), event.data);
      case "audience":
        this.#state = { ...this.#state, audience: event.count };
        return this.tell("tally", {
          counts: event.tally,
          other: event.other ?? 0,
          watchers: event.count,
          poll: event.poll,
        });
      case "from_str":
        return this.#heard(this.#roster.of(event.from), event.data);
      case "sdk":
        return this.#sdkFrame(this.#roster.of(event.from), event.frame);
      default:
        return; // answers were told already
    }
  }

  /** What a player's SDK said, in its turn. A newer one may say more than is known here. */
  #sdkFrame(player: Player<Game>, frame: SdkFrame): void {
    if (frame.cw === "event") this.#conversation.happened(player, frame);
    else if (frame.cw === "state") this.#states.heard(player.id, frame);
  }

  /** Joins and leaves that this page did not hear of one by one. */
  #present(players: readonly number[]): void {
    const present = new Set(players);
    for (const { id } of this.players) if (!present.has(id)) this.#left(id);
    for (const id of players) this.#joined(id);
    this.#states.keepOnly(players);
  }

  #keepState({ name, max_players, accept_conns, audience = 0, waiting = 0, delta }: StateEvent): void {
    this.#state = { name, maxPlayers: max_players, isOpen: accept_conns, audience, waiting };
    if (delta === true) this.#isToldChanges = true; // else it may be a state from before the page was loaded again
  }

  #changeState({
    name = this.#state.name,
    max_players = this.#state.maxPlayers,
    accept_conns = this.#state.isOpen,
    audience = this.#state.audience,
    waiting = this.#state.waiting,
  }: StateDeltaEvent): void {
    this.#state = { name, maxPlayers: max_players, isOpen: accept_conns, audience, waiting };
  }

  /** The list of players is made for a listener only: in a large room it is long. */
  #tellState(): void {
    if (this.hasListeners("state")) this.tell("state", { ...this.#state, players: this.players });
  }

  #joined(id: number, name?: string, user?: string): void {
    const { player, isNew } = this.#roster.join(id, readName(name), user);
    if (!isNew) return;
    this.#states.tellWhole(id);
    if (this.#isRestored || this.#evening.isOn) this.#conversation.meetAgain(player);
    this.#evening.playersChanged();
    this.tell("join", player);
  }

  #left(id: number): void {
    const player = this.#roster.leave(id);
    if (player === undefined) return;
    this.#conversation.end(player);
    this.#states.left(id);
    this.#evening.playersChanged();
    this.tell("leave", player);
  }

  #heard(player: Player<Game>, text: string): void {
    this.tell("text", player, text);
    if (!this.hasListeners("json")) return;
    const json = parseJson(text);
    if (json !== undefined) this.tell("json", player, json.value);
  }

  #opened(code: string): void {
    if (this.#opening === "open") return;
    const isFirst = this.#code === "";
    this.#code = code;
    this.#opening = "open";
    if (isFirst) {
      this.#evening.opened();
      return this.#plan.opened();
    }
    this.#states.endTurn();
    if (this.#healthEvery > 0) this.#askHealth(this.#healthEvery);
    if (this.#poll !== undefined) this.poll(this.#poll);
    this.tell("reopened", { code });
  }

  /** The next game begins in this program: with the players, and with nothing that the one before said, asked, saved or restored. */
  #beginGame(): void {
    if (this.#poll !== undefined) this.poll();
    this.#isRestored = false;
    this.#restored = undefined;
    this.#states.beginGame();
    this.#saver.begin(false);
    this.#conversation.end();
    this.#keepVersion(NO_KEYS);
    for (const player of this.players) this.#conversation.meetAgain(player);
  }

  /** @internal Phones reach the server under another address now. */
  moved(): void {
    this.tell("moved", { joinUrl: this.joinUrl });
  }

  /** The server does not know under which address this page reached it; the way in is the one of the QR code. */
  #rescueUrl(url: string): string {
    return this.#plan.foreignJoinUrl === undefined ? this.joinUrl + new URL(url).search : url;
  }

  /** The server knows nothing of the room any more, nor of its players. */
  #lostRoom(): void {
    this.#opening = "none";
    this.#state = { ...this.#state, isOpen: false, audience: 0, waiting: 0 };
    this.#rescues.end();
    this.#evening.end();
    if (this.#code !== "") this.#eventBuffer.add(this.#connection.received + 1, { cmd: "lost" });
    this.#states.lostRoom();
  }

  /** A refused `prepare` leaves no room: the first time that is the end, later the server may have room again. */
  #refused(refusal: RoomError): void {
    this.tell("error", refusal);
    if (refusal.in === "rescue") this.#rescues.refuse(refusal);
    if (refusal.in === "game") this.#stays(refusal);
    if (this.#opening === "open") return;
    const close: CloseReason = { code: CLOSE_CODES.overloaded.code, reason: refusal.reason };
    this.#opening = "none";
    if (this.#code !== "") return this.#connection.retry(close);
    this.#refusal = refusal;
    this.#connection.close(close);
  }

  /** The room is this game's still. What was set and saved while the server was asked goes now. */
  #stays(refusal: RoomError): void {
    this.#evening.refused(refusal);
    const unsaved = this.#saver.takeUnsaved();
    if (unsaved !== undefined) this.#tell(unsaved);
    this.#states.endTurn();
  }

  #closed({ code, reason }: CloseReason): void {
    this.#opening = "none";
    this.#state = { ...this.#state, isOpen: false };
    this.#eventBuffer.close();
    this.#rescues.end();
    this.#evening.end();
    this.#conversation.end();
    // A copy of this tab has the room now, and this one may take it back by being loaded again.
    if (code === CLOSE_CODES.replaced.code || this.#keepsRoom) this.#plan.session.release();
    else this.#plan.session.forget();
    this.#plan.closed({ code, reason }, this.#refusal);
    this.tell("close", { code, name: closeNameOf(code), reason });
  }
}
