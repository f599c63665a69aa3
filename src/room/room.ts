/**
 * One room: an actor with ports. It owns its seats, its door and its limits; one method call is one message; it does
 * no I/O, reads no clock and throws at nobody. Frames caused by one call are contiguous at the host.
 */
import { CLOSE_CODES, fitCloseReason, type CloseName } from "../protocol/close-codes.ts";
import type { HostCommand, KickCommand, PlayerId, PrepareCommand, Recipients } from "../protocol/commands.ts";
import { decodeHostFrame } from "../protocol/decode-host-frame.ts";
import type { Refusal } from "../protocol/error-codes.ts";
import type { RoomEvent } from "../protocol/events.ts";
import type { HostEncoder } from "../protocol/host-encoder.ts";
import { failure, success, type Result } from "../protocol/result.ts";
import type { DepartureReason, HostPort, PlayerPort, RoomDirectory, RoomObserver, RoomRegistration } from "./ports.ts";
import { Seat } from "./seat.ts";

export interface RoomLimits {
  /** Upper bound of `max_players`; a host that asks for more gets this many. */
  readonly maxPlayers: number;
  /** Bytes waiting for one player before it is closed as a slow consumer; bytes waiting for the host before players wait. */
  readonly sendQueue: number;
}

export interface RoomSurroundings {
  readonly directory: RoomDirectory;
  readonly observer: RoomObserver;
  readonly limits: RoomLimits;
}

/** Where a room is in its life. `name` and the code are fixed by the first `prepare`. */
type Phase =
  | { readonly at: "new" }
  | {
      readonly at: "open" | "locked";
      readonly registration: RoomRegistration;
      readonly name: string;
      readonly maxPlayers: number;
      readonly joinUrl: string | undefined;
    }
  | { readonly at: "closed" };

export class Room {
  readonly #host: HostPort;
  readonly #encoder: HostEncoder;
  readonly #surroundings: RoomSurroundings;
  readonly #seats = new Map<PlayerId, Seat>();
  #phase: Phase = { at: "new" };
  #lastPlayer: PlayerId = 0;
  #isHostCongested = false;
  /** Bytes that the room itself has told a host that is behind. */
  #unheard = 0;

  /** Tells the host its empty `state` at once (P2.1). */
  constructor(host: HostPort, encoder: HostEncoder, surroundings: RoomSurroundings) {
    this.#host = host;
    this.#encoder = encoder;
    this.#surroundings = surroundings;
    this.#tellState();
  }

  /** The room code, from `prepare` until the room closes. */
  get code(): string | undefined {
    return "registration" in this.#phase ? this.#phase.registration.code : undefined;
  }

  /** The game's name as given to `prepare`. */
  get name(): string {
    return "name" in this.#phase ? this.#phase.name : "";
  }

  /** Where the game's own phone page is, if the host said so. */
  get joinUrl(): string | undefined {
    return "joinUrl" in this.#phase ? this.#phase.joinUrl : undefined;
  }

  get playerCount(): number {
    return this.#seats.size;
  }

  /** One frame of the host, as it came. */
  fromHost(frame: Uint8Array, isText: boolean): void {
    if (this.#phase.at === "closed") return;
    const decoded = decodeHostFrame(frame, isText);
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
        return this.#setDoor("locked");
      case "open":
        if (this.#phase.at === "new") return this.#refuse(NOT_PREPARED);
        return this.#setDoor("open");
      case "kick":
        return this.#kick(command);
      case "to":
        return this.#send(command.to, command.data, false);
      case "to_str":
        return this.#send(command.to, command.data, true);
      case "stop":
        return this.close("room_closed");
      default:
        command satisfies never;
    }
  }

  /** The host's connection is gone: so is the room. */
  hostLeft(): void {
    this.close("room_closed");
  }

  /** The host's queue has fallen: players may talk again. */
  hostDrained(): void {
    if (!this.#isHostCongested || this.#isHostBehind()) return;
    this.#setHostCongested(false);
  }

  /** A phone asks for a seat. A refused one is never announced; its close code is the failure. */
  join(port: PlayerPort): Result<Seat, CloseName> {
    const phase = this.#phase;
    if (phase.at === "closed" || phase.at === "new") return failure("room_not_found");
    const refusal: CloseName | undefined =
      phase.at === "locked" ? "room_locked" : this.#seats.size >= phase.maxPlayers ? "room_full" : undefined;
    if (refusal !== undefined) {
      this.#surroundings.observer.joinRefused(phase.registration.code, refusal);
      return failure(refusal);
    }
    const player = ++this.#lastPlayer;
    const seat = new Seat(player, port, this.#encoder.seat(player));
    this.#seats.set(player, seat);
    this.#surroundings.observer.playerJoined(phase.registration.code, player);
    if (this.#isHostCongested) port.pause();
    this.#tell({ cmd: "player_joined", player });
    this.#tellState();
    return success(seat);
  }

  /** One frame of a player, passed on unchanged. What comes from a seat that is no longer taken is dropped. */
  fromPlayer(seat: Seat, data: Uint8Array, isText: boolean): void {
    if (!seat.isTaken) return;
    this.#host.send(isText ? seat.encoder.text(data) : seat.encoder.binary(data), this.#encoder.isText);
    if (!this.#isHostCongested && this.#isHostBehind()) this.#setHostCongested(true);
  }

  /** A player's connection is gone, or is being closed by its owner. Safe twice, and after a kick. */
  playerLeft(seat: Seat, why: DepartureReason = "left"): void {
    if (!seat.isTaken) return;
    this.#vacate(seat, why);
    this.#tell({ cmd: "player_left", player: seat.player });
    this.#tellState();
  }

  /** Ends the room: the code is free first, so that nobody joins in between; then everybody is told. Safe twice. */
  close(name: CloseName): void {
    const phase = this.#phase;
    if (phase.at === "closed") return;
    this.#phase = { at: "closed" };
    if ("registration" in phase) phase.registration.release();
    this.#host.close(name);
    for (const seat of this.#seats.values()) {
      seat.leave();
      seat.port.close(name);
    }
    this.#seats.clear();
    if ("registration" in phase) this.#surroundings.observer.roomClosed(phase.registration.code, name);
  }

  #prepare({ name, max_players, join_url }: PrepareCommand): void {
    if (this.#phase.at === "new") {
      const registration = this.#surroundings.directory.register();
      if (registration === undefined) return this.#refuse(NO_ROOM_LEFT);
      const maxPlayers = Math.min(max_players, this.#surroundings.limits.maxPlayers);
      this.#phase = { at: "open", registration, name, maxPlayers, joinUrl: join_url };
      this.#surroundings.observer.roomOpened(registration.code, name);
      this.#tellState();
    }
    const { code } = this;
    if (code !== undefined) this.#tell({ cmd: "prepare_reply", key: code });
  }

  /** Before `prepare` there is no door: the host hears the empty state and nothing lasts (WMBP E7). */
  #setDoor(at: "open" | "locked"): void {
    if ("registration" in this.#phase) this.#phase = { ...this.#phase, at };
    this.#tellState();
  }

  #kick({ player, reason }: KickCommand): void {
    const seat = this.#seats.get(player);
    if (seat === undefined) return this.#tellState();
    seat.port.close("kicked", reason === undefined ? undefined : fitCloseReason(reason));
    this.playerLeft(seat, "kicked");
  }

  #send(to: Recipients, data: Uint8Array, isText: boolean): void {
    if (to === "everybody") {
      for (const seat of this.#seats.values()) this.#sendTo(seat, data, isText);
      return;
    }
    for (const player of to) {
      const seat = this.#seats.get(player);
      if (seat !== undefined) this.#sendTo(seat, data, isText);
    }
  }

  /** Never waits: a player whose queue is over the limit goes, and nobody else notices. */
  #sendTo(seat: Seat, data: Uint8Array, isText: boolean): void {
    if (seat.port.queued > this.#surroundings.limits.sendQueue) {
      seat.port.close("slow_consumer");
      this.playerLeft(seat, "slow_consumer");
      return;
    }
    seat.port.send(data, isText);
  }

  #vacate(seat: Seat, why: DepartureReason): void {
    seat.leave();
    this.#seats.delete(seat.player);
    const { code } = this;
    if (code !== undefined) this.#surroundings.observer.playerLeft(code, seat.player, why);
  }

  #isHostBehind(): boolean {
    return this.#host.queued > this.#surroundings.limits.sendQueue;
  }

  /** A host that does not keep up makes its players' networks hold them back; nothing is dropped. */
  #setHostCongested(isCongested: boolean): void {
    this.#isHostCongested = isCongested;
    for (const { port } of this.#seats.values()) {
      if (isCongested) port.pause();
      else port.resume();
    }
    const { code } = this;
    if (code !== undefined) this.#surroundings.observer.hostCongested(code, isCongested);
  }

  #refuse(refusal: Refusal): void {
    this.#surroundings.observer.frameRefused(this.code, refusal.code, refusal.reason);
    this.#tell({
      cmd: "error",
      reason: refusal.reason,
      code: refusal.code,
      ...(refusal.in !== undefined && { in: refusal.in }),
    });
  }

  #tellState(): void {
    const phase = this.#phase;
    const isPrepared = "registration" in phase;
    const max_players = isPrepared ? phase.maxPlayers : 0;
    this.#tell({
      cmd: "state",
      name: isPrepared ? phase.name : "",
      players: [...this.#seats.keys()],
      max_players,
      accept_conns: phase.at === "open" && this.#seats.size < max_players,
    });
  }

  /** Players can be made to wait for a slow host. What the room itself says cannot, so there is an end to it. */
  #tell(event: RoomEvent): void {
    const frame = this.#encoder.event(event);
    this.#host.send(frame, this.#encoder.isText);
    this.#unheard = this.#isHostBehind() ? this.#unheard + frame.length : 0;
    if (this.#unheard <= this.#surroundings.limits.sendQueue) return;
    this.#host.close("slow_consumer");
    this.close("room_closed");
  }
}

const NOT_PREPARED: Refusal = {
  code: "not_prepared",
  in: "open",
  reason: "There is no room to open yet: send `prepare` first.",
};

const NO_ROOM_LEFT: Refusal = {
  code: "room_limit",
  in: "prepare",
  reason: `${CLOSE_CODES.overloaded.reason} No room, or no room code, is left.`,
};
