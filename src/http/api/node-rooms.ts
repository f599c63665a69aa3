/** The rooms of this node for the HTTP API. */
import type { GameHost } from "../../games/game-host.ts";
import type { GameMember } from "../../games/game-member.ts";
import { RoomExistsError, ServerClosingError, type NewRoomOptions } from "../../games/open-rooms.ts";
import { foreignLink } from "../../hub/foreign-link.ts";
import type { Hub, OpenedRoom } from "../../hub/hub.ts";
import type { PlayerId } from "../../protocol/commands.ts";
import { failure, success, type Result } from "../../protocol/result.ts";
import { parseRoomCode } from "../../protocol/room-code.ts";
import { HOST_RUN_KIND } from "../../protocol/room-kind.ts";
import type { Recording } from "../../recording/recording.ts";
import type { Recordings } from "../../recording/recordings.ts";
import type { SeatFacts } from "../../room/seat-facts.ts";
import type { Clock } from "../../room/ports.ts";
import type { Room } from "../../room/room.ts";
import type {
  KickTerms,
  FoundRooms,
  NewRoomPlan,
  NoRecordingReason,
  NoRoomReason,
  PlayerDetails,
  RoomDetails,
  RoomHandle,
  RoomSearch,
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
  readonly recordings: Pick<Recordings, "start">;
  /** The address at which phones reach this server, without a slash at the end. */
  readonly publicUrl: () => string;
}

const CURSOR = /^\d{1,15}$/;
/** Milliseconds by which the wall clock has to differ from what it was, until dates follow it. */
const CLOCK_STEP_MS = 1_000;

const utf8 = new TextEncoder();

export class NodeRooms implements RoomsView {
  readonly #options: NodeRoomsOptions;
  /** What the wall clock shows where the rooms' clock is at 0. Taken once, since the wall clock is in whole milliseconds. */
  #clockOffset: number;
  /** The same, for places in lists: it never follows the wall clock. */
  readonly #positionOffset: number;

  constructor(options: NodeRoomsOptions) {
    this.#options = options;
    this.#clockOffset = options.clock.time() - options.clock.now();
    this.#positionOffset = Math.round(this.#clockOffset);
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

  search({ text, limit, within }: RoomSearch): FoundRooms {
    const rooms: RoomSummary[] = [];
    let looked = 0;
    for (const opened of this.#options.hub.opened) {
      if (looked === within) return { rooms, isAll: false };
      looked += 1;
      const handle = this.#handleOf(opened);
      if (!handle.isNamed(text)) continue;
      if (rooms.length === limit) return { rooms, isAll: false };
      rooms.push(handle.summary());
    }
    return { rooms, isAll: true };
  }

  /** When each room was opened, in milliseconds since 1970, and its number; the oldest first. Neither changes, nor goes back. */
  *positions(): Iterable<{ readonly at: number; readonly number: number }> {
    for (const { openedAt, number } of this.#options.hub.opened)
      yield { at: this.#positionOffset + Math.floor(openedAt), number };
  }

  /** The rooms of these numbers that are open, the oldest first. */
  *summariesOf(numbers: readonly number[]): Iterable<readonly [number: number, summary: RoomSummary]> {
    const wanted = new Set(numbers);
    for (const opened of this.#options.hub.opened)
      if (wanted.has(opened.number)) yield [opened.number, this.#handleOf(opened).summary()];
  }

  get(id: string): NodeRoom | undefined {
    const room = this.find(id);
    const opened = room === undefined ? undefined : this.#options.hub.openingOf(room);
    return opened === undefined ? undefined : this.#handleOf(opened);
  }

  /** The room itself of this code, else of this name. */
  find(id: string): Room | undefined {
    const { hub, openRooms } = this.#options;
    const code = parseRoomCode(id);
    return (code === undefined ? undefined : hub.find(code)) ?? openRooms.get(id)?.room;
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
    return new NodeRoom(opened, this.#options.openRooms.hostOf(opened.room), {
      publicUrl: this.#options.publicUrl,
      recordings: this.#options.recordings,
      dateOf: (at) => this.#dateOf(at),
    });
  }

  /** `at`: in milliseconds of the rooms' clock. The same moment has the same date in all answers, unless the wall clock was set. */
  #dateOf(at: number): string {
    const { clock } = this.#options;
    const offset = clock.time() - clock.now();
    if (Math.abs(offset - this.#clockOffset) > CLOCK_STEP_MS) this.#clockOffset = offset;
    return new Date(Math.round(this.#clockOffset + at)).toISOString();
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

interface NodeRoomOptions extends Pick<NodeRoomsOptions, "publicUrl" | "recordings"> {
  /** Of a moment of the rooms' clock. */
  readonly dateOf: (at: number) => string;
}

class NodeRoom implements RoomHandle {
  readonly #room: Room;
  readonly #openedAt: number;
  /** Of an open room. */
  readonly #host: GameHost | undefined;
  readonly #options: NodeRoomOptions;

  constructor({ room, openedAt }: OpenedRoom, host: GameHost | undefined, options: NodeRoomOptions) {
    this.#room = room;
    this.#openedAt = openedAt;
    this.#host = host;
    this.#options = options;
  }

  /** Whether its code, name or kind contains this text, which is in lower case. */
  isNamed(text: string): boolean {
    if (text === "") return true;
    return [this.#room.code, this.#name, this.#kind].some((part) => part?.toLowerCase().includes(text));
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

  record(): Result<Recording, NoRecordingReason> {
    return this.#host === undefined ? this.#options.recordings.start(this.#room) : failure("open_room");
  }

  get #name(): string | undefined {
    return this.#host === undefined ? this.#room.name : this.#host.name;
  }

  get #kind(): string {
    return this.#host?.kind ?? HOST_RUN_KIND;
  }

  #sketch(): Omit<RoomSummary, "players"> {
    const room = this.#room;
    const { code, meta } = room;
    const { max_players, accept_conns } = room.settings;
    const name = this.#name;
    return {
      id: code ?? `name:${name ?? ""}`,
      code: code ?? null,
      name: name ?? null,
      kind: this.#kind,
      away: room.awayCount,
      spectators: room.spectatorCount,
      audience: room.audienceCount,
      waiting: room.waitingCount,
      maxPlayers: max_players,
      isOpen: accept_conns,
      isLocked: room.isLocked,
      hostAway: room.isHostAway,
      pin: room.needsPin,
      joinUrl: code === undefined ? null : this.#joinUrl(code),
      meta: meta === undefined ? null : JSON.parse(meta),
      since: this.#options.dateOf(this.#openedAt),
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
      since: this.#options.dateOf(takenAt),
    };
  }

  #sayAsHost(content: Saying["content"], toIds: Saying["to"], exceptIds: Saying["except"]): SayingReach {
    const { players } = this.#room;
    if (players === undefined) return { delivered: 0, kept: 0 };
    const to = toIds === undefined ? "everybody" : [...new Set(toIds.flatMap((id) => playerIdOf(id) ?? []))];
    const except = (exceptIds ?? []).flatMap((id) => playerIdOf(id) ?? []);
    void this.#room.command(
      content.is === "bytes"
        ? { cmd: "to", to, except, data: content.bytes }
        : { cmd: "to_str", to, except, data: textOf(content) },
    );
    const { here, away } = players.reachOf({ to, except });
    return { delivered: here, kept: away };
  }
}

/** In UTF-8. */
function textOf(content: Exclude<Saying["content"], { readonly is: "bytes" }>): Uint8Array {
  return content.is === "text" ? utf8.encode(content.text) : content.json;
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
