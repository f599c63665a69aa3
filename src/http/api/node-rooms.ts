/** The rooms of this node for the HTTP API. */
import type { GameHost } from "../../games/game-host.ts";
import type { GameMember } from "../../games/game-member.ts";
import { RoomExistsError, ServerClosingError, type NewRoomOptions } from "../../games/open-rooms.ts";
import { foreignLink } from "../../hub/foreign-link.ts";
import type { Hub, OpenedRoom } from "../../hub/hub.ts";
import type { PlayerId } from "../../protocol/commands.ts";
import { failure, success, type Result } from "../../protocol/result.ts";
import { parseRoomCode } from "../../protocol/room-code.ts";
import type { SeatFacts } from "../../room/player-manager.ts";
import type { Clock } from "../../room/ports.ts";
import type { Room } from "../../room/room.ts";
import type {
  KickTerms,
  NewRoomPlan,
  NoRoomReason,
  PlayerDetails,
  RoomDetails,
  RoomHandle,
  RoomsPage,
  RoomsView,
  RoomSummary,
  Saying,
  SayingReach,
} from "./rooms-view.ts";

/** The open rooms, as far as the API needs them. */
export interface OpenRoomsPort {
  create(kind: string, options: NewRoomOptions): GameHost;
  get(codeOrName: string): GameHost | undefined;
  hostOf(room: Room): GameHost | undefined;
}

export interface NodeRoomsOptions {
  readonly hub: Hub;
  readonly openRooms: OpenRoomsPort;
  readonly clock: Pick<Clock, "now" | "time">;
  /** The address at which phones reach this server, without a slash at the end. */
  readonly publicUrl: () => string;
}

/** The kind of rooms with a host page. */
const HOST_RUN_KIND = "host";
const CURSOR = /^\d{1,15}$/;

const utf8 = new TextEncoder();

export class NodeRooms implements RoomsView {
  readonly #options: NodeRoomsOptions;

  constructor(options: NodeRoomsOptions) {
    this.#options = options;
  }

  list({ after, limit }: { readonly after: string | undefined; readonly limit: number }): RoomsPage | undefined {
    if (after !== undefined && !CURSOR.test(after)) return undefined;
    const last = Number(after ?? 0);
    const rooms: RoomSummary[] = [];
    let lastNumber = last;
    for (const opened of this.#options.hub.opened) {
      if (opened.number <= last) continue;
      if (rooms.length === limit) return { rooms, next: String(lastNumber) };
      rooms.push(this.#handleOf(opened).summary());
      lastNumber = opened.number;
    }
    return { rooms, next: undefined };
  }

  get(id: string): NodeRoom | undefined {
    const { hub, openRooms } = this.#options;
    const code = parseRoomCode(id);
    const room = (code === undefined ? undefined : hub.find(code)) ?? openRooms.get(id)?.room;
    const opened = room === undefined ? undefined : hub.openingOf(room);
    return opened === undefined ? undefined : this.#handleOf(opened);
  }

  create({ kind, name, code = true, maxPlayers, pin, meta }: NewRoomPlan): Result<RoomHandle, NoRoomReason> {
    try {
      const host = this.#options.openRooms.create(kind, {
        code,
        ...(name !== undefined && { name }),
        ...(maxPlayers !== undefined && { maxPlayers }),
        ...(pin !== undefined && { pin }),
        ...(meta !== undefined && { meta }),
      });
      const opened = this.#options.hub.openingOf(host.room);
      if (opened !== undefined) return success(this.#handleOf(opened));
      return failure({ why: "invalid", message: "The kind of the room has closed it at once." });
    } catch (error) {
      return failure(noRoomReasonOf(error));
    }
  }

  #handleOf(opened: OpenedRoom): NodeRoom {
    return new NodeRoom(opened, this.#options.openRooms.hostOf(opened.room), this.#options);
  }
}

/** Every other error is a bug. */
function noRoomReasonOf(error: unknown): NoRoomReason {
  if (!(error instanceof Error)) throw error;
  const { message } = error;
  if (error instanceof RoomExistsError) return { why: "exists", message };
  if (error instanceof TypeError) return { why: "invalid", message };
  if (error instanceof ServerClosingError) return { why: "closing", message };
  if (error instanceof RangeError) throw error;
  return { why: "no_room_left", message };
}

class NodeRoom implements RoomHandle {
  readonly #room: Room;
  readonly #openedAt: number;
  /** Of an open room. */
  readonly #host: GameHost | undefined;
  readonly #options: Pick<NodeRoomsOptions, "clock" | "publicUrl">;

  constructor(
    { room, openedAt }: OpenedRoom,
    host: GameHost | undefined,
    options: Pick<NodeRoomsOptions, "clock" | "publicUrl">,
  ) {
    this.#room = room;
    this.#openedAt = openedAt;
    this.#host = host;
    this.#options = options;
  }

  summary(): RoomSummary {
    return { ...this.#sketch(), players: this.#room.playerCount };
  }

  details(): RoomDetails {
    const facts = this.#room.players?.facts() ?? [];
    const members = new Map<PlayerId, GameMember>();
    for (const member of this.#host?.members ?? []) if (member.player !== undefined) members.set(member.player, member);
    return { ...this.#sketch(), players: facts.map((fact) => this.#player(fact, members.get(fact.player))) };
  }

  say({ content, to, except }: Saying): SayingReach {
    return this.#host === undefined
      ? this.#sayAsHost(content, to, except)
      : sayInOpenRoom(this.#host, content, to, except);
  }

  kick(player: number | string, { reason, ban = false }: KickTerms): boolean {
    if (this.#host !== undefined) {
      const member = this.#host.memberOrNewcomer(String(player));
      if (member === undefined) return false;
      this.#host.kick(member, reason, { ban });
      return true;
    }
    const id = playerIdOf(player);
    if (id === undefined || this.#room.players?.healthOf(id) === undefined) return false;
    void this.#room.command({ cmd: "kick", player: id, ban, ...(reason !== undefined && { reason }) });
    return true;
  }

  lock(): void {
    if (this.#host === undefined) void this.#room.command({ cmd: "start" });
    else this.#host.lock();
  }

  open(): void {
    if (this.#host === undefined) void this.#room.command({ cmd: "open" });
    else this.#host.open();
  }

  close(): void {
    this.#room.close("room_closed");
  }

  #sketch(): Omit<RoomSummary, "players"> {
    const room = this.#room;
    const host = this.#host;
    const { code, meta } = room;
    const { max_players, accept_conns } = room.settings;
    const name = host === undefined ? room.name : host.name;
    return {
      id: code ?? `name:${name ?? ""}`,
      code: code ?? null,
      name: name ?? null,
      kind: host?.kind ?? HOST_RUN_KIND,
      away: room.awayCount,
      spectators: room.spectatorCount,
      maxPlayers: max_players,
      isOpen: accept_conns,
      isLocked: room.isLocked,
      hostAway: room.isHostAway,
      pin: room.needsPin,
      joinUrl: code === undefined ? null : this.#joinUrl(code),
      meta: meta === undefined ? null : JSON.parse(meta),
      since: this.#dateOf(this.#openedAt),
    };
  }

  #joinUrl(code: string): string {
    return foreignLink(this.#room.joinUrl, code)?.href ?? `${this.#options.publicUrl()}/${code}`;
  }

  #player(
    { player, name, user, isSpectator, takenAt, away, queued, rtt }: SeatFacts,
    member: GameMember | undefined,
  ): PlayerDetails {
    const inOpenRoom = isSpectator ? "spectator" : "member";
    return {
      id: member?.id ?? player,
      name: member?.name ?? name ?? null,
      user: user ?? null,
      role: this.#host === undefined ? "player" : inOpenRoom,
      away,
      queue: queued,
      rtt,
      since: this.#dateOf(takenAt),
    };
  }

  /** `at`: in milliseconds of the rooms' clock. */
  #dateOf(at: number): string {
    const { clock } = this.#options;
    return new Date(clock.time() - (clock.now() - at)).toISOString();
  }

  #sayAsHost(content: Saying["content"], toIds: Saying["to"], exceptIds: Saying["except"]): SayingReach {
    const { players } = this.#room;
    if (players === undefined) return { delivered: 0, kept: 0 };
    const to = toIds === undefined ? "everybody" : [...new Set(toIds.flatMap((id) => playerIdOf(id) ?? []))];
    const except = (exceptIds ?? []).flatMap((id) => playerIdOf(id) ?? []);
    void this.#room.command(
      content.is === "bytes"
        ? { cmd: "to", to, except, data: content.bytes }
        : { cmd: "to_str", to, except, data: utf8.encode(textOf(content)) },
    );
    const { here, away } = players.reachOf({ to, except });
    return { delivered: here, kept: away };
  }
}

function textOf(content: Exclude<Saying["content"], { readonly is: "bytes" }>): string {
  return content.is === "text" ? content.text : JSON.stringify(content.data);
}

function sayInOpenRoom(
  host: GameHost,
  content: Saying["content"],
  to: Saying["to"],
  except: Saying["except"],
): SayingReach {
  const data = content.is === "bytes" ? content.bytes : content.is === "text" ? content.text : content.data;
  const skipped = new Set((except ?? []).map(String));
  const { sent, kept } =
    to === undefined && skipped.size === 0
      ? host.broadcast(data)
      : host.send(
          recipientsOf(host, to).filter((id) => !skipped.has(id)),
          data,
        );
  return { delivered: sent, kept };
}

function recipientsOf(host: GameHost, to: Saying["to"]): readonly string[] {
  return to === undefined ? host.members.map(({ id }) => id) : [...new Set(to.map(String))];
}

/** The player that an id of the API means in a host-run room. */
function playerIdOf(id: number | string): PlayerId | undefined {
  if (typeof id === "number") return id;
  return /^\d{1,10}$/.test(id) ? Number(id) : undefined;
}
