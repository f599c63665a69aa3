/** What the pages of the admin server show, of the rooms of all nodes: each node is asked what its own desk says. */
import { z } from "zod";
import type { NodeId } from "../../cluster/ports.ts";
import type { Calls } from "../../cluster/spread/calls.ts";
import type { Eventually } from "../../protocol/eventually.ts";
import { homeOf, type OtherHomes } from "../all-rooms/other-homes.ts";
import { ROOM_SUMMARY } from "../api/schemas.ts";
import { MAX_LISTED, type AdminDesk, type NodeDesk, type Overview, type OverviewQuestion } from "./admin-desk.ts";
import { MAX_SAMPLES, SAMPLE_MS, type TrafficSample } from "./traffic-history.ts";

/** The other nodes, for the admin page. */
export interface OtherDesks {
  readonly homes: Pick<OtherHomes, "whereIsCode" | "whereIsName">;
  readonly calls: Pick<Calls, "handle" | "call" | "askAll">;
}

const OVERVIEW_CALL = "admin.overview";
const ROOM_CALL = "admin.room";
const ANSWER_TIMEOUT_MS = 1_500;

const COUNT = z.number().min(0);
/** `null`: the page has no sample yet. */
const OVERVIEW_QUESTION = z.object({ since: z.number().nullable(), search: z.string().max(256) });
const ROOM_QUESTION = z.object({ id: z.string().max(4_096), known: z.string().max(64) });
const SAMPLE = z.object({
  at: COUNT,
  framesIn: COUNT,
  framesOut: COUNT,
  bytesIn: COUNT,
  bytesOut: COUNT,
  rooms: COUNT,
  players: COUNT,
  connections: COUNT,
  memory: COUNT,
});
/** What of another node's overview is added to this one's. */
const PART = z.object({
  totals: z.object({
    rooms: COUNT,
    players: COUNT,
    away: COUNT,
    connections: COUNT,
    memory: z.object({ used: COUNT, limit: COUNT, cuts: COUNT }),
  }),
  samples: z.array(SAMPLE).max(MAX_SAMPLES),
  rooms: z.array(ROOM_SUMMARY.extend({ rate: z.object({ frames: COUNT, bytes: COUNT }) })).max(MAX_LISTED),
  isAll: z.boolean(),
});
type Part = z.output<typeof PART>;

export class AllNodesDesk implements AdminDesk {
  readonly #own: NodeDesk;
  readonly #others: OtherDesks;

  constructor(own: NodeDesk, others: OtherDesks) {
    this.#own = own;
    this.#others = others;
    others.calls.handle(OVERVIEW_CALL, (body) => {
      const { since, search } = OVERVIEW_QUESTION.parse(body);
      return own.overview({ since: since ?? Number.NaN, search });
    });
    others.calls.handle(ROOM_CALL, (body) => {
      const { id, known } = ROOM_QUESTION.parse(body);
      return own.room(id, known) ?? null;
    });
  }

  async overview(question: OverviewQuestion): Promise<Overview> {
    const { since, search } = question;
    // The samples of other nodes are taken a little before or after those of this one.
    const asked = { since: Number.isFinite(since) ? since - 2 * SAMPLE_MS : null, search };
    const parts: Part[] = [];
    for (const answer of (await this.#askAll(asked)).values()) {
      const part = PART.safeParse(answer);
      if (part.success) parts.push(part.data);
    }
    return joined(this.#own.overview(question), parts);
  }

  room(id: string, known: string): Eventually<object | undefined> {
    return this.#own.has(id) ? this.#own.room(id, known) : this.#roomElsewhere(id, known);
  }

  /** A room that is over is remembered by the node that it was at. */
  async #roomElsewhere(id: string, known: string): Promise<object | undefined> {
    const { homes, calls } = this.#others;
    const found = await homeOf(id, homes);
    if (found.at === "elsewhere") {
      const answer = await calls.call(found.home, ROOM_CALL, { id, known }, ANSWER_TIMEOUT_MS);
      return answer.ok && isObject(answer.value) ? answer.value : undefined;
    }
    const own = this.#own.room(id, known);
    if (own !== undefined) return own;
    const answers = await calls.askAll(ROOM_CALL, { id, known }, ANSWER_TIMEOUT_MS).catch(() => NO_ANSWERS);
    return [...answers.values()].find(isObject);
  }

  /** What the other nodes say; none where the directory is away, as the cluster's own log says. */
  #askAll(question: z.output<typeof OVERVIEW_QUESTION>): Promise<ReadonlyMap<NodeId, unknown>> {
    return this.#others.calls.askAll(OVERVIEW_CALL, question, ANSWER_TIMEOUT_MS).catch(() => NO_ANSWERS);
  }
}

const NO_ANSWERS: ReadonlyMap<NodeId, unknown> = new Map();

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

/** One overview of several nodes. */
export function joined(own: Overview, parts: readonly Part[]): Overview {
  const rooms = [own.rooms, ...parts.map((part) => part.rooms)].flat();
  const oldest = rooms.toSorted((one, other) => (one.since < other.since ? -1 : Number(one.since > other.since)));
  let { totals } = own;
  for (const { totals: more } of parts) {
    totals = {
      rooms: totals.rooms + more.rooms,
      players: totals.players + more.players,
      away: totals.away + more.away,
      connections: totals.connections + more.connections,
      memory: {
        used: totals.memory.used + more.memory.used,
        limit: totals.memory.limit + more.memory.limit,
        cuts: totals.memory.cuts + more.memory.cuts,
      },
    };
  }
  return {
    ...own,
    totals,
    samples: own.samples.map((sample) => parts.reduce((sum, { samples }) => withNearest(sum, samples), sample)),
    rooms: oldest.slice(0, MAX_LISTED),
    isAll: own.isAll && oldest.length <= MAX_LISTED && parts.every(({ isAll }) => isAll),
  };
}

/** A sample and that of another node which was taken nearest to it, unless that was long before or after. */
function withNearest(sum: TrafficSample, samples: readonly TrafficSample[]): TrafficSample {
  let nearest: TrafficSample | undefined;
  for (const sample of samples) {
    if (nearest === undefined || Math.abs(sample.at - sum.at) < Math.abs(nearest.at - sum.at)) nearest = sample;
  }
  if (nearest === undefined || Math.abs(nearest.at - sum.at) > SAMPLE_MS) return sum;
  return {
    at: sum.at,
    framesIn: sum.framesIn + nearest.framesIn,
    framesOut: sum.framesOut + nearest.framesOut,
    bytesIn: sum.bytesIn + nearest.bytesIn,
    bytesOut: sum.bytesOut + nearest.bytesOut,
    rooms: sum.rooms + nearest.rooms,
    players: sum.players + nearest.players,
    connections: sum.connections + nearest.connections,
    memory: sum.memory + nearest.memory,
  };
}
