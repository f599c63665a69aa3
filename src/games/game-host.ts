/**
 * The host of one open room: code in this process instead of a page (P6). It keeps the members, passes on what they say, calls the functions of the kind
 * (`defineRoom`) and is what those see of the room (`GameRoom`). The seats, limits and connections are the room's (`room/`), as for a host behind a wire.
 */
import type { AdmissionOutcome } from "../admission/connect-request.ts";
import type { MemberPort, MemberRequest } from "../admission/member-rooms.ts";
import type { OpenRoomPlan } from "../hub/hub.ts";
import type { MemberRecord } from "../hub/room-record.ts";
import type { CloseName } from "../protocol/close-codes.ts";
import type { PlayerId } from "../protocol/commands.ts";
import type { PlayerHealth, RoomEvent } from "../protocol/events.ts";
import { isLater, type Eventually } from "../protocol/eventually.ts";
import { FrameMemory } from "../room/frame-memory.ts";
import type { MemoryBudget } from "../room/memory-budget.ts";
import type { Clock, DepartureReason, HostPeer, Message } from "../room/ports.ts";
import type { Room } from "../room/room.ts";
import type { SeatConnection } from "../room/seat.ts";
import { eventsEncoder, plainEncoder, type MemberNews } from "../session/member-encoder.ts";
import { Announcer } from "./announcer.ts";
import { Arrivals, type ArrivalRequest, type ArrivalRoom } from "./arrivals.ts";
import type { Bot } from "./bot.ts";
import type { RoomKind } from "./define-room.ts";
import { EmptyRoomTimer, occupationBy, type Occupation } from "./empty-room-timer.ts";
import { GameMember, leaveReasonOf, type MemberOwner } from "./game-member.ts";
import type {
  Delivery,
  HistoryEntry,
  Json,
  LeaveReason,
  Member,
  MemberRecipients,
  Role,
  SayOptions,
} from "./game-room.ts";
import { HandlerCalls, type HandlerFault } from "./handler-calls.ts";
import { IncomingMessages, type MessageRoom } from "./incoming-messages.ts";
import type { RoomInfo } from "./hooks.ts";
import type { MemberHooks } from "./member-hooks.ts";
import { MemberRoster } from "./member-roster.ts";
import { MessageHistory } from "./message-history.ts";
import { recordOf, ReopenError, type GameRecord, type Reopening } from "./open-room-record.ts";
import { RoomBots, type BotRoom } from "./room-bots.ts";
import { RoomSpeech } from "./room-speech.ts";
import { UpdatableState } from "./updatable-state.ts";
import { RoomTimers } from "./room-timers.ts";

export interface GameHostOptions {
  readonly kind: RoomKind;
  readonly name: string | undefined;
  readonly hasCode: boolean;
  readonly maxPlayers: number;
  /** What newcomers by code have to show. */
  readonly pin: string | undefined;
  readonly meta: Json;
  /** The first state; `undefined`: what the kind creates. */
  readonly state: unknown;
  /** Where the peer is that opened it; `""` for a program in this process. */
  readonly address: string;
  /** Milliseconds that the room is kept while it is empty. */
  readonly emptyRoomMs: number;
  /** Milliseconds that the seat of an away member is kept. */
  readonly seatGraceMs: number;
  readonly createRoom: (host: HostPeer, plan: OpenRoomPlan) => Room;
  readonly clock: Clock;
  /** Milliseconds since 1970. */
  readonly wallClock: () => number;
  /** From 0 up to 1, without 1. */
  readonly random: () => number;
  readonly budget: MemoryBudget;
  readonly onFault: (fault: HandlerFault) => void;
  /** What the program says about all rooms. @default nothing */
  readonly hooks?: MemberHooks | undefined;
  /** Why a program has banned a peer, where it has. */
  readonly banOf: (request: MemberRequest) => AdmissionOutcome | undefined;
  /** The room is over. Called before its members are closed, so that its name is free. */
  readonly onClosed: (host: GameHost) => void;
  /** Whether records of rooms are kept. */
  readonly keepsRecords: boolean;
  /** What it goes on with. @default the room is new */
  readonly reopened?: Reopening | undefined;
}

/** Bytes that a room keeps for its history and for what waits to be handled. */
const MEMORY_BYTES = 64 * 2 ** 20;
const DEFAULT_MAX_SPECTATORS = 1_000;
/** Numbers of guests that a reopened room leaves out: those that were given after its last record are among them. */
const SPARE_GUESTS = 100;
const NOT_JUDGED = "The server could not judge your token. Show it again.";
const NOTHING_TO_RENEW = "You came without a token, so there is none to renew.";

const fromUtf8 = new TextDecoder("utf-8", { ignoreBOM: true });

export class GameHost implements ArrivalRoom, MessageRoom, MemberOwner, BotRoom {
  readonly kind: string;
  readonly name: string | undefined;
  readonly meta: Json;
  readonly maxPlayers: number;
  readonly code: string | undefined;
  readonly room: Room;
  readonly definition: RoomKind;
  readonly isReopened: boolean;
  readonly calls: HandlerCalls;
  /** What waits in the room counts here. */
  readonly memory: FrameMemory;
  readonly #options: GameHostOptions;
  readonly #announcer: Announcer;
  readonly #speech: RoomSpeech;
  readonly #arrivals: Arrivals;
  readonly #incoming: IncomingMessages;
  readonly #history: MessageHistory;
  readonly #timers: RoomTimers;
  readonly #emptyTimer: EmptyRoomTimer;
  readonly #bots: RoomBots;
  readonly #state: UpdatableState;
  readonly #roster = new MemberRoster();
  /** Newcomers wait until the kind has created the room. */
  #whenCreated: PromiseLike<unknown> | undefined;
  #isFull = false;
  #isLocked = false;
  #ending: LeaveReason | undefined;
  #problem: string | undefined;

  /** Throws where the server has no room left, and `ReopenError` where a room cannot be reopened. */
  constructor(options: GameHostOptions) {
    const {
      kind,
      name,
      hasCode,
      meta,
      address,
      clock,
      wallClock,
      random,
      budget,
      emptyRoomMs,
      seatGraceMs,
      onFault,
      createRoom,
      hooks,
      keepsRecords,
      reopened,
    } = options;
    this.#options = options;
    const { slowReader = "close" } = kind;
    this.definition = kind;
    this.kind = kind.kind;
    this.name = name;
    this.meta = meta;
    this.memory = new FrameMemory({ budget, limitBytes: MEMORY_BYTES, holder: { cut: () => this.#cut() } });
    this.isReopened = reopened !== undefined;
    const onDone = keepsRecords ? (): void => this.room.noteChange() : undefined; // it may have changed the state
    this.calls = new HandlerCalls({ kind: this.kind, room: () => this.label, clock, onFault, onDone });
    this.#history = new MessageHistory(kind.history, this.memory, wallClock);
    this.#bots = new RoomBots({ room: this, standIn: kind.standIn, clock, random });
    this.#announcer = new Announcer(
      () => this.room.players,
      (from, json) => {
        this.#history.add(from, json);
        this.room.noteChange();
      },
      this.#bots,
    );
    this.#speech = new RoomSpeech(this, this.#announcer);
    this.#timers = new RoomTimers(clock, (timer, action) => this.#tell(`timer "${timer}"`, action));
    this.#emptyTimer = new EmptyRoomTimer({
      clock,
      emptyRoomMs,
      seatGraceMs,
      occupation: () => this.#occupation(),
      close: () => this.close("The room was empty."),
    });
    this.#incoming = new IncomingMessages(this);
    this.#arrivals = new Arrivals(this, reopened && reopened.record.lastGuest + SPARE_GUESTS - 1);
    this.room = createRoom(this.#peer(), {
      name,
      hasCode,
      maxSpectators: kind.maxSpectators ?? DEFAULT_MAX_SPECTATORS,
      address,
      isReopened: this.isReopened,
      ...(slowReader !== "close" && {
        slowReaders: {
          policy: slowReader,
          lostNotice: (player, count) => this.#roster.at(player)?.encoder.encode({ news: "lost", count }),
        },
      }),
      ...(hooks !== undefined && {
        watchPeer: (player, peer) =>
          hooks.watchPeer(
            peer,
            () => this.info,
            () => this.#roster.at(player)?.info,
          ),
      }),
    });
    if (reopened === undefined) this.#prepare();
    else this.#goOn(reopened);
    this.code = this.room.code;
    this.maxPlayers = this.room.settings.max_players;
    this.#state = new UpdatableState(options.state, this.calls);
    if (reopened !== undefined) this.#state.version = reopened.record.version;
    this.#create();
  }

  /** What another process needs to reopen the room, but for what the hub knows; `undefined` while it is not open. */
  get record(): GameRecord | undefined {
    const { snapshot } = this.room;
    if (snapshot === undefined || this.isClosed) return undefined;
    const { kind, code, name, state, version } = this;
    const { lastGuest } = this.#arrivals;
    const [roster, history] = [this.#roster, this.#history];
    return recordOf({ snapshot, kind, code, name, state, version, roster, lastGuest, history });
  }

  /** How hooks and events name the room. */
  get info(): RoomInfo {
    const { kind, code, name } = this;
    return { kind, code, name };
  }

  /** What the program says about all rooms. */
  get hooks(): MemberHooks | undefined {
    return this.#options.hooks;
  }

  /** How logs and errors name the room. */
  get label(): string {
    return this.name ?? this.room.code ?? this.kind;
  }

  get isLocked(): boolean {
    return this.#isLocked;
  }

  get isClosed(): boolean {
    return this.#ending !== undefined;
  }

  /** `onCreate` is not done. */
  get isCreating(): boolean {
    return this.#whenCreated !== undefined;
  }

  get members(): readonly GameMember[] {
    return this.#roster.all;
  }

  member(id: string): GameMember | undefined {
    return this.#roster.of(id);
  }

  // What the room says.

  broadcast(data: Json, options?: SayOptions): Delivery {
    return this.#speech.broadcast(data, options, undefined);
  }

  broadcastToOthers(member: Member, data: Json, options?: SayOptions): Delivery {
    return this.#speech.broadcast(data, options, this.#speech.own(member));
  }

  send(to: MemberRecipients, data: Json, options?: SayOptions): Delivery {
    return this.#speech.send(to, data, options);
  }

  sendWhere(matches: (member: Member) => boolean, data: Json, options?: SayOptions): Delivery {
    return this.#speech.sendTo(this.members.filter(matches), data, options);
  }

  history(limit?: number): readonly HistoryEntry[] {
    return this.#history.newest(limit).map(({ from, data, seq, time }) => ({
      from,
      data: JSON.parse(fromUtf8.decode(data)),
      seq,
      at: new Date(time).toISOString(),
    }));
  }

  // State and time.

  get state(): unknown {
    return this.#state.value;
  }

  get version(): number {
    return this.#state.version;
  }

  update(change: (state: unknown) => unknown): Promise<unknown> {
    return this.#state.update(change);
  }

  after(name: string, ms: number, action: () => void | Promise<void>): void {
    this.#timers.after(name, ms, action);
  }

  every(name: string, ms: number, action: () => void | Promise<void>): void {
    this.#timers.every(name, ms, action);
  }

  cancel(name: string): void {
    this.#timers.cancel(name);
  }

  // Who may be here.

  lock(): void {
    this.#isLocked = true;
    void this.room.command({ cmd: "start" });
    this.#emptyTimer.look();
  }

  open(): void {
    this.#isLocked = false;
    void this.room.command({ cmd: "open" });
    this.#emptyTimer.look();
  }

  kick(member: Member, reason?: string, { ban = false }: { readonly ban?: boolean } = {}): void {
    const own = this.#speech.own(member);
    if (own === undefined) return;
    const { player } = own;
    if (player === undefined) return this.#arrivals.kick(own, reason, ban);
    void this.room.command({ cmd: "kick", player, ban, ...(reason !== undefined && { reason }) });
  }

  close(reason?: string): void {
    this.room.close("room_closed", undefined, reason);
  }

  addBot(bot: Bot, options: { readonly for?: Member; readonly name?: string } = {}): Member {
    return this.#bots.add(bot, options);
  }

  /** A member wants in: a newcomer, or one that comes back to its seat. */
  join(port: MemberPort, request: ArrivalRequest): Eventually<AdmissionOutcome> {
    if (this.#whenCreated !== undefined) return this.#whenCreated.then(() => this.join(port, request));
    return this.admit(port, request);
  }

  // For arrivals.

  newMember(id: string, role: Role, { name, transport, encoder, isOpener = false }: ArrivalRequest): GameMember {
    const joinedAt = this.#options.wallClock();
    return new GameMember({ id, name, role, isBot: transport === "local", isOpener, joinedAt, encoder, owner: this });
  }

  memberOf(sessionHash: string | undefined): GameMember | undefined {
    const player = this.room.players?.playerOf(sessionHash);
    return player === undefined ? undefined : this.#roster.at(player);
  }

  hold<T>(action: () => T): T {
    return this.#announcer.hold(action);
  }

  seated(member: GameMember, { player }: SeatConnection, request: ArrivalRequest): void {
    const announcer = this.#announcer;
    member.isConnected = true;
    this.memory.count(member.metaBytes);
    this.#roster.add(player, member);
    announcer.add(player, member.encoder);
    if (member.isOpener) announcer.sayFirst(this.#created, [member]);
    const past = this.#history.newest();
    const members = this.members.map(({ card }) => card);
    announcer.sayFirst({ news: "joined", you: member.id, members, history: past.length }, [member]);
    for (const { from, data: json, seq, time } of past)
      announcer.sayFirst({ news: "text", from, json, seq, at: new Date(time).toISOString() }, [member]);
    for (const { news, retain } of member.takeEarly()) announcer.sayFirst(news, [member], undefined, retain);
    announcer.sayFirst({ news: "join", member: member.card }, "all", member);
    member.renewal = request.renew;
    this.#emptyTimer.look();
    this.hooks?.events.joined(this.info, member.info);
    announcer.do(() => this.#noticeFull());
  }

  returned(member: GameMember, request: ArrivalRequest): void {
    const { player } = member;
    if (player === undefined) return;
    this.#announcer.remove(player, member.encoder);
    member.encoder = request.encoder;
    this.#announcer.add(player, member.encoder);
    member.isConnected = true;
    member.strikes = 0;
    // A page that counts frames has been told among its first ones.
    if (member.isOpener && !request.session.isReliable) this.#announcer.say(this.#created, [member]);
    this.#bots.giveBack(member);
    member.renewal = request.renew;
    this.#emptyTimer.look();
  }

  needsNoPin({ user, transport }: MemberRequest): boolean {
    return user !== undefined || transport === "local"; // over TCP no PIN can be shown, so it is refused there
  }

  banOf(request: MemberRequest): AdmissionOutcome | undefined {
    return this.#options.banOf(request);
  }

  arrivalsChanged(): void {
    this.#emptyTimer.look();
  }

  // For bots.

  /** Lets a bot in. It does not wait until the kind has created the room: that may be where it is added. */
  admit(port: MemberPort, request: ArrivalRequest): Eventually<AdmissionOutcome> {
    const outcome = this.#arrivals.join(port, request);
    this.#emptyTimer.look();
    return outcome;
  }

  memberOrNewcomer(id: string): GameMember | undefined {
    return this.#roster.of(id) ?? this.#arrivals.get(id);
  }

  receive(member: GameMember, frame: Uint8Array, isText: boolean): void {
    this.#incoming.receive(member, frame, isText);
  }

  retainedFor({ player }: GameMember): readonly Message[] {
    return player === undefined ? [] : (this.room.players?.retainedFor(player) ?? []);
  }

  // For incoming messages.

  relay(from: GameMember, json: Uint8Array, to: readonly string[] | undefined): void {
    const news: MemberNews = { news: "text", from: from.id, fromJson: from.idJson, json };
    if (to === undefined) this.#announcer.say(news, "all", from);
    else this.#announcer.say(news, this.#speech.those(to));
  }

  relayBytes(from: GameMember, data: Uint8Array): void {
    this.#announcer.say({ news: "bytes", from: from.id, data }, "all", from);
  }

  answer(member: GameMember, code: string, message: string): void {
    // What a stand-in said wrong is nothing that waits for the member.
    if (this.#bots.refuse(member, code, message)) return;
    this.#announcer.say({ news: "error", code, message }, [member]);
  }

  strikeOut(member: GameMember, reason: string): void {
    if (this.#bots.playsFor(member)) return this.#bots.giveBack(member);
    this.#announcer.do(() => this.#endConnection(member, "bad_request", reason));
  }

  async renew(member: GameMember, token: string): Promise<void> {
    const { renewal } = member;
    if (renewal === undefined) return this.#incoming.refuse(member, "unauthorized", NOTHING_TO_RENEW);
    const called = await this.calls.call("renew", () => renewal(token));
    if (member.renewal !== renewal || !member.isConnected || this.isClosed) return; // that line has ended
    if (!called.ok) return this.answer(member, "internal_error", NOT_JUDGED);
    const judged = called.value;
    if (!judged.ok) return this.#incoming.refuse(member, "unauthorized", judged.failure);
    member.strikes = 0;
    this.#announcer.say({ news: "renewed", exp: judged.value.exp }, [member]);
  }

  setPaused(member: GameMember, isPaused: boolean): void {
    member.isPaused = isPaused;
    if (member.player !== undefined) this.room.players?.setPlayerPaused(member.player, isPaused);
  }

  // For members.

  healthOf({ player }: GameMember): PlayerHealth | undefined {
    return player === undefined ? undefined : this.room.players?.healthOf(player);
  }

  metaChanged(member: GameMember, bytes: number): void {
    if (this.#roster.of(member.id) !== member) return; // it is no newcomer's, and none of a member that has left
    this.memory.count(bytes);
    this.room.noteChange();
    this.#announcer.say({ news: "meta", member: member.card }, "all", member);
  }

  caughtUp(member: GameMember): void {
    this.#incoming.caughtUp(member);
  }

  meetBug({ id }: GameMember, error: unknown): void {
    this.calls.report(`what ${id} said`, error);
  }

  #prepare(): void {
    const { pin, meta, maxPlayers } = this.#options;
    const prepared = this.room.command({
      cmd: "prepare",
      max_players: maxPlayers,
      name: this.name ?? this.kind,
      ...(pin !== undefined && { pin }),
      ...(meta !== undefined && { meta: JSON.stringify(meta) }),
    });
    if (isLater(prepared)) throw new Error("An open room needs a directory that answers at once.");
    if (this.#problem === undefined) return;
    this.room.close("overloaded");
    throw new Error(this.#problem);
  }

  /** In place of `prepare`: the room has what its record says, and its members are away. One whose state is lost begins without them. */
  #goOn({ record, goOn }: Reopening): void {
    const { code, openedAt, pin, isLocked, isStateLost, history, lastSeq } = record;
    const members = isStateLost ? [] : record.members;
    const seats = members.map(({ seat }) => seat);
    const snapshot = {
      ...record,
      name: this.name ?? this.kind,
      isLocked: isLocked && !isStateLost,
      maxPlayers: this.#options.maxPlayers,
      seats,
    };
    const failure = goOn(this.room, { code, id: this.name, openedAt, pin, snapshot });
    if (failure !== undefined) {
      this.#problem = failure;
      this.room.close("overloaded");
      throw new ReopenError(failure);
    }
    this.#isLocked = snapshot.isLocked;
    if (!isStateLost) this.#history.goOn(history, lastSeq);
    for (const member of members) this.#seatAgain(member);
    this.#isFull = this.room.playerCount >= this.room.settings.max_players;
  }

  #seatAgain({ id, seat, name, isOpener, joinedAt, meta, hasEvents }: MemberRecord): void {
    const { player, isSpectator } = seat;
    const role = isSpectator ? "spectator" : "member";
    const encoder = hasEvents ? eventsEncoder : plainEncoder;
    const member = new GameMember({ id, name, role, isBot: false, isOpener, joinedAt, encoder, owner: this, meta });
    member.endedBy = "restarting";
    this.memory.count(member.metaBytes);
    this.#roster.add(player, member);
    this.#announcer.add(player, encoder);
  }

  /** What the room tells its host. */
  #peer(): HostPeer {
    return {
      isBehind: false,
      shouldDeferJoins: false,
      tell: (...events) => {
        for (const event of events) this.#hear(event);
      },
      message: (from, data, isText) => {
        const member = this.#roster.at(from);
        if (member !== undefined) this.#incoming.receive(member, data, isText);
      },
      close: (name) => this.#end(name),
      lines: {
        ended: (player, why) => this.#lineEnded(player, why),
        initialFrames: (player) => this.#initialFrames(player),
      },
    };
  }

  #hear(event: RoomEvent): void {
    switch (event.cmd) {
      case "error":
        this.#problem = event.reason;
        return;
      case "player_away":
        return this.#away(event.player, true);
      case "player_back":
        return this.#away(event.player, false);
      case "player_left":
        return this.#left(event.player);
      default:
        return; // all else is known here already
    }
  }

  #lineEnded(player: PlayerId, why: DepartureReason): void {
    const member = this.#roster.at(player);
    if (member === undefined) return;
    member.endedBy = why;
    member.isConnected = false;
    this.#emptyTimer.look();
  }

  /** The member is away, or back after that. */
  #away(player: PlayerId, isAway: boolean): void {
    const member = this.#roster.at(player);
    if (member === undefined || member.isAway === isAway) return;
    member.isAway = isAway;
    this.#announcer.say({ news: isAway ? "away" : "back", member: member.card }, "all", member);
    if (isAway) this.#bots.away(member);
    this.hooks?.events[isAway ? "away" : "back"](this.info, member.info);
    const handler = isAway ? "onAway" : "onBack";
    this.#tellOf(member, handler, () => this.definition[handler]?.(this, member));
  }

  #left(player: PlayerId): void {
    const member = this.#roster.at(player);
    if (member === undefined) return;
    this.memory.count(-member.metaBytes);
    this.#roster.remove(player);
    this.#announcer.remove(player, member.encoder);
    member.isConnected = false;
    this.#bots.giveBack(member);
    this.#announcer.say({ news: "leave", member: member.card }, "all");
    if (member.role === "member") this.#isFull = false;
    const reason = leaveReasonOf(member.endedBy);
    this.hooks?.events.left(this.info, member.info, reason);
    this.#tellOf(member, "onLeave", () => this.definition.onLeave?.(this, member, reason));
    if (member.role === "member" && this.room.playerCount === 0) {
      this.hooks?.events.empty(this.info);
      this.#tellOf(member, "onEmpty", () => this.definition.onEmpty?.(this));
    }
    this.#emptyTimer.look();
  }

  #noticeFull(): void {
    if (this.#isFull || this.room.playerCount < this.maxPlayers) return;
    this.#isFull = true;
    this.hooks?.events.full(this.info);
    this.#tell("onFull", () => this.definition.onFull?.(this));
  }

  #create(): void {
    this.hooks?.events.created(this.info);
    for (const member of this.members) this.hooks?.events.joined(this.info, member.info);
    if (this.#options.state === undefined) {
      const created = this.calls.call("createState", () => this.definition.createState?.());
      if (!isLater(created) && created.ok) this.#state.value = created.value;
    }
    const done = this.calls.call("onCreate", () => this.definition.onCreate?.(this));
    if (isLater(done)) this.#whenCreated = done.then(() => this.#endCreation());
    this.#emptyTimer.look();
  }

  #endCreation(): void {
    this.#whenCreated = undefined;
    this.#emptyTimer.look();
  }

  #end(name: CloseName): void {
    if (this.#ending !== undefined) return;
    const reason = leaveReasonOf(name === "restarting" ? name : "room_closed");
    this.#ending = reason;
    this.#timers.close();
    this.#bots.close();
    this.#emptyTimer.stop();
    this.#arrivals.close(name);
    if (this.#problem !== undefined) return; // it never began
    this.#options.onClosed(this);
    for (const member of this.members) {
      this.hooks?.events.left(this.info, member.info, reason);
      this.#tellOf(member, "onLeave", () => this.definition.onLeave?.(this, member, reason));
    }
    this.hooks?.events.closed(this.info, name);
    this.#tell("onClose", () => this.definition.onClose?.(this, reason));
    this.#history.clear();
    this.#state.close();
    this.memory.close();
  }

  /** Calls a function of the kind for something that has happened to this member, after what the member said before. */
  #tellOf(member: GameMember, handler: string, run: () => void | Promise<void>): void {
    this.#announcer.do(() => member.queue.add(() => this.calls.call(handler, run)));
  }

  #tell(handler: string, run: () => unknown): void {
    void this.calls.call(handler, run);
  }

  /** What a page that starts from nothing is told first (P6.6). */
  #initialFrames(player: PlayerId): readonly Message[] {
    const member = this.#roster.at(player);
    if (member === undefined) return [];
    const members = this.members.map(({ card }) => card);
    const joined: MemberNews = { news: "joined", you: member.id, members, history: 0 };
    return (member.isOpener ? [this.#created, joined] : [joined]).flatMap((news) => member.encoder.encode(news) ?? []);
  }

  /** What the page is told that has opened the room. */
  get #created(): MemberNews {
    return { news: "created", code: this.code ?? "", name: this.name };
  }

  /** A room that is being created waits for those that come into it. */
  #occupation(): Occupation {
    if (this.isCreating || this.#arrivals.count > 0) return "occupied";
    return occupationBy(this.#roster, this.#isLocked);
  }

  #endConnection({ player }: GameMember, name: CloseName, reason?: string): void {
    if (player !== undefined) this.room.players?.endConnection(player, name, reason);
  }

  /** The memory of the process is used up and this room keeps the most: its past goes. What waits to be handled is bounded. */
  #cut(): "stays" {
    this.#history.clear();
    return "stays";
  }
}
