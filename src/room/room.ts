/**
 * One room: an actor with ports. It owns its seats, its join policy and its limits; one method call is one message; it
 * does no I/O, reads no clock but the one it is given and throws nothing. The events of one call reach the host with no
 * other between them. The methods are the whole list of what hosts, players and transports may say to a room.
 */
import type { CloseName } from "../protocol/close-codes.ts";
import type {
  GameCommand,
  HostCommand,
  PlayerId,
  PrepareCommand,
  PublishCommand,
  SaveCommand,
  SaveKeysCommand,
} from "../protocol/commands.ts";
import type { Refusal } from "../protocol/error-codes.ts";
import type { AudienceEvent, StateEvent } from "../protocol/events.ts";
import { isLater, whenAnswered, type Eventually } from "../protocol/eventually.ts";
import type { GameNotice } from "../protocol/reliable/control-frames.ts";
import { failure, success, type Result } from "../protocol/result.ts";
import { Crowd, type Entrance } from "./crowd.ts";
import { crowdPlan, NO_CROWD } from "./crowd-plan.ts";
import { JoinPolicy } from "./join-policy.ts";
import type { RoomEnvironment } from "./environment.ts";
import { HealthReports } from "./health-reports.ts";
import type { Cancel, HostPeer, PlayerLine, RegistrationFailure, RoomRegistration, SeatlessLine } from "./ports.ts";
import { noGame, noRoom, noSuchPlayer, notPrepared, unavailableChannel } from "./host-refusals.ts";
import { PublishedChannels } from "./published-channels.ts";
import { PlayerManager, type JoinRequest } from "./player-manager.ts";
import type { RoomSnapshot } from "./room-snapshot.ts";
import type { Credentials } from "./seat-registry.ts";
import type { RoomTap } from "./room-tap.ts";
import type { SeatConnection } from "./seat.ts";
import { TrafficCounter } from "./traffic.ts";

/** What a state says beside the players. */
export type RoomSettings = Omit<StateEvent, "cmd" | "players" | "delta">;

/** Where a room is in its life. What `prepare` fixed stays, but for what `game` changes. */
type Phase =
  | { readonly at: "new" }
  /** The directory was asked for a code and has not answered. */
  | { readonly at: "preparing" }
  | {
      readonly at: "prepared";
      readonly registration: RoomRegistration;
      readonly name: string;
      readonly joinUrl: string | undefined;
      readonly meta: string | undefined;
      readonly joinPolicy: JoinPolicy;
      readonly playerManager: PlayerManager;
      /** Those without a seat, where the host wants any. */
      readonly crowd: Crowd | undefined;
    }
  | { readonly at: "closed" };

/** What a host may ask of a room. What it saves (`save`) is kept where the host's connection is, in front of the room. */
export type RoomCommand = Exclude<HostCommand, SaveCommand | SaveKeysCommand>;

/** What a host in this process may ask and do without commands. */
export type HostedPlayers = Pick<
  PlayerManager,
  | "banNewcomer"
  | "deliver"
  | "endConnection"
  | "facts"
  | "refuseMessage"
  | "healthOf"
  | "playerOf"
  | "reachOf"
  | "retainedFor"
  | "setPlayerPaused"
>;

function idOf({ id, code = "" }: RoomRegistration): string {
  return id ?? code;
}

/** The request of a phone that has no session, counts no frames and gives no name. */
const PLAIN = { isReliable: false } as const;

/** One room: its seats, limits and state. It does no I/O: hosts and players are ports, the clock is given. */
export class Room {
  /** Hears what passes through the room while it is recorded. What the host is told and given, its adapter passes on (`WireHost`). */
  tap: RoomTap | undefined;
  /** From `prepare` on with the gate in front of it, where there is one. */
  #host: HostPeer;
  readonly #environment: RoomEnvironment;
  readonly #traffic = new TrafficCounter();
  #phase: Phase = { at: "new" };
  #isHostCongested = false;
  readonly #health: HealthReports;
  #stopHostGrace: Cancel | undefined;
  #hostAwaySince: number | undefined;
  readonly #channels = new PublishedChannels();

  /** Tells the host its empty `state` at once (P2.1), unless the room is to be reopened (`reopen`). */
  constructor(host: HostPeer, environment: RoomEnvironment, beginning: "new" | "reopened" = "new") {
    this.#host = host;
    this.#environment = environment;
    this.#health = new HealthReports(environment.clock, () => this.#reportHealth());
    if (beginning === "new") this.#tellState();
  }

  /** What the log calls the room: its code or, if it has none, its name; from `prepare` until the room closes. */
  get id(): string | undefined {
    return this.#phase.at === "prepared" ? idOf(this.#phase.registration) : undefined;
  }

  /** The room code, from `prepare` until the room closes. */
  get code(): string | undefined {
    return this.#phase.at === "prepared" ? this.#phase.registration.code : undefined;
  }

  /** The game's name as given to `prepare`, or to `game` later. */
  get name(): string {
    return this.#phase.at === "prepared" ? this.#phase.name : "";
  }

  /** What a phone is told whose page is another game's. */
  get gameNotice(): GameNotice {
    const { code = "", name, joinUrl } = this;
    return { name, url: this.#environment.directory.phonePage(code, joinUrl) };
  }

  /** Where the game's own phone page is, if the host said so. */
  get joinUrl(): string | undefined {
    return this.#phase.at === "prepared" ? this.#phase.joinUrl : undefined;
  }

  /** What the host wants known about the room, as JSON. */
  get meta(): string | undefined {
    return this.#phase.at === "prepared" ? this.#phase.meta : undefined;
  }

  /** What newcomers have to show. */
  get pin(): RoomSnapshot["pin"] {
    return this.#phase.at === "prepared" ? this.#phase.joinPolicy.pin : undefined;
  }

  /** Whether newcomers have to show a PIN. */
  get needsPin(): boolean {
    return this.#phase.at === "prepared" && this.#phase.joinPolicy.needsPin;
  }

  /** No newcomer gets in until the host opens the room again. */
  get isLocked(): boolean {
    return this.#phase.at === "prepared" && this.#phase.joinPolicy.isLocked;
  }

  /** Without spectators. */
  get playerCount(): number {
    return this.#phase.at === "prepared" ? this.#phase.playerManager.size : 0;
  }

  /** The part of the room that a host in this process speaks to without commands; `undefined` while the room is not open. */
  get players(): HostedPlayers | undefined {
    return this.#phase.at === "prepared" ? this.#phase.playerManager : undefined;
  }

  /** Since when neither the host nor a player has been here, in milliseconds of the room's clock; `undefined` while one is. */
  get idleSince(): number | undefined {
    // The host first: while it is here, as it nearly always is, no seat has to be looked at.
    const hostAwaySince = this.#hostAwaySince;
    if (hostAwaySince === undefined || this.#phase.at !== "prepared") return undefined;
    const playersAwaySince = this.#phase.playerManager.idleSince;
    return playersAwaySince === undefined ? undefined : Math.max(hostAwaySince, playersAwaySince);
  }

  /** Lines that follow this channel of the room. */
  followersOf(channel: string): number {
    if (this.#phase.at !== "prepared") return 0;
    return this.#environment.channels?.followers(idOf(this.#phase.registration), channel) ?? 0;
  }

  /** The state without the players. */
  get settings(): RoomSettings {
    if (this.#phase.at !== "prepared") return { name: "", max_players: 0, accept_conns: false };
    const { name, joinPolicy, playerManager, crowd } = this.#phase;
    const accept_conns = joinPolicy.acceptsNewcomers(playerManager.size);
    const { maxPlayers: max_players } = joinPolicy;
    return crowd === undefined
      ? { name, max_players, accept_conns }
      : { name, max_players, accept_conns, ...crowd.counts };
  }

  /** The whole state (P2.8). Each join and leave changes it; a host that wants it then asks for it here. */
  get state(): StateEvent {
    const { name, max_players, accept_conns } = this.settings;
    if (this.#phase.at !== "prepared") return { cmd: "state", name, players: [], max_players, accept_conns };
    const { playerManager, crowd } = this.#phase;
    const { players } = playerManager;
    return { cmd: "state", name, players, max_players, accept_conns, ...crowd?.counts };
  }

  /** Whether the players wait for the host. */
  get isHostCongested(): boolean {
    return this.#isHostCongested;
  }

  /** Those who watch. */
  get spectatorCount(): number {
    return this.#phase.at === "prepared" ? this.#phase.playerManager.spectatorCount : 0;
  }

  /** Watchers, of a room with a host page. */
  get audienceCount(): number {
    return (this.#phase.at === "prepared" && this.#phase.crowd?.audienceCount) || 0;
  }

  /** Phones that wait for a seat. */
  get waitingCount(): number {
    return (this.#phase.at === "prepared" && this.#phase.crowd?.waitingCount) || 0;
  }

  /** How the watchers have voted, as the host was told last. */
  get audienceReport(): AudienceEvent | undefined {
    return this.#phase.at === "prepared" ? this.#phase.crowd?.audienceReport : undefined;
  }

  /** Whether watchers may come in at all. */
  get hasAudience(): boolean {
    return this.#phase.at === "prepared" && (this.#phase.crowd?.plan.audience ?? 0) > 0;
  }

  /** Players and spectators whose seat is kept while they have no connection. */
  get awayCount(): number {
    return this.#phase.at === "prepared" ? this.#phase.playerManager.awayCount : 0;
  }

  /** Whether the room waits for its host to come back. */
  get isHostAway(): boolean {
    return this.#hostAwaySince !== undefined;
  }

  /** What another life of the room needs to go on where this one is; `undefined` while the room is not open. */
  get snapshot(): RoomSnapshot | undefined {
    if (this.#phase.at !== "prepared") return undefined;
    const { name, joinUrl, meta, joinPolicy, playerManager, crowd } = this.#phase;
    const { maxPlayers, isLocked, pin, bans } = joinPolicy;
    return { name, joinUrl, meta, maxPlayers, crowd: crowd?.plan, isLocked, pin, bans, ...playerManager.record };
  }

  /** Whether a player has a line to the room now. */
  get hasConnectedPlayers(): boolean {
    return this.#phase.at === "prepared" && this.#phase.playerManager.idleSince === undefined;
  }

  /**
   * One command of the host. Returns a promise where `prepare` waits for a directory that answers later: until it is fulfilled, the host gives no
   * other command, or finds the room as it is before `prepare`. It is rejected where the directory's answer is.
   */
  command(command: RoomCommand): Eventually<void> {
    const phase = this.#phase;
    if (phase.at === "closed") return;
    this.tap?.commanded(command);
    switch (command.cmd) {
      case "prepare":
        return this.#prepare(command);
      case "start":
        return this.#setLocked(true);
      case "open":
        return phase.at === "prepared" ? this.#setLocked(false) : this.refuse(notPrepared("open"));
      case "kick":
        if (phase.at !== "prepared" || !phase.playerManager.kick(command)) this.#tellState();
        return;
      case "to":
        if (phase.at === "prepared") phase.playerManager.send(command, false);
        return;
      case "to_str":
        if (phase.at === "prepared") phase.playerManager.send(command, true);
        return;
      case "to_audience":
      case "to_audience_str":
        if (phase.at === "prepared") phase.crowd?.sendToAudience(command.data, command.cmd === "to_audience_str");
        return;
      case "poll":
        return phase.at === "prepared" ? phase.crowd?.openPoll(command.id) : this.refuse(notPrepared("poll"));
      case "game":
        return this.#play(command);
      case "health":
        if (phase.at !== "prepared" && command.every > 0) return this.refuse(notPrepared("health"));
        return this.#health.every(command.every);
      case "rescue":
        return this.#rescue(command.player);
      case "publish":
        return this.#publish(command);
      case "stop":
        return this.close("room_closed");
      default:
        command satisfies never;
    }
  }

  /**
   * In place of `prepare`: goes on where another life of the room was. The players are away, and so is the host, unless it is code in this process. It is
   * told nothing but which players have left, being such that cannot come back.
   */
  reopen(registration: RoomRegistration, snapshot: RoomSnapshot): void {
    const { isLocked, bans } = snapshot;
    const { joinPolicy, playerManager } = this.#begin(snapshot, registration);
    joinPolicy.isLocked = isLocked;
    joinPolicy.banAgain(bans);
    const gone = playerManager.reopen(snapshot);
    if (this.#environment.isHostInProcess !== true) this.hostAway();
    for (const player of gone) this.#host.tell({ cmd: "player_left", player });
  }

  /** What the host keeps beside the room has changed, and a record of the room with it. */
  noteChange(): void {
    if (this.#phase.at === "prepared") this.#environment.directory.changed?.();
  }

  /** The host gave something that is no command, or too many of them: it is told so. */
  refuse({ code, reason, in: command }: Refusal): void {
    const { observer, isHostInProcess = false } = this.#environment;
    if (!isHostInProcess) observer.frameRefused({ room: this.id, code, reason });
    this.#host.tell({ cmd: "error", reason, code, ...(command !== undefined && { in: command }) });
  }

  /** The host is gone for good: the room is over. */
  hostLeft(): void {
    this.close("room_closed");
  }

  /** The host is away and may come back: the room waits for it, and players stay. Before `prepare` there is nothing to wait for. */
  hostAway(): void {
    if (this.#phase.at === "closed") return;
    if (this.#phase.at !== "prepared") return this.hostLeft();
    const { clock, limits, observer } = this.#environment;
    this.#hostAwaySince = clock.now();
    this.#stopHostGrace?.();
    this.#stopHostGrace = clock.after(limits.hostGraceMs, () => this.close("room_closed"));
    observer.hostAway({ room: idOf(this.#phase.registration) });
    this.tap?.hostAway();
    this.hostBacklogChanged(); // for one that is away more may wait than for one that is slow
  }

  /** The host is back, or has another connection, and will never be told so many of the events and messages that were for it. */
  hostBack(missed: number): void {
    this.#stopHostGrace?.();
    this.#hostAwaySince = undefined;
    const { id } = this;
    if (id !== undefined) this.#environment.observer.hostBack({ room: id, missed });
    this.tap?.hostBack(missed);
    this.hostBacklogChanged();
    if (!this.#isHostCongested) this.#crowd?.hostKeepsUp();
  }

  /** More waits for the host, or less: a host that does not keep up makes its players' networks hold them back; nothing is dropped. */
  hostBacklogChanged(): void {
    const { isBehind } = this.#host;
    if (isBehind === this.#isHostCongested || this.#phase.at !== "prepared") return;
    this.#isHostCongested = isBehind;
    this.#phase.playerManager.setPaused(isBehind);
    this.#environment.observer.hostCongested({ room: idOf(this.#phase.registration), isCongested: isBehind });
    if (!isBehind) this.#crowd?.hostKeepsUp();
  }

  /** As `join`, for a phone that may watch or wait where there is no seat for it. */
  enter(line: SeatlessLine, request: JoinRequest): Result<Entrance, CloseName> {
    if (this.#phase.at === "prepared" && this.#phase.crowd !== undefined) return this.#phase.crowd.enter(line, request);
    const joined = request.isSpectator === true ? this.#refuseWatcher(request) : this.join(line, request);
    return joined.ok ? success({ at: "admitted", handler: joined.value }) : joined;
  }

  /** A phone asks for a seat, or for its own. A refused one is never announced; its close code is the failure. */
  join(line: PlayerLine, request: JoinRequest = PLAIN): Result<SeatConnection, CloseName> {
    if (this.#phase.at !== "prepared") return failure("room_not_found");
    const { joinPolicy, playerManager, registration } = this.#phase;
    if (joinPolicy.isBanned(request)) return failure("kicked");
    const now = this.#environment.clock.now();
    const own = playerManager.ownSeat(request);
    if (own !== undefined) {
      if (own.peer.isStaleAttempt(request)) return failure("replaced");
      if (!own.takeReturn(now)) return failure("rate_limited");
      return own.peer.canResume(request) ? success(playerManager.comeBack(own, line, request)) : failure("bad_request");
    }
    // Nothing can hold back what the room says of newcomers, so a host that hears too little holds back the newcomers.
    const refusal = this.#host.shouldDeferJoins ? "overloaded" : playerManager.admit(request, now);
    if (refusal === undefined) return success(playerManager.take(line, request));
    this.#environment.observer.joinRefused({ room: idOf(registration), why: refusal });
    return failure(refusal);
  }

  /**
   * The first half of `join` for a newcomer, for a host in this process that decides for itself as well: keeps a place free, or says why there is none.
   * `seat` or `release` ends it.
   */
  reserve(request: JoinRequest): CloseName | undefined {
    if (this.#phase.at !== "prepared") return "room_not_found";
    const { playerManager, registration } = this.#phase;
    const refusal = playerManager.admit(request, this.#environment.clock.now());
    if (refusal === undefined) playerManager.reserve(request.isSpectator === true, 1);
    else this.#environment.observer.joinRefused({ room: idOf(registration), why: refusal });
    return refusal;
  }

  /** Frees the place that was reserved for this request. */
  release(request: JoinRequest): void {
    if (this.#phase.at === "prepared") this.#phase.playerManager.reserve(request.isSpectator === true, -1);
  }

  /** The second half of `join`: the newcomer takes the place that was reserved for this request. */
  seat(line: PlayerLine, request: JoinRequest): Result<SeatConnection, CloseName> {
    if (this.#phase.at !== "prepared") return failure("room_closed");
    this.release(request);
    return success(this.#phase.playerManager.take(line, request));
  }

  /** Why this phone would get no seat now; `undefined` where it would, and for one that comes back to its own. Takes and counts nothing. */
  refusalFor(request: JoinRequest): CloseName | undefined {
    if (this.#phase.at !== "prepared") return "room_not_found";
    const { joinPolicy, playerManager, crowd } = this.#phase;
    if (joinPolicy.isBanned(request)) return "kicked";
    if (request.isSpectator !== true && playerManager.knows(request)) return undefined;
    if (crowd !== undefined) return crowd.refusalFor(request);
    return this.#host.shouldDeferJoins ? "overloaded" : playerManager.refusalFor(request);
  }

  /** Ends the stay of each phone that is banned: of players, away or not, and of those that wait for a seat. */
  expelAll(...ban: Parameters<PlayerManager["expelAll"]>): void {
    if (this.#phase.at !== "prepared") return;
    this.#phase.crowd?.expelAll(...ban);
    this.#phase.playerManager.expelAll(...ban);
  }

  /** So many wrong PINs were shown here within a minute. */
  tellGuessing(count: number): void {
    if (this.#phase.at === "prepared") this.#host.tell({ cmd: "guessing", count });
  }

  /** Whether a seat here is waiting for these credentials: a phone that shows them has guessed neither code nor PIN. */
  knows(credentials: Credentials): boolean {
    return this.#phase.at === "prepared" && this.#phase.playerManager.knows(credentials);
  }

  /**
   * Ends the room: the code is free first, so that no phone joins in between; then all are told. Safe twice. `reason` is for the host, `playersReason`
   * for the players.
   */
  close(name: CloseName, reason?: string, playersReason?: string): void {
    const phase = this.#phase;
    if (phase.at === "closed") return;
    this.#phase = { at: "closed" };
    if (phase.at === "prepared") phase.registration.release();
    const { directory, observer, watcher, channels } = this.#environment;
    directory.forget(name);
    this.#health.close();
    this.#stopHostGrace?.();
    this.#host.close(name, reason);
    this.tap?.closed(name);
    if (phase.at !== "prepared") return;
    watcher?.closed(name, phase.playerManager.players);
    phase.playerManager.close(name, playersReason);
    phase.crowd?.close(name, playersReason);
    channels?.end(idOf(phase.registration), name);
    observer.roomClosed({ room: idOf(phase.registration), why: name, traffic: this.#traffic });
  }

  #prepare(command: PrepareCommand): Eventually<void> {
    const phase = this.#phase;
    if (phase.at === "prepared") return this.#host.tell({ cmd: "prepare_reply", key: idOf(phase.registration) });
    if (phase.at !== "new") return undefined;
    const answer = this.#environment.directory.register(command.name);
    if (!isLater(answer)) return this.#open(command, answer);
    this.#phase = { at: "preparing" };
    return answer.then(
      (registration) => this.#answered(command, registration),
      (error: unknown) => {
        if (this.#phase.at === "preparing") this.#phase = { at: "new" };
        throw error;
      },
    );
  }

  /** The directory has answered after all. Where the room is over by then, the code is free again at once. */
  #answered(command: PrepareCommand, registration: RoomRegistration | RegistrationFailure): void {
    if (this.#phase.at === "preparing") {
      this.#phase = { at: "new" };
      this.#open(command, registration);
    } else if (isRegistration(registration)) registration.release();
  }

  #open(command: PrepareCommand, registration: RoomRegistration | RegistrationFailure): void {
    if (registration === "internal_error" || registration === "restarting") return this.close(registration);
    if (!isRegistration(registration)) return this.refuse(noRoom(registration));
    const { name, max_players: maxPlayers, join_url: joinUrl, pin, meta } = command;
    const crowd = crowdPlan(command, this.#environment.limits.maxAudience);
    const { room } = this.#begin({ name, maxPlayers, joinUrl, pin, meta, crowd }, registration);
    this.#host.tell(this.state, { cmd: "prepare_reply", key: room });
  }

  /** From now on the room is found. */
  #begin(
    description: Pick<RoomSnapshot, "name" | "maxPlayers" | "joinUrl" | "pin" | "meta" | "crowd">,
    registration: RoomRegistration,
  ): { readonly room: string; readonly joinPolicy: JoinPolicy; readonly playerManager: PlayerManager } {
    const { name, joinUrl, pin, meta, crowd: plan = NO_CROWD } = description;
    const { directory, observer, watcher, limits, clock, budget, openPeer, gate, openWaiting } = this.#environment;
    if (gate !== undefined) this.#host = gate(this.#host, this);
    const maxPlayers = Math.min(description.maxPlayers, limits.maxPlayers);
    const joinPolicy = new JoinPolicy(
      { maxPlayers, maxSpectators: limits.maxSpectators, audience: plan.audience, pin },
      clock.now(),
    );
    // Spelled out: V8 gives each spread of another object a hidden class of its own, and code that reads those is slow.
    const room = idOf(registration);
    const host = this.#host;
    const onMessage = (): void => {
      if (!this.#isHostCongested) this.hostBacklogChanged();
    };
    const playerManager = new PlayerManager({
      directory,
      observer,
      watcher,
      traffic: this.#traffic,
      limits,
      clock,
      budget,
      openPeer,
      room,
      game: this,
      joinPolicy,
      host,
      onMessage,
      onSeatFree: () => this.#crowd?.seatWaiting(),
    });
    const hasCrowd = plan.audience > 0 || plan.overflow === "queue";
    const crowd = !hasCrowd
      ? undefined
      : new Crowd({
          plan,
          room,
          joinPolicy,
          playerManager,
          host,
          directory,
          observer,
          traffic: this.#traffic,
          limits,
          clock,
          budget,
          openWaiting,
          isHostHeld: () => this.#isHostHeld,
          join: (line, request) => this.join(line, request),
        });
    this.#phase = { at: "prepared", registration, name, joinUrl, meta, joinPolicy, playerManager, crowd };
    directory.changed?.();
    observer.roomOpened({ room, name, traffic: this.#traffic });
    watcher?.opened({ code: room, name });
    return { room, joinPolicy, playerManager };
  }

  /** Another game has to be allowed, as a new room has. */
  #play(command: GameCommand): Eventually<void> {
    if (this.#phase.at !== "prepared") return this.refuse(notPrepared("game"));
    if (command.name === this.#phase.name) return this.#turnTo(command);
    return whenAnswered(this.#environment.directory.mayPlay(command.name), (failed) =>
      failed === undefined ? this.#turnTo(command) : this.refuse(noGame(failed)),
    );
  }

  /** The room is this game's from now on. The host hears the new state, and nothing else. */
  #turnTo({ name, join_url, max_players }: GameCommand): void {
    const phase = this.#phase;
    if (phase.at !== "prepared") return; // it has ended meanwhile
    const isOther = name !== phase.name;
    const { limits, observer, watcher } = this.#environment;
    if (max_players !== undefined) phase.joinPolicy.maxPlayers = Math.min(max_players, limits.maxPlayers);
    const joinUrl = join_url ?? (isOther ? undefined : phase.joinUrl);
    const { registration, meta, joinPolicy, playerManager, crowd } = phase;
    this.#phase = { at: "prepared", registration, name, joinUrl, meta, joinPolicy, playerManager, crowd };
    this.noteChange();
    if (isOther) {
      observer.gameChanged({ room: idOf(registration), name });
      watcher?.gameChanged(name);
      this.#host.gameChanged?.();
      playerManager.gameChanged();
    }
    this.#tellState();
    crowd?.seatWaiting();
  }

  /** Before `prepare` there is nothing to lock: the host is told the empty state (WMBP E7). */
  #setLocked(isLocked: boolean): void {
    if (this.#phase.at === "prepared") {
      this.#phase.joinPolicy.isLocked = isLocked;
      this.#phase.playerManager.joinPolicyChanged();
      this.noteChange();
    }
    this.#tellState();
    if (!isLocked) this.#crowd?.seatWaiting();
  }

  #rescue(player: PlayerId): void {
    if (this.#phase.at !== "prepared") return this.refuse(notPrepared("rescue"));
    const { registration, playerManager } = this.#phase;
    const { url, proof } = this.#environment.directory.seatTransferLink(idOf(registration));
    if (!playerManager.addSeatTransfer(player, proof)) return this.refuse(noSuchPlayer(player));
    this.#host.tell({ cmd: "rescue_reply", player, url });
  }

  #publish({ channel, data }: PublishCommand): void {
    if (this.#phase.at !== "prepared") return this.refuse(notPrepared("publish"));
    const code = idOf(this.#phase.registration);
    const refusal = this.#channels.use(channel);
    if (refusal !== undefined) return this.refuse(refusal);
    const published = this.#environment.channels?.publish(code, channel, data);
    void whenAnswered(published, (failed) => {
      if (failed !== undefined && this.#phase.at === "prepared") this.refuse(unavailableChannel(failed));
    });
  }

  get #crowd(): Crowd | undefined {
    return this.#phase.at === "prepared" ? this.#phase.crowd : undefined;
  }

  /** Whether reports for the host wait: it is away, or behind, of which it is then told when that is over. */
  get #isHostHeld(): boolean {
    this.hostBacklogChanged();
    return this.#hostAwaySince !== undefined || this.#isHostCongested;
  }

  /** A room without an audience lets no watcher in; what it shows is judged first, as in any other. */
  #refuseWatcher(request: JoinRequest): { readonly ok: false; readonly failure: CloseName } {
    if (this.#phase.at !== "prepared") return failure("room_not_found");
    const { joinPolicy, registration } = this.#phase;
    const why = joinPolicy.refusalFor(request, Infinity) ?? "room_full";
    this.#environment.observer.joinRefused({ room: idOf(registration), why });
    return failure(why);
  }

  #reportHealth(): void {
    if (this.#phase.at !== "prepared" || this.#hostAwaySince !== undefined) return;
    this.#host.tell({ cmd: "health", players: this.#phase.playerManager.health() });
  }

  #tellState(): void {
    this.#host.tell(this.state);
  }
}

function isRegistration(answer: RoomRegistration | RegistrationFailure): answer is RoomRegistration {
  return typeof answer === "object" && "release" in answer;
}
