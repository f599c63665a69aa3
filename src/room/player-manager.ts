/**
 * Manages the players of a room: taking a seat, leaving it, coming back to it, and the messages between players and host. A seat has
 * at most one connection; this file holds that rule.
 */
import { fitCloseReason, type CloseName } from "../protocol/close-codes.ts";
import type { KickCommand, PlayerId, ToCommand, ToStrCommand } from "../protocol/commands.ts";
import type { PlayerHealth } from "../protocol/events.ts";
import { NOT_UNDERSTOOD, type GameNotice } from "../protocol/reliable/control-frames.ts";
import { isSilence, ReconnectGrace } from "./reconnect-grace.ts";
import type { PlayerRateLimits } from "./player-rate-limiter.ts";
import type { JoinPolicy, Newcomer } from "./join-policy.ts";
import { FrameMemory } from "./frame-memory.ts";
import { SHARED_BYTES, toOwned } from "./borrowed-buffer.ts";
import type { MemoryBudget } from "./memory-budget.ts";
import { passingTerms, type PassingTerms } from "./passing-terms.ts";
import type {
  Clock,
  DepartureReason,
  HostPeer,
  InitialFrames,
  Message,
  PlayerLine,
  PlayerPeerFactory,
  ResumeRequest,
  RoomDirectory,
} from "./ports.ts";
import { retentionOf, type Retention } from "./retained-frames.ts";
import type { RoomObserver } from "./room-observer.ts";
import type { SeatRecord } from "./room-snapshot.ts";
import { factsOf, healthOf, recordOf, type SeatFacts } from "./seat-facts.ts";
import type { RoomWatcher } from "./room-watcher.ts";
import type { TrafficCounter } from "./traffic.ts";
import { SeatRegistry, type Credentials } from "./seat-registry.ts";
import { Seat, SeatConnection, type SeatOwner, type SeatTerms } from "./seat.ts";

export interface SeatLimits extends PlayerRateLimits {
  /** Bytes waiting for one player before it is closed as a slow consumer; bytes waiting for the host before players wait. */
  readonly sendQueue: number;
  /** Bytes kept for an away player; past them the oldest frames go. */
  readonly seatBuffer: number;
  /** Milliseconds before the host hears that a player is away. */
  readonly awayMs: number;
  /** Milliseconds an away player's seat is kept before the game starts. */
  readonly seatGraceMs: number;
}

/** What a phone shows when it connects. */
export interface JoinRequest extends ResumeRequest, Newcomer, Credentials {
  /** The hash of its token's `session_id`. */
  readonly tokenSessionHash?: string | undefined;
  /** The display name, for the host. */
  readonly name?: string | undefined;
  /** What is banned after a flood: the session where there is one, else what is known of the phone. */
  readonly visitor?: string | undefined;
}

/** What is played in the room now. */
export interface RoomGame {
  readonly name: string;
  /** What a phone is told whose page is another game's. */
  readonly gameNotice: GameNotice;
}

export interface PlayerManagerOptions {
  /** The room's code, for the observer. */
  readonly room: string;
  readonly openPeer: PlayerPeerFactory;
  readonly joinPolicy: JoinPolicy;
  readonly host: HostPeer;
  readonly directory: Pick<RoomDirectory, "ban" | "changed">;
  readonly game: RoomGame;
  readonly observer: RoomObserver;
  readonly watcher: RoomWatcher | undefined;
  readonly traffic: TrafficCounter;
  readonly limits: SeatLimits;
  readonly clock: Clock;
  readonly budget: MemoryBudget;
  /** A player has said something: the host may be behind by now. */
  readonly onMessage: () => void;
  /** A seat is given up. */
  readonly onSeatFree: () => void;
}

/**
 * Ids that a reopened room leaves out. Those that were given after its last record are among them, so no id is given twice.
 */
const SPARE_IDS = 100;

export class PlayerManager implements SeatOwner {
  readonly #options: PlayerManagerOptions;
  readonly #terms: SeatTerms;
  readonly #registry = new SeatRegistry();
  /** A host in this process has no connection, so what it hears is no traffic. */
  readonly #isHostConnected: boolean;
  #isPaused = false;
  #hasChangedGame = false;
  /** Places that are kept free for newcomers that were let in and have not come yet. */
  #reservedSeats = 0;
  #reservedSpectators = 0;
  #lastLineEndedAt: number;
  /** One function for all seats. */
  readonly #now: () => number;

  constructor(options: PlayerManagerOptions) {
    this.#options = options;
    this.#terms = { limits: options.limits };
    this.#isHostConnected = options.host.lines === undefined;
    this.#now = () => options.clock.now();
    this.#lastLineEndedAt = options.clock.now();
  }

  /** The room's code. */
  get room(): string {
    return this.#options.room;
  }

  get size(): number {
    return this.#registry.size;
  }

  get spectatorCount(): number {
    return this.#registry.spectatorCount;
  }

  /** Seats, those of spectators too, whose owner has no connection. */
  get awayCount(): number {
    return this.#registry.size + this.#registry.spectatorCount - this.#registry.connectedCount;
  }

  /** Since when no player has been connected, in milliseconds of the room's clock; `undefined` while one is. */
  get idleSince(): number | undefined {
    return this.#registry.connectedCount > 0 ? undefined : this.#lastLineEndedAt;
  }

  /** In joining order. */
  get players(): readonly PlayerId[] {
    return this.#registry.players;
  }

  /** The seat that this request has a right to: its session's, or the one that its link transfers. */
  ownSeat(request: JoinRequest): Seat | undefined {
    return this.#redeem(request) ?? this.#registry.ofSession(request.sessionHash);
  }

  /** Whether these credentials belong to a player of this room, or are still good for a seat. */
  knows(credentials: Credentials): boolean {
    return this.#registry.knows(credentials, this.#options.clock.now());
  }

  /** Lets a newcomer in, or says why not. In a full room a seat that was never used gives way. */
  admit(newcomer: Newcomer, now: number): CloseName | undefined {
    const { joinPolicy } = this.#options;
    if (newcomer.isSpectator === true)
      return joinPolicy.admit(newcomer, this.#registry.spectatorCount + this.#reservedSpectators, now);
    const taken = this.size + this.#reservedSeats;
    const yielding = taken < joinPolicy.maxPlayers ? undefined : this.#registry.longestSilentlyAway;
    const refusal = joinPolicy.admit(newcomer, yielding === undefined ? taken : taken - 1, now);
    if (refusal === undefined && yielding !== undefined) this.#vacate(yielding, "room_full");
    return refusal;
  }

  /** As `admit`, whatever the rates say. Takes and counts nothing. */
  refusalFor(newcomer: Newcomer): CloseName | undefined {
    const { joinPolicy } = this.#options;
    const taken = this.size + this.#reservedSeats;
    const canYield = taken >= joinPolicy.maxPlayers && this.#registry.longestSilentlyAway !== undefined;
    return joinPolicy.refusalFor(newcomer, canYield ? taken - 1 : taken);
  }

  /** Keeps a place free for a newcomer that has been let in; a negative count frees it again. */
  reserve(isSpectator: boolean, count: 1 | -1): void {
    if (isSpectator) this.#reservedSpectators += count;
    else this.#reservedSeats += count;
  }

  /** What another life of the room needs of the seats. */
  get record(): {
    readonly seats: readonly SeatRecord[];
    readonly lastPlayer: PlayerId;
    readonly hasChangedGame: boolean;
  } {
    const { clock } = this.#options;
    const epochMs = clock.time() - clock.now();
    const seats = Array.from(this.#registry.seats, (seat) => recordOf(seat, epochMs));
    return { seats, lastPlayer: this.#registry.lastPlayer, hasChangedGame: this.#hasChangedGame };
  }

  /** Goes on with the seats of another life of the room. All are away, but for those whose players cannot come back: these are returned, and gone. */
  reopen({ seats, lastPlayer, hasChangedGame }: PlayerManager["record"]): readonly PlayerId[] {
    const { clock, observer, watcher, joinPolicy, room, openPeer } = this.#options;
    const gone: PlayerId[] = [];
    this.#hasChangedGame = hasChangedGame;
    this.#registry.goOnFrom(lastPlayer + SPARE_IDS - 1);
    for (const { takenAt, ...record } of seats) {
      const { player, sessionHash, name, user, visitor = sessionHash } = record;
      if (sessionHash === undefined) {
        gone.push(player);
        continue;
      }
      const memory = this.#memoryOf(player);
      const seat = new Seat({
        player,
        sessionHash,
        user,
        tokenSessionHash: record.tokenSessionHash,
        shownSessionHash: record.shownSessionHash,
        isSpectator: record.isSpectator,
        visitor,
        name,
        peer: openPeer(player, memory, true),
        memory,
        terms: this.#terms,
        now: clock.now() - Math.max(0, clock.time() - takenAt),
        formerHashes: record.formerHashes,
      });
      seat.hasSpoken = true; // that is in no record: a seat that was used is not to give way
      this.#registry.add(seat);
      observer.playerJoined({ room, player });
      watcher?.joined(player, { name, user }, this.size >= joinPolicy.maxPlayers);
      this.#registry.setPresence(seat, this.#absenceFrom(seat, "restarting"));
      observer.playerAway({ room, player, why: "restarting" });
    }
    return gone;
  }

  /** Gives a seat to a newcomer that has been let in. */
  take(line: PlayerLine, request: JoinRequest): SeatConnection {
    const { host, clock, observer, watcher, joinPolicy, room, openPeer, directory } = this.#options;
    const { sessionHash, user, tokenSessionHash, shownSessionHash, isSpectator = false, name, visitor } = request;
    const player = this.#registry.nextPlayer();
    const memory = this.#memoryOf(player);
    const seat = new Seat({
      player,
      sessionHash,
      user,
      tokenSessionHash,
      shownSessionHash,
      isSpectator,
      visitor,
      name,
      peer: openPeer(player, memory, sessionHash !== undefined),
      memory,
      terms: this.#terms,
      now: clock.now(),
    });
    this.#registry.add(seat);
    const connection = this.#sitDown(seat, line);
    const { isReliable, attempt, game, saidBefore } = request;
    seat.peer.attach(line, { isReliable, attempt, game, saidBefore }, () => [], this.#noticeFor(seat, request));
    directory.changed?.();
    observer.playerJoined({ room, player });
    watcher?.joined(player, { name, user }, this.size >= joinPolicy.maxPlayers);
    host.tell({
      cmd: "player_joined",
      player,
      ...(name !== undefined && { name }),
      ...(user !== undefined && { user }),
    });
    return connection;
  }

  /** Whether there is a seat for a phone that has waited. `canYield`: one that was never used gives way to it. */
  makePlace(canYield: boolean): boolean {
    if (this.size + this.#reservedSeats < this.#options.joinPolicy.maxPlayers) return true;
    const yielding = canYield ? this.#registry.longestSilentlyAway : undefined;
    if (yielding !== undefined) this.#vacate(yielding, "room_full");
    return yielding !== undefined;
  }

  /** Gives a seat to a phone that has waited for it, and passes on what it has `said` meanwhile. */
  takeWaiting(line: PlayerLine, request: JoinRequest, said: readonly Message[]): SeatConnection {
    const connection = this.take(line, { ...request, saidBefore: said.length });
    for (const { data, isText } of said) if (connection.isCurrent) this.#passOn(connection.seat, data, isText);
    if (said.length > 0) this.#options.onMessage();
    return connection;
  }

  /** Gives a returning player its seat and player id at once, even where the server still takes the old connection for alive. */
  comeBack(seat: Seat, line: PlayerLine, request: JoinRequest): SeatConnection {
    const { host, clock, observer, watcher, room } = this.#options;
    const { presence } = seat;
    if (presence.at === "here") {
      presence.line.close("replaced");
      seat.peer.detach(true);
    }
    if (presence.at === "away") presence.end();
    const { tokenSessionHash, shownSessionHash } = request;
    const showsOthers = tokenSessionHash !== seat.tokenSessionHash || shownSessionHash !== seat.shownSessionHash;
    seat.tokenSessionHash = tokenSessionHash;
    seat.shownSessionHash = shownSessionHash;
    if (showsOthers) this.#options.directory.changed?.();
    if (request.isReliable) seat.rateLimiter.makeUp(clock.now());
    const connection = this.#sitDown(seat, line);
    let lostRetained = 0;
    const initialFrames: InitialFrames = (isFresh, isComing) => {
      if (!isFresh) return [];
      lostRetained = seat.takeLostRetained();
      const retained = seat.retainedExcept(isComing);
      const first = request.isReliable ? host.lines?.initialFrames(seat.player) : undefined;
      return first === undefined ? retained : [...first, ...retained];
    };
    const lost = seat.peer.attach(line, request, initialFrames, this.#noticeFor(seat, request));
    const missed = lost + lostRetained;
    const wasTold = presence.at === "away" && presence.isHostTold;
    if (wasTold || missed > 0) host.tell({ cmd: "player_back", player: seat.player, missed });
    observer.playerBack({ room, player: seat.player, missed });
    if (wasTold) watcher?.back(seat.player);
    return connection;
  }

  /** Passes one frame of a player to the host. */
  receive(connection: SeatConnection, frame: Uint8Array, isText: boolean): void {
    this.#pass(connection, frame, isText);
    this.#options.onMessage();
  }

  /** Keeps a player out for a while; returns the sentence that says for how long. */
  ban({ visitor }: Seat): string | undefined {
    return visitor === undefined ? undefined : this.#options.directory.ban(visitor);
  }

  /** Keeps the seat of a player whose connection has ended, unless the player has no session or left on purpose. */
  leave(seat: Seat, why: DepartureReason): void {
    this.#options.host.lines?.ended(seat.player, why);
    seat.peer.detach(isSilence(why));
    this.#lastLineEndedAt = this.#options.clock.now();
    if (seat.sessionHash === undefined || why === "left") return this.#remove(seat, why);
    this.#registry.setPresence(seat, this.#absenceFrom(seat, why));
    const { observer, room } = this.#options;
    observer.playerAway({ room, player: seat.player, why });
  }

  /** Ends a player's stay for good. `false` where there is no such player. */
  kick({ player, reason, ban = false }: KickCommand): boolean {
    const seat = this.#registry.get(player);
    if (seat === undefined) return false;
    if (ban) this.#banFromRoom(seat);
    const { presence } = seat;
    if (presence.at === "here")
      presence.line.close("kicked", reason === undefined ? undefined : fitCloseReason(reason));
    this.#vacate(seat, "kicked");
    return true;
  }

  /** Neither the session nor the user of a newcomer may come here again. */
  banNewcomer({
    sessionHash,
    shownSessionHash,
    user,
  }: Pick<JoinRequest, "sessionHash" | "shownSessionHash" | "user">): void {
    const { joinPolicy } = this.#options;
    if (sessionHash !== undefined) joinPolicy.ban(sessionHash);
    if (shownSessionHash !== undefined) joinPolicy.ban(shownSessionHash);
    if (user !== undefined) joinPolicy.banUser(user);
    this.#options.directory.changed?.();
  }

  /** Ends the stay of a player that a program has banned. */
  expel({ player }: Seat, reason: string): void {
    this.kick({ cmd: "kick", player, reason });
  }

  /** Ends the stay of each player that is banned, away or not. */
  expelAll(
    isBanned: (shown: Pick<JoinRequest, "sessionHash" | "tokenSessionHash" | "shownSessionHash" | "user">) => boolean,
    reason: string,
  ): void {
    for (const seat of this.#registry.seats) {
      const { user, tokenSessionHash, shownSessionHash } = seat;
      const phones = this.#registry.phonesOf(seat);
      if (
        isBanned({ user, tokenSessionHash, shownSessionHash }) ||
        phones.some((sessionHash) => isBanned({ sessionHash }))
      ) {
        this.expel(seat, reason);
      }
    }
  }

  /** Sends a frame of the host to its recipients. A slow one does not hold up the others. */
  send(command: ToCommand | ToStrCommand, isText: boolean): void {
    const except = command.except === undefined ? undefined : new Set(command.except);
    const seats = command.to === "everybody" ? this.#registry.seats : this.#registry.those(command.to);
    // Bytes that may have to be stored are copied at most once for all recipients.
    const terms = passingTerms(command, this.#now);
    const retention = retentionOf(command);
    const { traffic } = this.#options;
    traffic.countIn(command.data.length);
    const isShared = terms !== undefined || command.data.length >= SHARED_BYTES;
    let kept: Uint8Array | undefined;
    for (const seat of seats) {
      if (except?.has(seat.player) ?? false) continue;
      if (retention?.isSilent !== true) traffic.countOut(command.data.length);
      const data = isShared || seat.peer.isKeeping ? (kept ??= toOwned(command.data)) : command.data;
      this.#sendTo(seat, { data, isText }, retention, terms);
    }
  }

  /**
   * Sends one frame to these players, but for one. Those that are not in the room are skipped. With `retain` the newest frame of that name is kept with each
   * seat, for a page that comes back to it with nothing.
   */
  deliver(players: Iterable<PlayerId>, { data, isText }: Message, except?: PlayerId, retain?: string): void {
    const { traffic } = this.#options;
    const isShared = data.length >= SHARED_BYTES || retain !== undefined;
    const retention = retain === undefined ? undefined : { name: retain, isAppended: false, isSilent: false };
    let kept: Message | undefined;
    let lent: Message | undefined;
    for (const player of players) {
      const seat = player === except ? undefined : this.#registry.get(player);
      if (seat === undefined) continue;
      traffic.countOut(data.length);
      if (isShared || seat.peer.isKeeping) this.#sendTo(seat, (kept ??= { data: toOwned(data), isText }), retention);
      else this.#sendTo(seat, (lent ??= { data, isText }));
    }
  }

  /** Ends the connection of a player and keeps its seat, where it has a session. */
  endConnection(player: PlayerId, name: CloseName, reason?: string): void {
    const seat = this.#registry.get(player);
    if (seat?.presence.at === "here") this.#expel(seat, seat.presence.line, name, reason);
  }

  /** Tells a player that a message of it was refused, where its wire can say that. */
  refuseMessage(player: PlayerId, reason: string): void {
    this.#registry.get(player)?.peer.refuse(reason);
  }

  /** Stops reading from one player, or goes on. */
  setPlayerPaused(player: PlayerId, isPaused: boolean): void {
    const seat = this.#registry.get(player);
    if (seat === undefined || seat.isPaused === isPaused) return;
    seat.isPaused = isPaused;
    if (seat.presence.at === "here" && !this.#isPaused) this.#hold(seat, seat.presence.line, isPaused);
  }

  /** The player whose session this is. */
  playerOf(sessionHash: string | undefined): PlayerId | undefined {
    return this.#registry.ofSession(sessionHash)?.player;
  }

  /** Gives this player's seat to the phone that will show this proof. `false` where there is no such player. */
  addSeatTransfer(player: PlayerId, proof: string): boolean {
    return this.#registry.addSeatTransfer(player, proof, this.#options.clock.now());
  }

  /** Reports the state of the players' connections, and measures them again for the next report. */
  health(): Readonly<Record<string, PlayerHealth>> {
    const players: Record<string, PlayerHealth> = {};
    for (const seat of this.#registry.seats) {
      players[seat.player] = healthOf(seat);
      if (seat.presence.at === "here") seat.presence.line.probe();
    }
    return players;
  }

  /** The newest frames that are kept by their names for this player, oldest first. */
  retainedFor(player: PlayerId): readonly Message[] {
    return this.#registry.get(player)?.retainedExcept(() => false) ?? [];
  }

  /** The state of one player's connection. */
  healthOf(player: PlayerId): PlayerHealth | undefined {
    const seat = this.#registry.get(player);
    return seat === undefined ? undefined : healthOf(seat);
  }

  /** What is known of each player and spectator, in joining order. */
  facts(): readonly SeatFacts[] {
    return Array.from(this.#registry.seats, factsOf);
  }

  /** How many of the recipients of such a frame are connected, and how many away. */
  reachOf({ to, except }: Pick<ToCommand, "to" | "except">): { readonly here: number; readonly away: number } {
    const skipped = new Set(except);
    const seats = to === "everybody" ? this.#registry.seats : this.#registry.those([...new Set(to)]);
    let here = 0;
    let away = 0;
    for (const { player, presence } of seats) {
      if (skipped.has(player)) continue;
      if (presence.at === "here") here += 1;
      else away += 1;
    }
    return { here, away };
  }

  /** The room is another game's: what the old one said to the players is dropped, and those that can be told go to the other one's page. */
  gameChanged(): void {
    const { game, limits } = this.#options;
    const notice = game.gameNotice;
    this.#hasChangedGame = true;
    for (const seat of this.#registry.seats) {
      seat.dropRetained();
      const isTold = seat.peer.turnTo(notice);
      seat.heardOfGame = isTold ? "its name" : "nothing";
      const { presence } = seat;
      if (isTold && presence.at === "here" && seat.peer.isSlow(limits.sendQueue, 0)) {
        this.#expel(seat, presence.line, "slow_consumer");
      }
    }
  }

  /** Stops reading from all players, or goes on. */
  setPaused(isPaused: boolean): void {
    this.#isPaused = isPaused;
    for (const seat of this.#registry.seats) {
      if (seat.presence.at === "here" && !seat.isPaused) this.#hold(seat, seat.presence.line, isPaused);
    }
  }

  /** The room was locked or opened: the seats of away players are kept for good, or their grace begins again. */
  joinPolicyChanged(): void {
    for (const seat of this.#registry.seats) {
      if (seat.presence.at === "away") seat.presence.setGrace(this.#graceMs);
    }
  }

  /** Closes every player's connection and removes the seats. The host is told nothing. */
  close(name: CloseName, reason?: string): void {
    for (const seat of this.#registry.seats) {
      if (seat.presence.at === "here") seat.presence.line.close(name, reason);
      if (seat.presence.at === "away") seat.presence.end();
      seat.memory.close();
    }
    this.#registry.clear();
  }

  #pass({ seat, line }: SeatConnection, frame: Uint8Array, isText: boolean): void {
    const { host, clock } = this.#options;
    if (seat.peer.takeAck(frame, isText)) return;
    if (!seat.rateLimiter.take(frame.length, clock.now())) {
      this.#expel(seat, line, "rate_limited", this.ban(seat));
      return;
    }
    const data = seat.peer.read(frame, isText);
    if (data === "nonsense") return this.#expel(seat, line, "bad_request", NOT_UNDERSTOOD);
    if (data !== "control") return this.#passOn(seat, data, isText);
    const lost = seat.peer.takeSkipped();
    if (lost === 0) return;
    host.tell({ cmd: "gap", player: seat.player, lost });
    const { observer, room } = this.#options;
    observer.playerGap({ room, player: seat.player, lost });
  }

  /** The host hears what a player has said. */
  #passOn(seat: Seat, data: Uint8Array, isText: boolean): void {
    const { host, traffic } = this.#options;
    seat.hasSpoken = true;
    traffic.countIn(data.length);
    if (this.#isHostConnected) traffic.countOut(data.length);
    host.message(seat.player, data, isText);
  }

  /**
   * What a phone is told that comes with another game's page. A page that does not say whose it is may be the old one: it is told once, and again as long
   * as it is the same page.
   */
  #noticeFor(seat: Seat, { isReliable, game, received }: JoinRequest): GameNotice | undefined {
    if (!isReliable) return undefined;
    const { game: played } = this.#options;
    const { heardOfGame } = seat;
    if (game !== undefined && game !== "") {
      // In a room that has had one game alone, a page may be called as it likes: the host may have named the game otherwise than its folder.
      if (game !== played.name && this.#hasChangedGame) return played.gameNotice;
      seat.heardOfGame = "all";
      return undefined;
    }
    const isSamePage = received !== undefined;
    if (heardOfGame === "nothing") seat.heardOfGame = "its name";
    else if (!isSamePage) seat.heardOfGame = "all";
    const isTold = heardOfGame === "nothing" || (heardOfGame === "its name" && isSamePage && game === "");
    return isTold ? played.gameNotice : undefined;
  }

  /** Closes a player's connection. A player with a session may come back to the seat. */
  #expel(seat: Seat, line: PlayerLine, name: CloseName, reason?: string): void {
    line.close(name, reason);
    this.leave(seat, name);
  }

  /**
   * Transfers a seat: only the session that shows the proof may come back to it from now on. One session has one seat, so that session leaves
   * another seat that it has in this room. A user's seat is not transferred to another user, whose attempt does not use up the link.
   */
  #redeem(request: JoinRequest): Seat | undefined {
    const { seatTransferProof: proof, sessionHash, visitor, user } = request;
    const seat = proof === undefined ? undefined : this.#registry.ofTransfer(request, this.#options.clock.now());
    if (seat === undefined) return undefined;
    this.#registry.dropSeatTransfer(seat.player);
    seat.user ??= user;
    const former = this.#registry.ofSession(sessionHash);
    if (former !== undefined && former !== seat) {
      if (former.presence.at === "here") former.presence.line.close("replaced");
      this.#vacate(former, "replaced");
    }
    if (seat.sessionHash === undefined && sessionHash !== undefined) {
      if (seat.presence.at === "here") seat.presence.line.close("replaced");
      seat.peer.shed();
      seat.peer = this.#options.openPeer(seat.player, seat.memory, true);
    }
    this.#registry.handOver(seat, sessionHash, visitor);
    this.#options.directory.changed?.();
    return seat;
  }

  #memoryOf(player: PlayerId): FrameMemory {
    const { budget, limits } = this.#options;
    return new FrameMemory({ budget, limitBytes: limits.seatBuffer, holder: { cut: () => this.#cut(player) } });
  }

  /**
   * Frees memory: the budget is used up and this seat holds the most. An away player is told on its return how much it misses. A connected
   * player that keeps up notices nothing; one that frames wait for is closed.
   */
  #cut(player: PlayerId): void {
    const seat = this.#registry.get(player);
    if (seat === undefined) return;
    const canGoOn = seat.shed();
    if (canGoOn || seat.presence.at !== "here") return;
    this.#expel(seat, seat.presence.line, "slow_consumer");
    seat.shed();
  }

  #sitDown(seat: Seat, line: PlayerLine): SeatConnection {
    const connection = new SeatConnection(seat, line, this);
    this.#registry.setPresence(seat, connection);
    if (this.#isPaused || seat.isPaused) this.#hold(seat, line, true);
    return connection;
  }

  /** Stops reading from a player, or goes on. */
  #hold(seat: Seat, line: PlayerLine, isPaused: boolean): void {
    const now = this.#options.clock.now();
    if (isPaused) {
      line.pause();
      seat.rateLimiter.pause(now);
    } else {
      seat.rateLimiter.resume(now);
      line.resume();
    }
  }

  /** Neither the player's phones nor its user may come back. */
  #banFromRoom(seat: Seat): void {
    const { joinPolicy } = this.#options;
    for (const phone of this.#registry.phonesOf(seat)) joinPolicy.ban(phone);
    if (seat.shownSessionHash !== undefined) joinPolicy.ban(seat.shownSessionHash);
    if (seat.user !== undefined) joinPolicy.banUser(seat.user);
  }

  #sendTo(seat: Seat, message: Message, retention?: Retention, terms?: PassingTerms): void {
    const { presence, peer } = seat;
    const { data, isText } = message;
    if (retention?.isSilent === true) return seat.retain(retention, message);
    if (presence.at === "here" && peer.isSlow(this.#options.limits.sendQueue, data.length)) {
      this.#expel(seat, presence.line, "slow_consumer");
    }
    if (retention !== undefined) seat.retain(retention, message);
    if (terms !== undefined) peer.sendPassing(data, isText, terms);
    else peer.send(data, isText);
  }

  #absenceFrom(seat: Seat, why: DepartureReason): ReconnectGrace {
    const { clock, limits, host, watcher } = this.#options;
    return new ReconnectGrace({
      why,
      clock,
      awayMs: limits.awayMs,
      graceMs: this.#graceMs,
      tellHost: () => {
        this.#registry.noteAway(seat);
        host.tell({ cmd: "player_away", player: seat.player });
        watcher?.away(seat.player);
      },
      giveUp: () => this.#remove(seat, "timeout"),
    });
  }

  /** Once the game has started, no player loses a seat for being away. */
  get #graceMs(): number | undefined {
    const { joinPolicy, limits } = this.#options;
    return joinPolicy.isLocked ? undefined : limits.seatGraceMs;
  }

  #vacate(seat: Seat, why: DepartureReason): void {
    this.#options.host.lines?.ended(seat.player, why);
    this.#remove(seat, why);
  }

  #remove(seat: Seat, why: DepartureReason): void {
    const { host, observer, watcher, room, onSeatFree } = this.#options;
    const { presence } = seat;
    if (presence.at === "away") presence.end();
    seat.memory.close();
    this.#registry.remove(seat);
    this.#options.directory.changed?.();
    observer.playerLeft({ room, player: seat.player, why });
    const isLateForReturn = presence.at === "away" && (why === "timeout" || why === "room_full");
    watcher?.left(seat.player, isLateForReturn ? presence.why : why, this.size === 0);
    host.tell({ cmd: "player_left", player: seat.player });
    onSeatFree();
  }
}
