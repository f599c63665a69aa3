/** The TV's side: a room that is opened here and that phones join. */
import { CLOSE_CODES } from "../protocol/close-codes.ts";
import type { StateEvent } from "../protocol/events.ts";
import {
  Connection,
  type CloseReason,
  type ConnectionOwner,
  type ConnectionSurroundings,
  type Retry,
} from "./connection.ts";
import { closeNameOf } from "./couchwire-error.ts";
import { Emitter } from "./emitter.ts";
import type { HostRoomEvents, RoomState } from "./host-room-events.ts";
import { encodeCommand, parseHostEvent, type RoomError, type ServerEvent, type WireCommand } from "./host-wire.ts";
import { invalid, quote } from "./invalid-argument.ts";
import { parseJson, toFrame, type Payload } from "./payload.ts";
import { qrSvg, type QrOptions } from "./qr.ts";

/** What a room is opened with; all settled by `createRoom`. */
export interface HostRoomPlan {
  /** Where to connect to. */
  readonly url: string;
  readonly game: string;
  readonly maxPlayers: number;
  /** The phone page of a game that the server does not serve itself. */
  readonly foreignJoinUrl: string | undefined;
  /** What phones open to join the room of this code. */
  readonly joinUrl: (code: string) => string;
  /** Called when the room is open for the first time. */
  readonly opened: () => void;
  /** Called when it is over, before the `close` event: `refusal` where the server refused to open the room. */
  readonly closed: (close: CloseReason, refusal?: RoomError) => void;
}

/** A room, as `createRoom` opens it. */
export class HostRoom extends Emitter<HostRoomEvents> {
  readonly #plan: HostRoomPlan;
  readonly #connection: Connection;
  /** `""` until the first `prepare_reply`. */
  #code = "";
  /** The server has opened the room on the present connection. */
  #isPrepared = false;
  #state: RoomState;
  #refusal: RoomError | undefined;

  /** @internal Rooms come from `createRoom`. */
  constructor(plan: HostRoomPlan, surroundings: ConnectionSurroundings) {
    super({
      join: [],
      leave: [],
      text: [],
      json: [],
      binary: [],
      state: [],
      error: [],
      reconnecting: [],
      reopened: [],
      close: [],
    });
    this.#plan = plan;
    this.#state = { name: plan.game, players: [], maxPlayers: plan.maxPlayers, isOpen: false };
    const owner: ConnectionOwner = {
      opened: () => this.#prepare(),
      received: (frame) => this.#received(frame),
      lost: (retry) => this.#lost(retry),
      closed: (close) => this.#closed(close),
    };
    this.#connection = new Connection(() => plan.url, owner, surroundings);
  }

  /** The room code: four capitals. */
  get code(): string {
    return this.#code;
  }

  /** The address that phones open, as in the QR code. */
  get joinUrl(): string {
    return this.#plan.joinUrl(this.#code);
  }

  /** The ids of those who are in, in joining order. */
  get players(): readonly number[] {
    return this.#state.players;
  }

  /** Seats in all: what was asked for, or the most that the server gives. */
  get maxPlayers(): number {
    return this.#state.maxPlayers;
  }

  /** Whether a phone would be let in now: not locked, and not full. */
  get isOpen(): boolean {
    return this.#state.isOpen;
  }

  /** Whether the room is there and can be sent to. */
  get isConnected(): boolean {
    return this.#isPrepared;
  }

  /** The QR code of `joinUrl`, as the text of an SVG element that fills what it is put into. */
  qr(options?: QrOptions): string {
    return qrSvg(this.joinUrl, options);
  }

  /**
   * Sends to one player, or to each of a list; an empty list is nobody, and who is not in the room is skipped. Text
   * arrives as text, bytes as bytes, anything else as JSON text. `false` where the room is not connected: then
   * nothing was sent, and nothing is kept.
   * @throws {CouchwireError} `invalid_argument` at ids that are none, and at data that cannot be sent.
   */
  send(to: number | Iterable<number>, data: Payload): boolean {
    const players = typeof to === "number" ? [to] : listPlayers(to);
    players.forEach(checkPlayer);
    // On the wire an empty list is everybody.
    return players.length === 0 ? this.isConnected : this.#send(players, data);
  }

  /** Sends to everybody who is in the room. Otherwise as `send`. */
  broadcast(data: Payload): boolean {
    return this.#send([], data);
  }

  /** Lets nobody in any more, until `open`. */
  lock(): void {
    this.#tell({ cmd: "start" });
  }

  /** Lets players in again after `lock`. */
  open(): void {
    this.#tell({ cmd: "open" });
  }

  /** Removes a player for good: its phone gets close code 4503 with the reason, of which 123 bytes fit. */
  kick(player: number, reason?: string): void {
    checkPlayer(player);
    this.#tell({ cmd: "kick", player, ...(reason !== undefined && { reason }) });
  }

  /** Ends the room for everybody; the phones get close code 1001. Safe twice. */
  close(): void {
    this.#tell({ cmd: "stop" });
    this.#connection.close(CLOSE_CODES.room_closed);
  }

  #send(to: readonly number[], data: Payload): boolean {
    const frame = toFrame(data);
    return this.#tell(typeof frame === "string" ? { cmd: "to_str", to, data: frame } : { cmd: "to", to, data: frame });
  }

  /** Nothing is sent before the room is there: a command would be refused, and a lost room's players are gone. */
  #tell(command: WireCommand): boolean {
    return this.#isPrepared && this.#connection.send(encodeCommand(command));
  }

  #prepare(): void {
    const { game, maxPlayers, foreignJoinUrl } = this.#plan;
    const command: WireCommand = {
      cmd: "prepare",
      max_players: maxPlayers,
      name: game,
      ...(foreignJoinUrl !== undefined && { join_url: foreignJoinUrl }),
    };
    this.#connection.send(encodeCommand(command));
  }

  #received(frame: string | Uint8Array): void {
    const parsed = parseHostEvent(frame);
    if (!parsed.ok) this.emit("error", { code: "invalid_message", reason: `${parsed.failure}.` });
    else if (parsed.value !== undefined) this.#happened(parsed.value);
  }

  #happened(event: ServerEvent): void {
    switch (event.cmd) {
      case "state":
        return this.#changed(event);
      case "prepare_reply":
        return this.#opened(event.key);
      case "player_joined":
        return this.#joined(event.player);
      case "player_left":
        return this.#left(event.player);
      case "from":
        return this.emit("binary", event.from, event.data);
      case "from_str":
        return this.#heard(event.from, event.data);
      case "error":
        return this.#refused(event.error);
      default:
        return; // not of interest to a host without a session
    }
  }

  /** Joins and leaves are told once each, whichever of the two frames about them came first or got lost. */
  #changed({ name, players, max_players, accept_conns }: StateEvent): void {
    for (const player of this.players) if (!players.includes(player)) this.#left(player);
    for (const player of players) this.#joined(player);
    this.#state = { name, players: [...players], maxPlayers: max_players, isOpen: accept_conns };
    this.emit("state", this.#state);
  }

  #joined(player: number): void {
    if (this.players.includes(player)) return;
    this.#state = { ...this.#state, players: [...this.players, player] };
    this.emit("join", player);
  }

  #left(player: number): void {
    if (!this.players.includes(player)) return;
    this.#state = { ...this.#state, players: this.players.filter((other) => other !== player) };
    this.emit("leave", player);
  }

  #heard(player: number, text: string): void {
    this.emit("text", player, text);
    if (!this.hasListeners("json")) return;
    const json = parseJson(text);
    if (json !== undefined) this.emit("json", player, json.value);
  }

  #opened(code: string): void {
    if (this.#isPrepared) return;
    const isFirst = this.#code === "";
    this.#code = code;
    this.#isPrepared = true;
    this.#connection.settle();
    if (isFirst) this.#plan.opened();
    else this.emit("reopened", { code });
  }

  /** A refused `prepare` leaves no room: the first time that is the end, later the server may have room again. */
  #refused(refusal: RoomError): void {
    this.emit("error", refusal);
    if (this.#isPrepared) return;
    const close: CloseReason = { code: CLOSE_CODES.overloaded.code, reason: refusal.reason };
    if (this.#code !== "") {
      this.#connection.retry(close);
      return;
    }
    this.#refusal = refusal;
    this.#connection.close(close);
  }

  #lost(retry: Retry): void {
    this.#isPrepared = false;
    this.#state = { ...this.#state, isOpen: false };
    this.emit("reconnecting", retry);
  }

  #closed({ code, reason }: CloseReason): void {
    this.#isPrepared = false;
    this.#state = { ...this.#state, isOpen: false };
    this.#plan.closed({ code, reason }, this.#refusal);
    this.emit("close", { code, name: closeNameOf(code), reason });
  }
}

function listPlayers(to: Iterable<number>): readonly number[] {
  if (typeof to === "object" && to !== null && Symbol.iterator in to) return [...to];
  throw invalid(`\`to\` has to be a player's id or a list of them; this is ${quote(to)}.`);
}

function checkPlayer(player: number): void {
  if (Number.isInteger(player) && player >= 0 && player <= MAX_PLAYER_ID) return;
  throw invalid(`A player's id is a whole number such as 1; this is ${quote(player)}.`);
}

/** Ids are unsigned and have 32 bits on the wire. */
const MAX_PLAYER_ID = 0xffff_ffff;
