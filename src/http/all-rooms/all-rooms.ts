/**
 * The rooms of all nodes for the HTTP API and the admin page. What is here is answered in the same call, as without other nodes; the rest is asked of the room's
 * home. Lists are in the order of when rooms were opened, and a cursor is a place in that order: rooms that open or end meanwhile move no others.
 */
import type { z } from "zod";
import type { Calls } from "../../cluster/spread/calls.ts";
import type { NodeId } from "../../cluster/ports.ts";
import { whenAnswered, type Eventually } from "../../protocol/eventually.ts";
import { isOpenRoomName } from "../../protocol/open-room-name.ts";
import { isDrawnCode } from "../../protocol/room-code.ts";
import { failure, type Result } from "../../protocol/result.ts";
import type { NodeRooms } from "../api/node-rooms.ts";
import type {
  FoundRooms,
  NewRoomPlan,
  NoRoomReason,
  RoomHandle,
  RoomSearch,
  RoomsPage,
  RoomsView,
  RoomSummary,
} from "../api/rooms-view.ts";
import { homeOf, type OtherHomes } from "./other-homes.ts";
import type { Clock } from "../../room/ports.ts";
import { LentRecordings } from "./lent-recordings.ts";
import { ROOM_CALL, RemoteRoom } from "./remote-room.ts";
import {
  decodeContent,
  POSITIONS_ANSWER,
  POSITIONS_QUESTION,
  ROOM_QUESTION,
  SEARCH_ANSWER,
  SEARCH_QUESTION,
  SUMMARIES_ANSWER,
  SUMMARIES_QUESTION,
  type Position,
  type RoomQuestion,
} from "./room-messages.ts";
import { RoomUnreachableError } from "./room-unreachable.ts";

export interface AllRoomsOptions {
  /** The rooms of this node. */
  readonly rooms: NodeRooms;
  readonly homes: OtherHomes;
  readonly calls: Calls;
  readonly clock: Pick<Clock, "after">;
  /** This node's name now; `undefined` while it has none. */
  readonly self: () => NodeId | undefined;
  /** Nodes whose lease stands. */
  readonly nodes: () => Promise<readonly NodeId[]>;
}

const POSITIONS_CALL = "rooms.after";
const SUMMARIES_CALL = "rooms.summaries";
const SEARCH_CALL = "rooms.search";
/** Milliseconds for which a list waits for other nodes. */
const LIST_TIMEOUT_MS = 2_000;
/** `at.number.node` of the last room of a page. */
const CURSOR = /^(\d{1,15})\.(\d{1,15})\.([!-~]{1,128})$/;
/** In place of this node's name, while it has none. */
const NAMELESS = "-";
/** Characters of JSON in one answer with summaries. */
const MAX_ANSWER_CHARACTERS = 4_194_304;

interface ListedPosition extends Position {
  readonly isHere: boolean;
}

export class AllRooms implements RoomsView {
  readonly #options: AllRoomsOptions;
  readonly #lent: LentRecordings;

  constructor(options: AllRoomsOptions) {
    const { calls, rooms, clock } = options;
    this.#options = options;
    this.#lent = new LentRecordings(calls, clock);
    calls.handle(ROOM_CALL, (body) => this.#answer(ROOM_QUESTION.parse(body)));
    calls.handle(POSITIONS_CALL, (body) => {
      const { after, limit } = POSITIONS_QUESTION.parse(body);
      return this.#positionsHere(after ?? undefined, limit);
    });
    calls.handle(SUMMARIES_CALL, (body) => summariesOf(rooms, SUMMARIES_QUESTION.parse(body).numbers));
    calls.handle(SEARCH_CALL, (body) => rooms.search(SEARCH_QUESTION.parse(body)));
  }

  async list({
    after,
    limit,
  }: {
    readonly after: string | undefined;
    readonly limit: number;
  }): Promise<RoomsPage | undefined> {
    const cursor = after === undefined ? null : positionIn(after);
    if (cursor === undefined) return undefined;
    const { calls, self } = this.#options;
    const here = this.#positionsHere(cursor ?? undefined, limit);
    const asked = await this.#askAll(POSITIONS_CALL, { after: cursor, limit }, POSITIONS_ANSWER);
    let isAll = here.isAll;
    const own = self() ?? NAMELESS;
    const all: ListedPosition[] = here.positions.map(([at, number]) => ({ at, number, node: own, isHere: true }));
    for (const [node, { positions, isAll: isAllThere }] of asked.answers) {
      isAll &&= isAllThere;
      for (const [at, number] of positions) all.push({ at, number, node, isHere: false });
    }
    const page = all.toSorted(compare).slice(0, limit);
    const summaries = await this.#summariesOf(page, calls);
    const last = page.at(-1);
    const hasMore = last !== undefined && (!isAll || all.length > page.length);
    return {
      rooms: page.flatMap((position) => summaries.get(textOf(position)) ?? []),
      next: hasMore ? textOf(last) : undefined,
      ...(asked.missing > 0 && { missing: asked.missing }),
    };
  }

  async search(wanted: RoomSearch): Promise<FoundRooms> {
    const here = this.#options.rooms.search(wanted);
    const { answers, missing } = await this.#askAll(SEARCH_CALL, wanted, SEARCH_ANSWER);
    const rooms: RoomSummary[] = [...here.rooms];
    let isAll = here.isAll && missing === 0;
    for (const found of answers.values()) {
      isAll &&= found.isAll;
      rooms.push(...found.rooms);
    }
    const oldest = rooms.toSorted((one, other) => (one.since < other.since ? -1 : Number(one.since > other.since)));
    return { rooms: oldest.slice(0, wanted.limit), isAll: isAll && oldest.length <= wanted.limit };
  }

  get(id: string): Eventually<RoomHandle | undefined> {
    return this.#options.rooms.get(id) ?? this.#getElsewhere(id);
  }

  create(plan: NewRoomPlan): Eventually<Result<RoomHandle, NoRoomReason>> {
    const { rooms, homes } = this.#options;
    const { name } = plan;
    const isFree = name !== undefined && rooms.find(`name:${name}`) === undefined;
    if (!isFree || !isOpenRoomName(name) || isDrawnCode(name.toUpperCase())) return rooms.create(plan);
    return whenAnswered(
      homes.claimName(name).catch(() => "away" as const), // which the cluster's own log says
      (claimed): Result<RoomHandle, NoRoomReason> => {
        if (claimed === "away") return failure({ why: "no_room_left", message: NAMES_AWAY });
        if (claimed) {
          const created = rooms.create(plan);
          if (!created.ok) homes.dropName(name);
          return created;
        }
        return failure({ why: "exists", message: `There is a room ${JSON.stringify(name)} already.` });
      },
    );
  }

  async #getElsewhere(id: string): Promise<RoomHandle | undefined> {
    const { rooms, homes, calls } = this.#options;
    const found = await homeOf(id, homes);
    switch (found.at) {
      case "here":
        return rooms.get(id);
      case "nowhere":
        return undefined;
      case "unknown":
        throw new RoomUnreachableError("away");
      case "elsewhere":
        return new RemoteRoom(id, found.home, calls);
      default:
        return found satisfies never;
    }
  }

  /** Does what another node asks of a room here; `null` where there is none. */
  #answer(question: RoomQuestion): { readonly value: unknown } | null {
    const room = this.#options.rooms.get(question.id);
    if (room === undefined) return null;
    switch (question.ask) {
      case "summary":
        return { value: room.summary() };
      case "details":
        return { value: room.details() };
      case "say": {
        const { content, to, except } = question;
        return { value: room.say({ content: decodeContent(content), to, except }) };
      }
      case "kick": {
        const { player, reason, ban } = question;
        return { value: room.kick(player, { reason, ban }) };
      }
      case "lock":
      case "open":
      case "close":
        room[question.ask]();
        return { value: null };
      case "record": {
        const recording = room.record();
        if (!recording.ok) return { value: { refused: recording.failure } };
        return { value: { recording: this.#lent.lend(recording.value) } };
      }
      default:
        return question satisfies never;
    }
  }

  #positionsHere(after: Position | undefined, limit: number): z.output<typeof POSITIONS_ANSWER> {
    const { rooms, self } = this.#options;
    const node = self() ?? NAMELESS;
    const positions: [number, number][] = [];
    for (const { at, number } of rooms.positions()) {
      if (after !== undefined && compare({ at, number, node }, after) <= 0) continue;
      if (positions.length === limit) return { positions, isAll: false };
      positions.push([at, number]);
    }
    return { positions, isAll: true };
  }

  /** The rooms at these places, by their places. Those that have ended meanwhile are missing. */
  async #summariesOf(
    page: readonly ListedPosition[],
    calls: Pick<Calls, "call">,
  ): Promise<ReadonlyMap<string, RoomSummary>> {
    const summaries = new Map<string, RoomSummary>();
    const byNode = new Map<NodeId, ListedPosition[]>();
    for (const place of page) byNode.set(place.node, [...(byNode.get(place.node) ?? []), place]);
    const note = (places: readonly Position[], rooms: readonly (readonly [number, RoomSummary])[]): void => {
      const summaryOf = new Map(rooms);
      for (const place of places) {
        const summary = summaryOf.get(place.number);
        if (summary !== undefined) summaries.set(textOf(place), summary);
      }
    };
    await Promise.all(
      [...byNode].map(async ([node, places]) => {
        const numbers = places.map(({ number }) => number);
        if (places[0]?.isHere === true) return note(places, summariesOf(this.#options.rooms, numbers).rooms);
        for (let left = numbers; left.length > 0;) {
          const answer = await calls.call(node, SUMMARIES_CALL, { numbers: left }, LIST_TIMEOUT_MS);
          const read = answer.ok ? SUMMARIES_ANSWER.safeParse(answer.value) : undefined;
          if (read?.success !== true) return;
          note(places, read.data.rooms);
          const last = read.data.rooms.at(-1)?.[0];
          const next = last === undefined ? 0 : left.indexOf(last) + 1;
          if (next <= 0) return;
          left = left.slice(next);
        }
      }),
    );
    return summaries;
  }

  /** What the other nodes answer, and how many do not. */
  async #askAll<Schema extends z.ZodType>(
    name: string,
    body: unknown,
    schema: Schema,
  ): Promise<{ readonly answers: ReadonlyMap<NodeId, z.output<Schema>>; readonly missing: number }> {
    const { calls, nodes, self } = this.#options;
    const answers = new Map<NodeId, z.output<Schema>>();
    try {
      const others = (await nodes()).filter((node) => node !== self());
      for (const [node, answer] of await calls.askAll(name, body, LIST_TIMEOUT_MS)) {
        const read = schema.safeParse(answer);
        if (read.success) answers.set(node, read.data);
      }
      return { answers, missing: others.filter((node) => !answers.has(node)).length };
    } catch {
      return { answers, missing: 1 }; // the directory is away, as the cluster's own log says
    }
  }
}

const NAMES_AWAY = "Which names are taken cannot be known now. Come back in a moment.";

/** As many as fit into one answer, in this order. */
function summariesOf(
  rooms: NodeRooms,
  numbers: readonly number[],
): { readonly rooms: readonly (readonly [number, RoomSummary])[] } {
  const found: (readonly [number, RoomSummary])[] = [];
  let characters = 0;
  for (const [number, summary] of rooms.summariesOf(numbers)) {
    characters += JSON.stringify(summary).length;
    if (found.length > 0 && characters > MAX_ANSWER_CHARACTERS) break;
    found.push([number, summary]);
  }
  return { rooms: found };
}

function positionIn(cursor: string): Position | undefined {
  const [, at, number, node] = CURSOR.exec(cursor) ?? [];
  return node === undefined ? undefined : { at: Number(at), number: Number(number), node };
}

function textOf({ at, number, node }: Position): string {
  return `${at}.${number}.${node}`;
}

/** Rooms of one moment are in the order of their nodes. */
function compare(one: Position, other: Position): number {
  if (one.at !== other.at) return one.at - other.at;
  if (one.node !== other.node) return one.node < other.node ? -1 : 1;
  return one.number - other.number;
}
