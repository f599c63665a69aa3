/** A phone's connection to a room. */
import { CLOSE_CODES, type CloseName } from "../protocol/close-codes.ts";
import type { GameNotice } from "../protocol/reliable/control-frames.ts";
import { checkTtl, checkVolatile } from "./addressing.ts";
import type { ConnectFailure } from "./connect-failure.ts";
import {
  AGAIN,
  Conversation,
  eventMessage,
  eventText,
  isOwnEvent,
  PING,
  type ConversationPort,
  type OwnListeners,
} from "./conversation.ts";
import type { CloseReason, Retry } from "./reconnecting-socket.ts";
import { closeNameOf } from "./couchwire-error.ts";
import { Emitter } from "./emitter.ts";
import { EventBuffer } from "./event-buffer.ts";
import { GAMES_REQUEST, REMOTE } from "./evening.ts";
import { checkEventName } from "./event-names.ts";
import { leaveFor, loadWayBack, pageOfRoom } from "./game-pages.ts";
import type {
  EventAnswer,
  EventArguments,
  GameListeners,
  GameShape,
  PlainEventName,
  RequestName,
  PlayerStateOf,
  StateOf,
} from "./game-types.ts";
import type { ResumeResult } from "./reliable-session.ts";
import { checkOptions, type KnownOptions } from "./known-options.ts";
import { ReliableConnection, type ReliableConnectionPlan } from "./reliable-connection.ts";
import type { Frame } from "./outbox.ts";
import type { AskOptions } from "./open-asks.ts";
import { JoinedRoom } from "./joined-room.ts";
import { parseJson, toFrame, type Payload } from "./payload.ts";
import { PLAYER_COLORS, usualColor } from "./player-colors.ts";
import {
  changeProfile,
  COLOR,
  PROFILE,
  readProfile,
  type PlayerMeta,
  type PlayerProfile,
  type ProfileChanges,
} from "./player-profile.ts";
import { parseSdkFrame, type SdkFrame } from "./sdk-frames.ts";
import { invalid, quote } from "./invalid-argument.ts";
import type { ClaimedSession } from "./session.ts";
import type { Environment } from "./environment.ts";
import { SharedState } from "./state/shared-state.ts";
import { StateReader } from "./state/state-reader.ts";

/** The events of a player's room with their listeners' arguments. */
export interface PlayerRoomEvents {
  /**
   * The phone has its seat, or watches: see `me.role`. `isReconnect`: not for the first time on this page. `isResumed`: nothing was missed; otherwise
   * it begins from nothing, and gets what the host retained for it as ordinary frames.
   */
  open: [opening: { readonly isReconnect: boolean; readonly isResumed: boolean }];
  /**
   * The room is full, and this phone waits for a seat: its place in the line, from 1, each time that it changes. `open` follows when it has its
   * seat; what is sent meanwhile is kept.
   */
  queue: [position: number];
  /** The host sent a text frame. */
  text: [text: string];
  /** The host sent an object or a list as JSON. Emitted after `text`. Numbers, strings and `null` are emitted as `text` only. */
  json: [value: unknown];
  /** The host sent a binary frame. */
  binary: [bytes: Uint8Array<ArrayBuffer>];
  /**
   * What `me.state` shows has changed: the keys with their new values, `null` where a key was deleted. With the first listener, and each
   * that is added later, once all keys that there are.
   */
  state: [changes: Readonly<Record<string, unknown>>];
  /** The TV, or the program behind the server, refused what this phone said or set, and says why. */
  refused: [reason: string];
  /** The TV has given this player another name or another `meta`, by `player.setProfile`. */
  profile: [];
  /**
   * The TV's page was loaded again. Of what stands in no state and that the TV heard before, such as where a stick is held, it knows nothing: a
   * page says it again now. The controls of the kit do so by themselves.
   */
  reloaded: [];
  /** The connection went down. Frames that are sent meanwhile are kept. */
  away: [];
  /** The connection is up again; `open` follows. */
  back: [];
  /** An attempt to connect failed; the failure has the cause and the server's address. The SDK tries again by itself. */
  connecting: [failure: ConnectFailure];
  /** An attempt failed, or the connection went down. The SDK tries again by itself. */
  reconnecting: [retry: Retry];
  /** The TV goes to another game. This page ends, without another event, and goes to that game's page with the same seat; in Node it ends alone. */
  game: [game: { readonly name: string; readonly url: string }];
  /**
   * `lost` frames of the host will never arrive here, and `unsent` frames from here never there: they could not be kept. After a restart of the server there
   * may be more of both than it knows of, so that is told with 0 as well.
   */
  gap: [gap: { readonly lost: number; readonly unsent: number }];
  /**
   * It is over, and does not come back. `name` is the code's name in `CLOSE_CODES`; `replaced` says that the same seat is used
   * on another page, which may be a copy of this tab. To load the page again takes it back.
   */
  close: [close: CloseReason & { readonly name: CloseName | undefined; readonly isFinal: true }];
}

/** `me.state`: the room's keys and this player's, of which the phone writes the player's. */
export type PhoneState<Game extends GameShape = GameShape> = SharedState<
  StateOf<Game> & PlayerStateOf<Game>,
  PlayerStateOf<Game>
>;

/** What a phone is in the room: a player with a seat, or one of the watchers, who have none. */
export type PhoneRole = "player" | "audience";

/** The parameters of a player's connection, resolved by `joinRoom`. */
export interface PlayerRoomPlan extends ReliableConnectionPlan {
  readonly code: string;
  /** The name and the meta that were given, now or before the page was loaded again. */
  readonly profile: PlayerProfile;
  /** Whether the TV said frames of the SDK's before this page was loaded again. */
  readonly isSdk: boolean;
  /** Whether the TV is to be told of it: only a game that uses the SDK on its TV says more than a name. */
  readonly tellsProfile: boolean;
  readonly session: ClaimedSession;
  /** Called when the phone has its seat. */
  readonly opened: () => void;
}

/** Options of `send`. */
export interface PlayerSendOptions {
  /**
   * Only the newest counts: for positions, not for answers. The first goes at once; then 30 a second at most, of which the last always
   * arrives, and all names together leave room under what the server takes of a phone. A name, of 1 to 64 bytes, keeps several
   * things apart: `"pos"`, `"aim"`. @default false
   */
  readonly volatile?: boolean | string;
  /**
   * Milliseconds that the frame may wait for the connection, from 1 to 3,600,000: after them it is not sent any more, as with a buzz.
   * @default as long as it takes
   */
  readonly ttl?: number;
}

const SEND_OPTIONS: KnownOptions<PlayerSendOptions> = { volatile: true, ttl: true };

/** Close codes after which the seat is gone. `kicked` is not among them: the session is kept so that a ban still applies to it. */
const SEAT_IS_GONE: ReadonlySet<number> = new Set([
  CLOSE_CODES.normal.code,
  CLOSE_CODES.room_closed.code,
  CLOSE_CODES.room_not_found.code,
  // The server would have admitted a session with a seat.
  CLOSE_CODES.room_full.code,
  CLOSE_CODES.room_locked.code,
]);

/** Events that are told at once. What was said waits until it has a listener. */
const CONNECTION_EVENTS: ReadonlySet<string> = new Set<keyof PlayerRoomEvents>([
  "open",
  "queue",
  "away",
  "back",
  "connecting",
  "reconnecting",
  "refused",
  "profile",
  "reloaded",
  "game",
  "gap",
  "close",
]);

/** Bytes of UTF-8 in a watcher's vote. Longer text would end its connection. */
const MAX_VOTE_BYTES = 64;
const ONLY_VOTES = "This phone watches and has no seat: the TV hears its `vote`, and nothing else.";
const utf8 = new TextEncoder();

/** The side that a phone talks with. */
const HOST = "host";

/** A player's connection to a room, opened by `joinRoom`. */
export class PlayerRoom<Game extends GameShape = GameShape> extends Emitter<PlayerRoomEvents, GameListeners<Game, []>> {
  /** The room code: four capitals. */
  readonly code: string;
  /**
   * What this phone sees of the states, as keys with JSON values: the room's, which the TV sets, and above it this player's own, which the
   * TV and this phone set. `me.state.set("ready", true)` sets a key of this player; the TV has it in `player.state`.
   */
  readonly state: PhoneState<Game>;
  /** The room as this phone sees it. */
  readonly room: JoinedRoom<Game>;
  readonly #plan: PlayerRoomPlan;
  readonly #connection: ReliableConnection;
  readonly #conversation: Conversation<typeof HOST>;
  readonly #states: StateReader;
  #endOfState = (): void => undefined;
  readonly #eventBuffer = new EventBuffer<Frame | SdkFrame>((said) => this.#heard(said));
  #keepsSeat = false;
  #id: number | undefined;
  #roomName: string | undefined;
  #profile: PlayerProfile;
  /** The TV says frames of the SDK's: only then this side says some on its own behalf. */
  #isSdk: boolean;
  /** The TV's word on it, where it is not the usual one. */
  #color: string | undefined;
  #isRemote = false;
  #role: PhoneRole;
  #position: number | undefined;
  #hasBeenOpen = false;

  /** @internal They come from `joinRoom`. */
  constructor(plan: PlayerRoomPlan, environment: Environment) {
    super({
      open: [],
      queue: [],
      text: [],
      json: [],
      binary: [],
      state: [],
      refused: [],
      profile: [],
      reloaded: [],
      away: [],
      back: [],
      connecting: [],
      reconnecting: [],
      game: [],
      gap: [],
      close: [],
    });
    this.code = plan.code;
    this.#plan = plan;
    this.#role = plan.isWatcher === true ? "audience" : "player";
    this.#states = new StateReader({
      isUp: () => this.isConnected,
      send: (text) => this.#sendState(text),
      player: () => this.#id,
      refused: (reason) => this.tell("refused", reason),
      now: () => performance.now(),
      random: environment.random,
    });
    this.state = new SharedState(this.#states.source);
    const roomState = new SharedState<StateOf<Game>>(this.#states.sharedSource);
    this.room = new JoinedRoom(plan.code, { name: () => this.#roomName, now: () => this.now(), state: roomState });
    this.#profile = plan.profile;
    this.#isSdk = plan.isSdk;
    const owner = {
      greeted: (greeting: ResumeResult) => this.#opened(greeting),
      received: (frame: Frame) => this.#received(frame),
      queued: (position: number) => this.#waits(position),
      watching: () => this.#watches(),
      refused: (reason: string) => this.#refused(reason),
      game: (notice: GameNotice) => this.#leaveFor(notice),
      lost: (retry: Retry, wasUp: boolean) => this.#lost(retry, wasUp),
      connecting: (failure: ConnectFailure) => this.tell("connecting", failure),
      closed: (close: CloseReason) => this.#closed(close),
    };
    this.#connection = new ReliableConnection(plan, owner, environment);
    const port: ConversationPort<typeof HOST> = {
      send: (_host, text, { ttl, isOwn = false }) => {
        this.#states.flush();
        return this.#connection.send(text, { isOwn, ...(ttl !== undefined && { ttlMs: ttl }) });
      },
      tell: (name, _host, data) => this.tellOwn(name, data),
      random: environment.random,
    };
    this.#conversation = new Conversation(port, this.#ownListeners());
    if (plan.tellsProfile) this.#sayProfile();
  }

  /**
   * What this phone is: `"player"`, or `"audience"` where it watches, because `joinRoom` asked for that or the room was full and `createRoom` said
   * `overflow: "audience"`. A watcher hears what the TV tells its audience, and says votes.
   */
  get role(): PhoneRole {
    return this.#role;
  }

  /** The place in the line of phones that wait for a seat, from 1; `undefined` where this phone does not wait. */
  get position(): number | undefined {
    return this.#position;
  }

  /** The player's id, as the TV sees it; `undefined` before the first `open`. */
  get id(): number | undefined {
    return this.#id;
  }

  /** The player's name, as the TV sees it; `""` where none was given and the id is not known yet. */
  get name(): string {
    const { name = "" } = this.#profile;
    return name === "" && this.#id !== undefined ? `Player ${this.#id}` : name;
  }

  /** What the game shows of the player beside its name, as it was given last; see `setProfile`. */
  get meta(): PlayerMeta {
    return this.#profile.meta;
  }

  /** The player's colour on the TV, such as `#1c70ee`; `undefined` before the first `open`. */
  get color(): string | undefined {
    return this.#color ?? (this.#id === undefined ? undefined : usualColor(this.#id));
  }

  /**
   * Says what the TV shows of this player: a name, and anything else, at most 2 KiB of JSON, such as `{ avatar: 3 }`. What is left out stays as
   * it is. There it is `player.name` and `player.meta`, and the event `profile` tells of it.
   * @throws {CouchwireError} `invalid_argument`
   */
  setProfile(changes: ProfileChanges): void {
    this.#profile = changeProfile(this.#profile, changes);
    this.#sayProfile();
  }

  /** The room's clock, in milliseconds since 1970: the same as the TV's and that of all phones, to some milliseconds; see `room.now` there. */
  now(): number {
    return this.#connection.now;
  }

  /**
   * The milliseconds that a message takes from here to the TV and back.
   * @throws {CouchwireError} (by rejecting) as `ask`
   */
  async latency(): Promise<number> {
    const askedAt = performance.now();
    await this.#conversation.askOwn(HOST, PING);
    return performance.now() - askedAt;
  }

  /** Whether the connection is open now. */
  get isConnected(): boolean {
    return this.#connection.isUp || this.#connection.isWatching;
  }

  /**
   * A watcher's vote: text of 1 to 64 bytes, which the server counts with those of all other watchers; the TV hears `tally`. While a poll is open
   * the newest vote of each watcher counts. `false` where this phone does not watch now.
   * @throws {CouchwireError} `invalid_argument`
   */
  vote(text: string): boolean {
    const bytes = typeof text === "string" ? utf8.encode(text).length : 0;
    if (bytes < 1 || bytes > MAX_VOTE_BYTES) {
      throw invalid(`A vote is text of 1 to ${MAX_VOTE_BYTES} bytes; this is ${quote(text)}.`);
    }
    return this.#connection.vote(text);
  }

  /**
   * Sends to the host: text as text, bytes as bytes, anything else as JSON text. It arrives once and in order; while there
   * is no connection it is kept. `false` after the end: then nothing is sent any more.
   * @throws {CouchwireError} `queue_full` where more than `outboxBytes` would be kept, `invalid_argument` at data that cannot be sent.
   */
  send(data: Payload, options: PlayerSendOptions = {}): boolean {
    const frame = toFrame(data);
    checkOptions(options, SEND_OPTIONS, "send");
    const { volatile: name = false, ttl } = options;
    checkVolatile(name);
    checkTtl(ttl);
    if (this.#role === "audience") throw invalid(ONLY_VOTES);
    const own = typeof frame === "string" ? frame : frame.slice(); // The game may change its bytes before they are sent.
    const sending = ttl === undefined ? {} : { ttlMs: ttl };
    if (name === false) {
      this.#states.flush();
      return this.#connection.send(own, sending);
    }
    return this.#connection.sendVolatile(name === true ? "" : name, own, sending);
  }

  /**
   * Tells the TV of a named event: `room.on(name, (player, data) => …)` there hears it. Otherwise as `send`; `volatile: true` stands for
   * the event's own name.
   * @throws {CouchwireError} as `send`, and at a name that the SDK keeps for itself
   */
  emit<Name extends PlainEventName<Game>>(name: Name, ...rest: EventArguments<Game, Name, PlayerSendOptions>): boolean {
    const [data, options = {}] = rest;
    return this.send(...eventMessage(name, data, options));
  }

  /**
   * Asks the TV, where `room.on(name, (player, data) => …)` returns the answer, or a promise of it. Lost connections do no harm, on either
   * side.
   * @throws {CouchwireError} (by rejecting) `timeout`; `not_answered` where nothing listens to it there; `answer_failed` where the listener
   * threw, with its message; `closed` where it is over; and as `emit`
   */
  async ask<Name extends RequestName<Game>>(
    name: Name,
    ...rest: EventArguments<Game, Name, AskOptions>
  ): Promise<EventAnswer<Game, Name>> {
    const [data, options = {}] = rest;
    if (this.#role === "audience") throw invalid(ONLY_VOTES);
    return await this.#conversation.ask<EventAnswer<Game, Name>>(HOST, name, data, options);
  }

  /** Leaves the room for good and gives the seat up. Safe to call twice. */
  close(): void {
    // A page that never reached the server gives nothing up: a seat from before the reload is kept.
    if (!this.#connection.isClosed && !this.#connection.hasReachedServer) this.#keepsSeat = true;
    this.#connection.close(CLOSE_CODES.normal);
  }

  /**
   * Ends the connection and keeps the seat, which is away until `joinRoom` takes it again, on this page or the next one:
   * for a view that is taken down and put up again. No event follows, and nothing is sent. Safe twice.
   */
  detach(): void {
    if (this.#connection.isClosed) return;
    this.#states.flush();
    this.#states.close();
    this.#connection.detach();
    this.#eventBuffer.close();
    this.#conversation.end();
    this.#plan.session.release();
  }

  /** The first listener of what is said ends its wait. */
  protected override listened(event: string): void {
    if (event === "state") this.#listenToState();
    else if (!CONNECTION_EVENTS.has(event)) this.#eventBuffer.listened();
  }

  protected override checkOwnName(event: unknown): void {
    checkEventName(event);
  }

  /** The TV shows it from now on, also when its page or this one is loaded again. */
  #sayProfile(): void {
    this.#note();
    this.#connection.send(eventText(PROFILE, this.#profile), { isOwn: true });
  }

  #note(): void {
    this.#plan.session.note({ profile: this.#profile, isSdk: this.#isSdk });
  }

  #ownListeners(): OwnListeners<typeof HOST> {
    return new Map<string, (host: typeof HOST, data: unknown) => unknown>([
      [PING, () => null],
      [AGAIN, () => this.#hostReloaded()],
      [PROFILE, (_host, data) => this.#giveProfile(data)],
      [REMOTE, () => this.#becomeRemote()],
      [COLOR, (_host, color) => void (this.#color = PLAYER_COLORS.find((known) => known === color))],
    ]);
  }

  /** What the TV's page was asked and told before, it has forgotten. */
  #hostReloaded(): void {
    this.#conversation.askAgain(HOST);
    this.tell("reloaded");
  }

  /** The TV's word counts. This page says it back, after whatever it has said of itself meanwhile, so that both sides end with the same. */
  #giveProfile(data: unknown): void {
    const given = readProfile(data);
    if (given === undefined) return;
    this.#profile = { ...this.#profile, ...given };
    this.#sayProfile();
    this.tell("profile");
  }

  #waits(position: number): void {
    this.#role = "player";
    this.#position = position;
    this.tell("queue", position);
  }

  #watches(): void {
    const isReconnect = this.#hasBeenOpen;
    this.#hasBeenOpen = true;
    this.#role = "audience";
    this.#position = undefined;
    if (isReconnect) this.tell("back");
    this.tell("open", { isReconnect, isResumed: false });
  }

  #opened({ isFirst, isResumed, isAnew, frames, lost, unsent, hasGap, hello }: ResumeResult): void {
    this.#id = hello.player ?? this.#id;
    this.#roomName = hello.game ?? this.#roomName;
    this.#role = "player";
    this.#position = undefined;
    const isReconnect = this.#hasBeenOpen;
    this.#hasBeenOpen = true;
    this.#plan.opened();
    if (!isResumed || lost > 0) this.#meetAgain(isFirst);
    if (isReconnect) this.tell("back");
    this.tell("open", { isReconnect, isResumed });
    if (hasGap) this.tell("gap", { lost, unsent });
    if (isAnew) this.#states.beginAnew();
    for (const frame of frames) this.#received(frame);
    this.#states.opened();
    if (unsent > 0) this.#states.writeAgain();
    if (lost > 0) this.#states.askAfterGap();
  }

  /** This page has not got all that the TV said: it may have been asked something, or its own requests be lost with the seat of before. */
  #meetAgain(isFirst: boolean): void {
    if (!isFirst) this.#conversation.askAgain(HOST);
    if (this.#isSdk) this.#connection.send(eventText(AGAIN, undefined), { isOwn: true });
  }

  /** Tells it in its turn, but what the SDK answers or waits for itself at once. */
  #received(frame: Frame): void {
    const sdkFrame = typeof frame === "string" ? parseSdkFrame(frame) : undefined;
    if (sdkFrame !== undefined && !this.#isSdk) {
      this.#isSdk = true;
      this.#note();
    }
    if (sdkFrame?.cw === "reply") this.#conversation.answered(HOST, sdkFrame);
    else if (sdkFrame?.cw === "state") this.#states.heard(sdkFrame);
    else if (sdkFrame !== undefined && isOwnEvent(sdkFrame)) this.#conversation.happened(HOST, sdkFrame);
    else this.#eventBuffer.add(this.#connection.received, sdkFrame ?? frame);
  }

  #heard(said: Frame | SdkFrame): void {
    if (typeof said !== "string" && "cw" in said) return this.#sdkFrame(said);
    if (typeof said !== "string") return this.tell("binary", said);
    this.tell("text", said);
    if (!this.hasListeners("json")) return;
    const json = parseJson(said);
    if (json !== undefined) this.tell("json", json.value);
  }

  /** What the TV's SDK said, in its turn. A newer one may say more than is known here. */
  #sdkFrame(frame: SdkFrame): void {
    if (frame.cw === "event") this.#conversation.happened(HOST, frame);
  }

  /** The server's hook refused a message: which one is not said, so the TV is asked for the states. */
  #refused(reason: string): void {
    this.tell("refused", reason);
    this.#states.askAfterRefusal();
  }

  #sendState(text: string): boolean {
    try {
      return this.#connection.send(text);
    } catch {
      return false; // no room: what was written goes with what is written next
    }
  }

  /** A listener that comes late is told first what there is. */
  #listenToState(): void {
    this.#endOfState();
    this.#endOfState = this.#states.mine.on((changes) => this.tell("state", changes));
  }

  /** The TV is at another game, and so is this phone with the same seat. What waits here was said in the game that is over. */
  #leaveFor({ name, url }: GameNotice): void {
    this.tell("game", { name, url });
    this.detach();
    leaveFor(pageOfRoom(this.#plan.server, this.code, url));
  }

  /** The TV says that this phone is the remote of the evening: it may lead back to the games. */
  #becomeRemote(): void {
    if (this.#isRemote) return;
    this.#isRemote = true;
    loadWayBack(this.#plan.server, false, () => {
      this.#conversation.askOwn(HOST, GAMES_REQUEST).catch(() => undefined); // the room is over, or the TV is away for long
    });
  }

  #lost(retry: Retry, wasUp: boolean): void {
    if (wasUp) this.tell("away");
    this.tell("reconnecting", retry);
  }

  #closed({ code, reason }: CloseReason): void {
    if (SEAT_IS_GONE.has(code) && !this.#keepsSeat) this.#plan.session.forget();
    else this.#plan.session.release();
    this.#eventBuffer.close();
    this.#states.close();
    this.#conversation.end();
    this.tell("close", { code, name: closeNameOf(code), reason, isFinal: true });
  }
}
