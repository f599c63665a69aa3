/**
 * One room: an actor with ports. It owns its seats, its door and its limits; one method call is one message; it does
 * no I/O, reads no clock but the one it is given and throws at nobody. Frames caused by one call are contiguous at the
 * host.
 */
import { CLOSE_CODES, fitCloseReason, type CloseName } from "../protocol/close-codes.ts";
import type {
  HealthCommand,
  HostCommand,
  KickCommand,
  PlayerId,
  PrepareCommand,
  RescueCommand,
  ToCommand,
  ToStrCommand,
} from "../protocol/commands.ts";
import { decodeHostFrame } from "../protocol/decode-host-frame.ts";
import type { Refusal } from "../protocol/error-codes.ts";
import type { PlayerHealth, StateEvent } from "../protocol/events.ts";
import type { HostEncoder } from "../protocol/host-encoder.ts";
import { failure, success, type Result } from "../protocol/result.ts";
import { Allowance, type AllowanceLimits } from "./allowance.ts";
import { Channel, type Resumption } from "./channel.ts";
import { Door, type Newcomer } from "./door.ts";
import { HostDesk, type HostTicket } from "./host-desk.ts";
import type {
  Cancel,
  Clock,
  DepartureReason,
  HostPort,
  PlayerPort,
  RoomDirectory,
  RoomObserver,
  RoomRegistration,
} from "./ports.ts";
import { RescueLinks } from "./rescue-links.ts";
import { Seat, Visit } from "./seat.ts";

export interface RoomLimits extends AllowanceLimits {
  /** Upper bound of `max_players`; a host that asks for more gets this many. */
  readonly maxPlayers: number;
  /** Bytes waiting for one player before it is closed as a slow consumer; bytes waiting for the host before players wait. */
  readonly sendQueue: number;
  /** Bytes kept for an away player, an away host. */
  readonly seatBuffer: number;
  readonly hostBuffer: number;
  /** Milliseconds before the host hears that a player is away. */
  readonly awayMs: number;
  /** Milliseconds an away player's seat is kept before the game starts, an away host's room at any time. */
  readonly seatGraceMs: number;
  readonly hostGraceMs: number;
}

export interface RoomSurroundings {
  readonly directory: RoomDirectory;
  readonly observer: RoomObserver;
  readonly limits: RoomLimits;
  readonly clock: Clock;
}

/** What a phone shows when it connects. */
export interface PlayerTicket extends Resumption, Newcomer {
  /** The display name, for the host. */
  readonly name?: string | undefined;
  /** The token of a rescue link: the seat it was made for becomes this session's. */
  readonly rescue?: string | undefined;
  /** Whom to bar after a flood: the session where there is one, else what is known of the phone. */
  readonly visitor?: string | undefined;
}

const PLAIN: PlayerTicket = { isExact: false };

/** Where a room is in its life. What `prepare` fixed stays. */
type Phase =
  | { readonly at: "new" }
  | {
      readonly at: "prepared";
      readonly registration: RoomRegistration;
      readonly name: string;
      readonly joinUrl: string | undefined;
      readonly meta: string | undefined;
      readonly door: Door;
    }
  | { readonly at: "closed" };

export class Room {
  readonly #desk: HostDesk;
  readonly #surroundings: RoomSurroundings;
  readonly #epoch: string;
  readonly #seats = new Map<PlayerId, Seat>();
  readonly #rescues = new RescueLinks();
  readonly #visitors = new WeakMap<Seat, string>();
  #phase: Phase = { at: "new" };
  #lastPlayer: PlayerId = 0;
  #isHostCongested = false;
  #stopHealth: Cancel | undefined;
  #stopHostGrace: Cancel | undefined;

  /** Tells the host its empty `state` at once (P2.1). */
  constructor(host: HostPort, encoder: HostEncoder, surroundings: RoomSurroundings, ticket: HostTicket = PLAIN) {
    this.#surroundings = surroundings;
    this.#epoch = surroundings.directory.secret();
    const { hostBuffer: bufferBytes } = surroundings.limits;
    this.#desk = new HostDesk({ ticket, encoder, epoch: this.#epoch, bufferBytes });
    this.#desk.attach(host, { isExact: ticket.isExact }, []);
    this.#tellState();
  }

  /** The room code, from `prepare` until the room closes. */
  get code(): string | undefined {
    return this.#phase.at === "prepared" ? this.#phase.registration.code : undefined;
  }

  /** The game's name as given to `prepare`. */
  get name(): string {
    return this.#phase.at === "prepared" ? this.#phase.name : "";
  }

  /** Where the game's own phone page is, if the host said so. */
  get joinUrl(): string | undefined {
    return this.#phase.at === "prepared" ? this.#phase.joinUrl : undefined;
  }

  /** What the host wants known about the room, as JSON. */
  get meta(): string | undefined {
    return this.#phase.at === "prepared" ? this.#phase.meta : undefined;
  }

  get playerCount(): number {
    return this.#seats.size;
  }

  /** What the host is told after every change (P2.8). */
  get state(): StateEvent {
    const phase = this.#phase;
    const isPrepared = phase.at === "prepared";
    return {
      cmd: "state",
      name: isPrepared ? phase.name : "",
      players: [...this.#seats.keys()],
      max_players: isPrepared ? phase.door.maxPlayers : 0,
      accept_conns: isPrepared && phase.door.acceptsNewcomers(this.#seats.size),
    };
  }

  /** One frame of the host, as it came. What comes over a connection that was replaced is dropped. */
  fromHost(port: HostPort, frame: Uint8Array, isText: boolean): void {
    if (port !== this.#desk.channel.port) return;
    const data = this.#desk.channel.read(frame, isText);
    if (data === undefined) return;
    const decoded = decodeHostFrame(data, isText);
    if (decoded.ok) this.command(decoded.value);
    else this.#refuse(decoded.failure);
  }

  /** One command of the host, for hosts that need no wire. */
  command(command: HostCommand): void {
    if (this.#phase.at === "closed") return;
    switch (command.cmd) {
      case "prepare":
        return this.#prepare(command);
      case "start":
        return this.#setLocked(true);
      case "open":
        return this.#phase.at === "new" ? this.#refuse(notPrepared("open")) : this.#setLocked(false);
      case "kick":
        return this.#kick(command);
      case "to":
        return this.#send(command, false);
      case "to_str":
        return this.#send(command, true);
      case "save":
        return this.#desk.save(command.data, command.received);
      case "health":
        return this.#reportHealth(command);
      case "rescue":
        return this.#rescue(command);
      case "stop":
        return this.close("room_closed");
      default:
        command satisfies never;
    }
  }

  /**
   * The host's connection is gone. With a session the room waits for it, players stay, and what they send waits too;
   * without one, and where the host left on purpose, the room is over.
   */
  hostGone(port: HostPort, why: DepartureReason): void {
    if (port !== this.#desk.channel.port) return;
    if (this.#desk.session === undefined || why === "left") return this.close("room_closed");
    this.#desk.channel.detach(isSilence(why));
    const { clock, limits, observer } = this.#surroundings;
    this.#stopHostGrace = clock.after(limits.hostGraceMs, () => this.close("room_closed"));
    if (this.code !== undefined) observer.hostAway(this.code);
  }

  /** The host of this session is back: it gets the state, its code, its checkpoint, then what waited (P5.4). */
  hostBack(port: HostPort, encoder: HostEncoder, ticket: HostTicket): Result<undefined, CloseName> {
    if (this.#phase.at === "closed") return failure("room_closed");
    if (encoder.name !== this.#desk.encoder.name || !this.#desk.channel.canResume(ticket))
      return failure("bad_request");
    const old = this.#desk.channel.port;
    if (old !== undefined) {
      old.close("replaced");
      this.#desk.channel.detach(true);
    }
    this.#stopHostGrace?.();
    const { code } = this;
    const missed = this.#desk.attach(
      port,
      ticket,
      code === undefined ? [this.state] : [this.state, { cmd: "prepare_reply", key: code }],
    );
    if (code !== undefined) this.#surroundings.observer.hostBack(code, missed);
    this.#checkHost();
    return success(undefined);
  }

  /** The host's queue has fallen: players may talk again. */
  hostDrained(): void {
    if (this.#isHostCongested) this.#checkHost();
  }

  /** The host has confirmed that so many frames arrived. */
  hostConfirmed(port: HostPort, count: number): void {
    if (port === this.#desk.channel.port) this.#desk.channel.confirm(count);
  }

  /** A phone asks for a seat, or for its own. A refused one is never announced; its close code is the failure. */
  join(port: PlayerPort, ticket: PlayerTicket = PLAIN): Result<Visit, CloseName> {
    const phase = this.#phase;
    if (phase.at !== "prepared") return failure("room_not_found");
    const own = this.#redeem(ticket) ?? this.#seatOf(ticket.session);
    if (own !== undefined)
      return own.channel.canResume(ticket) ? success(this.#return(own, port, ticket)) : failure("bad_request");
    const refusal = phase.door.refusal(ticket, this.#seats.size);
    if (refusal !== undefined) {
      this.#surroundings.observer.joinRefused(phase.registration.code, refusal);
      return failure(refusal);
    }
    return success(this.#seat(port, ticket, phase.registration.code));
  }

  /** One frame of a player, passed on unchanged. What comes from a seat that is no longer its own is dropped. */
  fromPlayer(visit: Visit, frame: Uint8Array, isText: boolean): void {
    if (!visit.isCurrent) return;
    const { seat } = visit;
    if (!seat.allowance.take(frame.length, this.#surroundings.clock.now())) return this.#flooded(visit);
    const data = seat.channel.read(frame, isText);
    if (data === undefined) return this.#tellSkipped(seat);
    this.#desk.pass(isText ? seat.encoder.text(data) : seat.encoder.binary(data));
    if (!this.#isHostCongested) this.#checkHost();
  }

  /**
   * A player's connection is gone, or is being closed by its owner. With a session the seat is kept, unless the player
   * left on purpose. Safe twice, and after a kick.
   */
  playerGone(visit: Visit, why: DepartureReason): void {
    if (!visit.isCurrent) return;
    const { seat } = visit;
    seat.channel.detach(isSilence(why));
    if (seat.session === undefined || why === "left" || why === "kicked") this.#vacate(seat, why);
    else this.#setAway(seat, why);
  }

  /** A player's queue has fallen: the newest volatile frame goes out. */
  playerDrained(visit: Visit): void {
    if (visit.isCurrent) visit.seat.channel.flushVolatile();
  }

  /** A player has confirmed that so many frames arrived. */
  playerConfirmed(visit: Visit, count: number): void {
    if (visit.isCurrent) visit.seat.channel.confirm(count);
  }

  /** Ends the room: the code is free first, so that nobody joins in between; then everybody is told. Safe twice. */
  close(name: CloseName): void {
    const phase = this.#phase;
    if (phase.at === "closed") return;
    this.#phase = { at: "closed" };
    if (phase.at === "prepared") phase.registration.release();
    this.#surroundings.directory.forget();
    this.#stopHealth?.();
    this.#stopHostGrace?.();
    this.#desk.channel.port?.close(name);
    for (const seat of this.#seats.values()) {
      if (seat.presence.at === "here") seat.presence.port.close(name);
      if (seat.presence.at === "away") seat.presence.cancel();
      seat.presence = { at: "gone" };
    }
    this.#seats.clear();
    if (phase.at === "prepared") this.#surroundings.observer.roomClosed(phase.registration.code, name);
  }

  #prepare({ name, max_players, join_url, pin, meta }: PrepareCommand): void {
    if (this.#phase.at === "new") {
      const registration = this.#surroundings.directory.register();
      if (registration === undefined) return this.#refuse(NO_ROOM_LEFT);
      const door = new Door({ maxPlayers: Math.min(max_players, this.#surroundings.limits.maxPlayers), pin });
      this.#phase = { at: "prepared", registration, name, joinUrl: join_url, meta, door };
      this.#surroundings.observer.roomOpened(registration.code, name);
      this.#tellState();
    }
    const { code } = this;
    if (code !== undefined) this.#desk.tell({ cmd: "prepare_reply", key: code });
  }

  /**
   * Before `prepare` there is no door: the host hears the empty state and nothing lasts (WMBP E7). Behind a locked
   * door away seats are kept for as long as the room lives; behind an open one their grace begins anew.
   */
  #setLocked(isLocked: boolean): void {
    if (this.#phase.at === "prepared") {
      this.#phase.door.isLocked = isLocked;
      for (const seat of this.#seats.values())
        if (seat.presence.at === "away") this.#waitFor(seat, seat.presence.isHostTold());
    }
    this.#tellState();
  }

  #kick({ player, reason, ban = false }: KickCommand): void {
    const seat = this.#seats.get(player);
    if (seat === undefined) return this.#tellState();
    if (ban && this.#phase.at === "prepared") this.#phase.door.ban(seat.session);
    if (seat.presence.at === "here") {
      seat.presence.port.close("kicked", reason === undefined ? undefined : fitCloseReason(reason));
    }
    this.#vacate(seat, "kicked");
  }

  #send(command: ToCommand | ToStrCommand, isText: boolean): void {
    const recipients = command.to === "everybody" ? this.#seats.keys() : command.to;
    for (const player of recipients) {
      if (command.except?.includes(player) ?? false) continue;
      const seat = this.#seats.get(player);
      if (seat !== undefined) this.#sendTo(seat, command, isText);
    }
  }

  /** Never waits: a player whose queue is over the limit goes, and nobody else notices. */
  #sendTo(seat: Seat, { data, retain, volatile: isVolatile = false }: ToCommand | ToStrCommand, isText: boolean): void {
    const { presence, channel } = seat;
    if (presence.at === "here" && presence.port.queued > this.#surroundings.limits.sendQueue) {
      this.#expel(new Visit(seat, presence.port), "slow_consumer");
    }
    if (retain !== undefined) seat.retain(retain, data, isText);
    if (isVolatile) channel.sendVolatile(data, isText);
    else channel.send(data, isText);
  }

  #rescue({ player }: RescueCommand): void {
    const { code } = this;
    if (code === undefined) return this.#refuse(notPrepared("rescue"));
    const seat = this.#seats.get(player);
    if (seat === undefined) return this.#refuse(noSuchPlayer(player));
    const { directory, clock } = this.#surroundings;
    const token = directory.secret();
    this.#rescues.add(token, player, clock.now());
    this.#desk.tell({ cmd: "rescue_reply", player, url: directory.rescueUrl(code, token) });
  }

  #reportHealth({ every }: HealthCommand): void {
    this.#stopHealth?.();
    this.#stopHealth = undefined;
    if (every === 0) return;
    const players: Record<string, PlayerHealth> = {};
    for (const { player, presence } of this.#seats.values()) {
      const port = presence.at === "here" ? presence.port : undefined;
      players[player] = { rtt: port?.rtt ?? null, queued: port?.queued ?? 0, away: port === undefined };
      port?.probe();
    }
    this.#desk.tell({ cmd: "health", players });
    this.#stopHealth = this.#surroundings.clock.after(every * 1_000, () =>
      this.#reportHealth({ cmd: "health", every }),
    );
  }

  #seatOf(session: string | undefined): Seat | undefined {
    if (session === undefined) return undefined;
    for (const seat of this.#seats.values()) if (seat.session === session) return seat;
    return undefined;
  }

  /** The seat that a rescue link gives to this session; from now on it is the only one that may come back to it. */
  #redeem({ rescue, session }: PlayerTicket): Seat | undefined {
    if (rescue === undefined) return undefined;
    const player = this.#rescues.redeem(rescue, this.#surroundings.clock.now());
    const seat = player === undefined ? undefined : this.#seats.get(player);
    if (seat !== undefined) seat.session = session;
    return seat;
  }

  #seat(port: PlayerPort, ticket: PlayerTicket, code: string): Visit {
    const player = ++this.#lastPlayer;
    const { limits, clock, observer } = this.#surroundings;
    const { session, name, visitor } = ticket;
    const seat = new Seat({
      player,
      session,
      channel: new Channel({
        bufferBytes: session === undefined ? undefined : limits.seatBuffer,
        overflow: "drop_oldest",
        epoch: this.#epoch,
      }),
      encoder: this.#desk.encoder.seat(player),
      allowance: new Allowance(limits, clock.now()),
      retainBytes: limits.seatBuffer,
    });
    this.#seats.set(player, seat);
    if (visitor !== undefined) this.#visitors.set(seat, visitor);
    seat.presence = { at: "here", port };
    if (this.#isHostCongested) port.pause();
    seat.channel.attach(port, { isExact: ticket.isExact }, () => []);
    this.#desk.tell({ cmd: "player_joined", player, ...(name !== undefined && { name }) });
    this.#tellState();
    observer.playerJoined(code, player);
    return new Visit(seat, port);
  }

  /** The same seat, the same player id, at once, even if nobody has noticed yet that the old line is dead. */
  #return(seat: Seat, port: PlayerPort, ticket: PlayerTicket): Visit {
    const { presence } = seat;
    if (presence.at === "here") {
      presence.port.close("replaced");
      seat.channel.detach(true);
    }
    if (presence.at === "away") presence.cancel();
    seat.presence = { at: "here", port };
    if (this.#isHostCongested) port.pause();
    const missed = seat.channel.attach(port, ticket, (had, isFresh) => (isFresh ? seat.retainedThrough(had) : []));
    const wasTold = presence.at === "away" && presence.isHostTold();
    if (wasTold || missed > 0) this.#desk.tell({ cmd: "player_back", player: seat.player, missed });
    if (this.code !== undefined) this.#surroundings.observer.playerBack(this.code, seat.player, missed);
    return new Visit(seat, port);
  }

  #setAway(seat: Seat, why: DepartureReason): void {
    this.#waitFor(seat, false);
    if (this.code !== undefined) this.#surroundings.observer.playerAway(this.code, seat.player, why);
  }

  /** Keeps an away seat: tells the host after a while, and gives it up after the grace, unless the game has started. */
  #waitFor(seat: Seat, isTold: boolean): void {
    if (seat.presence.at === "away") seat.presence.cancel();
    const { clock, limits } = this.#surroundings;
    let isHostTold = isTold;
    const tell = (): void => {
      isHostTold = true;
      this.#desk.tell({ cmd: "player_away", player: seat.player });
    };
    const stopTelling = isTold ? undefined : clock.after(limits.awayMs, tell);
    const isKept = this.#phase.at === "prepared" && this.#phase.door.isLocked;
    const stopGrace = isKept ? undefined : clock.after(limits.seatGraceMs, () => this.#vacate(seat, "timeout"));
    seat.presence = {
      at: "away",
      isHostTold: () => isHostTold,
      cancel: () => {
        stopTelling?.();
        stopGrace?.();
      },
    };
  }

  #vacate(seat: Seat, why: DepartureReason): void {
    if (seat.presence.at === "away") seat.presence.cancel();
    seat.presence = { at: "gone" };
    this.#seats.delete(seat.player);
    if (this.code !== undefined) this.#surroundings.observer.playerLeft(this.code, seat.player, why);
    this.#desk.tell({ cmd: "player_left", player: seat.player });
    this.#tellState();
  }

  #expel(visit: Visit, name: CloseName, reason?: string): void {
    visit.port.close(name, reason);
    this.playerGone(visit, name);
  }

  #flooded(visit: Visit): void {
    const visitor = this.#visitors.get(visit.seat);
    const { directory } = this.#surroundings;
    const barred = visitor === undefined ? undefined : directory.bar(visitor);
    this.#expel(visit, "rate_limited", barred);
  }

  #tellSkipped(seat: Seat): void {
    const lost = seat.channel.takeSkipped();
    if (lost > 0) this.#desk.tell({ cmd: "gap", player: seat.player, lost });
  }

  /** A host that does not keep up makes its players' networks hold them back; nothing is dropped. */
  #checkHost(): void {
    const isBehind = this.#desk.isBehind(this.#surroundings.limits.sendQueue);
    if (isBehind === this.#isHostCongested) return;
    this.#isHostCongested = isBehind;
    for (const { presence } of this.#seats.values()) {
      if (presence.at !== "here") continue;
      if (isBehind) presence.port.pause();
      else presence.port.resume();
    }
    if (this.code !== undefined) this.#surroundings.observer.hostCongested(this.code, isBehind);
  }

  #refuse({ code, reason, in: command }: Refusal): void {
    this.#surroundings.observer.frameRefused(this.code, code, reason);
    this.#desk.tell({ cmd: "error", reason, code, ...(command !== undefined && { in: command }) });
  }

  #tellState(): void {
    this.#desk.tell(this.state);
  }
}

/** Whether nobody knows since when nothing arrived: the line was not closed, it went quiet or was jammed. */
function isSilence(why: DepartureReason): boolean {
  return why === "timeout" || why === "slow_consumer";
}

function notPrepared(command: string): Refusal {
  return { code: "not_prepared", in: command, reason: `There is no room yet: send \`prepare\` before \`${command}\`.` };
}

function noSuchPlayer(player: PlayerId): Refusal {
  return {
    code: "invalid_field",
    in: "rescue",
    reason: `\`player\` has to be in the room; there is no player ${player}.`,
  };
}

const NO_ROOM_LEFT: Refusal = {
  code: "room_limit",
  in: "prepare",
  reason: `${CLOSE_CODES.overloaded.reason} No room, or no room code, is left.`,
};
