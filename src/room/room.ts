/**
 * One room: an actor with ports. It owns its seats, its door and its limits; one method call is one message; it does
 * no I/O, reads no clock but the one it is given and throws nothing. Frames caused by one call are contiguous at the
 * host. Long because it is the whole list of what hosts, players and transports may say to a room.
 */
import type { CloseName } from "../protocol/close-codes.ts";
import type { HostCommand, PlayerId, PrepareCommand } from "../protocol/commands.ts";
import type { Refusal } from "../protocol/error-codes.ts";
import type { StateEvent } from "../protocol/events.ts";
import type { HostEncoder } from "../protocol/host-encoder.ts";
import { failure, success, type Result } from "../protocol/result.ts";
import { JoinPolicy } from "./join-policy.ts";
import type { RoomEnvironment } from "./environment.ts";
import { HealthReports } from "./health-reports.ts";
import { HostSession, type HostRequest } from "./host-session.ts";
import { HostInput } from "./host-input.ts";
import type { Cancel, DepartureReason, HostPort, PlayerPort, Port } from "./ports.ts";
import { noRoom, noSuchPlayer, notPrepared } from "./host-refusals.ts";
import type { RoomRegistration } from "./ports.ts";
import { NOT_UNDERSTOOD } from "../session/session.ts";
import { isSilence, PlayerManager, type JoinRequest } from "./player-manager.ts";
import type { Credentials } from "./seat-registry.ts";
import type { SeatConnection } from "./seat.ts";
import { TrafficCounter } from "./traffic.ts";

/** Where a room is in its life. What `prepare` fixed stays. */
type Phase =
  | { readonly at: "new" }
  | {
      readonly at: "prepared";
      readonly registration: RoomRegistration;
      readonly name: string;
      readonly joinUrl: string | undefined;
      readonly meta: string | undefined;
      readonly joinPolicy: JoinPolicy;
      readonly playerManager: PlayerManager;
    }
  | { readonly at: "closed" };

/** A peer that knows WMBP and nothing else. */
const PLAIN = { isReliable: false } as const;

export class Room {
  readonly #hostSession: HostSession;
  readonly #environment: RoomEnvironment;
  readonly #epoch: string;
  readonly #traffic = new TrafficCounter();
  #phase: Phase = { at: "new" };
  #isHostCongested = false;
  readonly #health: HealthReports;
  readonly #input: HostInput;
  #stopHostGrace: Cancel | undefined;
  #hostAwaySince: number | undefined;

  /** Tells the host its empty `state` at once (P2.1). */
  constructor(host: HostPort, encoder: HostEncoder, environment: RoomEnvironment, request: HostRequest = PLAIN) {
    this.#environment = environment;
    this.#epoch = environment.directory.secret();
    const onUnresponsive = (port: Port): void => this.#closeHost(port, "slow_consumer");
    const onCut = (): void | "stays" => this.#cutHost();
    const { limits, clock, budget } = environment;
    this.#hostSession = new HostSession({
      request,
      encoder,
      epoch: this.#epoch,
      limits,
      clock,
      budget,
      onCut,
      onUnresponsive,
    });
    this.#health = new HealthReports(clock, () => this.#reportHealth());
    this.#input = new HostInput({
      channel: this.#hostSession.channel,
      rates: limits,
      clock,
      players: () => this.playerCount,
      obey: (command) => this.command(command),
      refuse: (refusal) => this.#refuse(refusal),
      onNonsense: (port) => this.#closeHost(port, "bad_request", NOT_UNDERSTOOD),
      count: (bytes) => this.#hostSession.count(bytes),
    });
    this.#input.attach(host, request.isReliable);
    this.#hostSession.attach(host, { isReliable: request.isReliable, attempt: request.attempt }, []);
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

  /** Whether newcomers have to show a PIN. */
  get needsPin(): boolean {
    return this.#phase.at === "prepared" && this.#phase.joinPolicy.needsPin;
  }

  get playerCount(): number {
    return this.#phase.at === "prepared" ? this.#phase.playerManager.size : 0;
  }

  /** Since when neither the host nor a player has been here, in milliseconds of the room's clock; `undefined` while one is. */
  get idleSince(): number | undefined {
    // The host first: while it is here, as it nearly always is, no seat has to be looked at.
    const hostAwaySince = this.#hostAwaySince;
    if (hostAwaySince === undefined || this.#phase.at !== "prepared") return undefined;
    const playersAwaySince = this.#phase.playerManager.idleSince;
    return playersAwaySince === undefined ? undefined : Math.max(hostAwaySince, playersAwaySince);
  }

  /** What the host is told after every change (P2.8). */
  get state(): StateEvent {
    if (this.#phase.at !== "prepared") {
      return { cmd: "state", name: "", players: [], max_players: 0, accept_conns: false };
    }
    const { name, joinPolicy, playerManager } = this.#phase;
    return {
      cmd: "state",
      name,
      players: playerManager.players,
      max_players: joinPolicy.maxPlayers,
      accept_conns: joinPolicy.acceptsNewcomers(playerManager.size),
    };
  }

  /** One frame of the host, as it came. What comes over a connection that was replaced is dropped. */
  fromHost(port: HostPort, frame: Uint8Array, isText: boolean): void {
    if (port !== this.#hostSession.channel.port || this.#phase.at === "closed") return;
    this.#input.receive(frame, isText);
    if (this.#isHostCongested) this.#checkHost();
  }

  /** One command of the host, for hosts that need no wire. */
  command(command: HostCommand): void {
    const phase = this.#phase;
    if (phase.at === "closed") return;
    switch (command.cmd) {
      case "prepare":
        return this.#prepare(command);
      case "start":
        return this.#setLocked(true);
      case "open":
        return phase.at === "new" ? this.#refuse(notPrepared("open")) : this.#setLocked(false);
      case "kick":
        if (phase.at === "new" || !phase.playerManager.kick(command)) this.#tellState();
        return;
      case "to":
        if (phase.at === "prepared") phase.playerManager.send(command, false);
        return;
      case "to_str":
        if (phase.at === "prepared") phase.playerManager.send(command, true);
        return;
      case "save":
        return this.#hostSession.save(command.data, command.received);
      case "health":
        if (phase.at === "new" && command.every > 0) return this.#refuse(notPrepared("health"));
        return this.#health.every(command.every);
      case "rescue":
        return this.#rescue(command.player);
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
  hostGone(port: Port, why: DepartureReason): void {
    if (port !== this.#hostSession.channel.port || this.#phase.at === "closed") return;
    // Before `prepare` there is nothing to wait for, and hosts without a room must not fill the house.
    const isWorthWaiting = this.#phase.at === "prepared" && this.#hostSession.session !== undefined;
    if (!isWorthWaiting || why === "left") return this.close("room_closed");
    this.#hostSession.channel.detach(isSilence(why));
    this.#input.detach();
    const { clock, limits, observer } = this.#environment;
    this.#hostAwaySince = clock.now();
    this.#stopHostGrace = clock.after(limits.hostGraceMs, () => this.close("room_closed"));
    if (this.code !== undefined) observer.hostAway({ room: this.code });
    this.#checkHost(); // for one that is away more may wait than for one that is slow
  }

  /** The host of this session is back: it gets the state, its code, its checkpoint, then what waited (P5.4). */
  hostBack(port: HostPort, encoder: HostEncoder, request: HostRequest): Result<undefined, CloseName> {
    if (this.#phase.at === "closed") return failure("room_closed");
    const { channel } = this.#hostSession;
    if (channel.isStaleAttempt(request)) return failure("replaced");
    if (!this.#hostSession.takeReturn(this.#environment.clock.now())) return failure("rate_limited");
    if (encoder.name !== this.#hostSession.encoder.name || !channel.canResume(request)) return failure("bad_request");
    if (channel.port !== undefined) {
      channel.port.close("replaced");
      channel.detach(true);
      this.#input.detach();
    }
    this.#input.attach(port, request.isReliable);
    this.#stopHostGrace?.();
    this.#hostAwaySince = undefined;
    const { code } = this;
    const reply = code === undefined ? [] : [{ cmd: "prepare_reply", key: code } as const];
    const missed = this.#hostSession.attach(port, request, [this.state, ...reply]);
    if (code !== undefined) this.#environment.observer.hostBack({ room: code, missed });
    this.#checkHost();
    return success(undefined);
  }

  /** The host's queue has fallen: players may talk again. */
  hostDrained(port: Port): void {
    if (port !== this.#hostSession.channel.port) return;
    this.#hostSession.channel.flush();
    this.#hostSession.drained();
    if (this.#isHostCongested) this.#checkHost();
  }

  /** More of what the host says is on its way. */
  partFromHost(port: HostPort): void {
    if (port === this.#hostSession.channel.port) this.#hostSession.channel.noticePart();
  }

  /** The host has confirmed that so many frames arrived. */
  hostConfirmed(port: HostPort, count: number): void {
    if (port !== this.#hostSession.channel.port) return;
    this.#hostSession.channel.confirm(count);
    if (this.#isHostCongested) this.#checkHost();
  }

  /** A phone asks for a seat, or for its own. A refused one is never announced; its close code is the failure. */
  join(port: PlayerPort, request: JoinRequest = PLAIN): Result<SeatConnection, CloseName> {
    if (this.#phase.at !== "prepared") return failure("room_not_found");
    const { joinPolicy, playerManager, registration } = this.#phase;
    if (joinPolicy.isBanned(request.session)) return failure("kicked");
    const now = this.#environment.clock.now();
    const own = playerManager.ownSeat(request);
    if (own !== undefined) {
      if (own.channel.isStaleAttempt(request)) return failure("replaced");
      if (!own.takeReturn(now)) return failure("rate_limited");
      return own.channel.canResume(request)
        ? success(playerManager.comeBack(own, port, request))
        : failure("bad_request");
    }
    // Nothing can hold back what the room says of newcomers, so a host that hears too little holds back the newcomers.
    const refusal = this.#hostSession.shouldDeferJoins ? "overloaded" : playerManager.admit(request, now);
    if (refusal === undefined) return success(playerManager.take(port, request));
    this.#environment.observer.joinRefused({ room: registration.code, why: refusal });
    return failure(refusal);
  }

  /** So many wrong PINs were shown here within a minute. */
  tellGuessing(count: number): void {
    if (this.#phase.at === "prepared") this.#hostSession.tell({ cmd: "guessing", count });
  }

  /** Whether a seat here is waiting for these credentials: a phone that shows them has guessed neither code nor PIN. */
  knows(credentials: Credentials): boolean {
    return this.#phase.at === "prepared" && this.#phase.playerManager.knows(credentials);
  }

  /** Ends the room: the code is free first, so that no phone joins in between; then all are told. Safe twice. `reason` is for the host. */
  close(name: CloseName, reason?: string): void {
    const phase = this.#phase;
    if (phase.at === "closed") return;
    this.#phase = { at: "closed" };
    if (phase.at === "prepared") phase.registration.release();
    const { directory, observer } = this.#environment;
    directory.forget();
    this.#health.close();
    this.#input.close();
    this.#stopHostGrace?.();
    this.#hostSession.channel.port?.close(name, reason);
    this.#hostSession.close();
    if (phase.at === "new") return;
    phase.playerManager.close(name);
    observer.roomClosed({ room: phase.registration.code, why: name, traffic: this.#traffic });
  }

  #prepare({ name, max_players, join_url, pin, meta }: PrepareCommand): void {
    if (this.#phase.at === "new") {
      const registration = this.#environment.directory.register();
      if (typeof registration === "string") return this.#refuse(noRoom(registration));
      const { directory, observer, limits, clock, budget } = this.#environment;
      this.#hostSession.count(name.length + (join_url?.length ?? 0) + (meta?.length ?? 0));
      const joinPolicy = new JoinPolicy({ maxPlayers: Math.min(max_players, limits.maxPlayers), pin }, clock.now());
      // Spelled out: V8 gives each spread of another object a hidden class of its own, and code that reads those is slow.
      const { code: room } = registration;
      const [hostSession, epoch, onChange] = [this.#hostSession, this.#epoch, (): void => this.#tellState()];
      const onMessage = (): void => {
        if (!this.#isHostCongested) this.#checkHost();
      };
      const playerManager = new PlayerManager({
        directory,
        observer,
        traffic: this.#traffic,
        limits,
        clock,
        budget,
        room,
        epoch,
        joinPolicy,
        hostSession,
        onChange,
        onMessage,
      });
      this.#phase = { at: "prepared", registration, name, joinUrl: join_url, meta, joinPolicy, playerManager };
      observer.roomOpened({ room, name, traffic: this.#traffic });
      this.#hostSession.tellCorked(this.state);
    }
    const { code } = this;
    if (code !== undefined) this.#hostSession.tell({ cmd: "prepare_reply", key: code });
  }

  /** Before `prepare` there is no door: the host hears the empty state and nothing lasts (WMBP E7). */
  #setLocked(isLocked: boolean): void {
    if (this.#phase.at === "prepared") {
      this.#phase.joinPolicy.isLocked = isLocked;
      this.#phase.playerManager.joinPolicyChanged();
    }
    this.#tellState();
  }

  #rescue(player: PlayerId): void {
    if (this.#phase.at !== "prepared") return this.#refuse(notPrepared("rescue"));
    const { registration, playerManager } = this.#phase;
    const { url, proof } = this.#environment.directory.seatTransferLink(registration.code);
    if (!playerManager.addSeatTransfer(player, proof)) return this.#refuse(noSuchPlayer(player));
    this.#hostSession.tell({ cmd: "rescue_reply", player, url });
  }

  #reportHealth(): void {
    if (this.#phase.at !== "prepared" || this.#hostSession.isAway) return;
    this.#hostSession.tell({ cmd: "health", players: this.#phase.playerManager.health() });
  }

  /** A host that does not keep up makes its players' networks hold them back; nothing is dropped. */
  #checkHost(): void {
    const isBehind = this.#hostSession.isBehind;
    if (isBehind === this.#isHostCongested || this.#phase.at !== "prepared") return;
    this.#isHostCongested = isBehind;
    this.#phase.playerManager.setPaused(isBehind);
    this.#environment.observer.hostCongested({ room: this.#phase.registration.code, isCongested: isBehind });
  }

  /**
   * The memory is used up and the host has the most of it. First its players are made to wait, where there are any. The next time what it
   * was sent is not kept any longer in case it comes back; where that is nothing, its line is closed. A host that is away by then
   * loses its room, and so does one without players at once.
   */
  #cutHost(): void | "stays" {
    const hasPlayers = this.#phase.at === "prepared" && this.#phase.playerManager.idleSince === undefined;
    const { port } = this.#hostSession.channel;
    if (this.#hostSession.cut(hasPlayers)) this.#checkHost();
    else if (port === undefined) return this.close("overloaded");
    else this.#closeHost(port, "slow_consumer");
    return "stays";
  }

  #closeHost(port: Port, name: CloseName, reason?: string): void {
    port.close(name, reason);
    this.hostGone(port, name);
  }

  #refuse({ code, reason, in: command }: Refusal): void {
    this.#environment.observer.frameRefused({ room: this.code, code, reason });
    this.#hostSession.tell({ cmd: "error", reason, code, ...(command !== undefined && { in: command }) });
  }

  #tellState(): void {
    this.#hostSession.tell(this.state);
  }
}
