/**
 * Look-ups of rooms by their codes, over all nodes: what `GET /CODE` needs to know of a room that is at home at another node is asked there, and kept for a second.
 * Wrong codes count as they do without other nodes.
 */
import { z } from "zod";
import type { NodeId } from "../../cluster/ports.ts";
import type { Calls } from "../../cluster/spread/calls.ts";
import type { Hub } from "../../hub/hub.ts";
import type { Eventually } from "../../protocol/eventually.ts";
import type { Clock } from "../../room/ports.ts";
import type { FoundRoom, RoomLookup } from "../room-route.ts";
import { homeOfCode, type OtherHomes } from "./other-homes.ts";

export interface AllLookupsOptions {
  readonly hub: Pick<Hub, "find" | "lookUp" | "mayLookUp" | "isPastAllGuesses" | "hostNetworkOf">;
  /** The kind of the open room of this code, where it is here. */
  readonly kindOf: (code: string) => string | undefined;
  readonly homes: Pick<OtherHomes, "whereIsCode">;
  readonly calls: Pick<Calls, "call" | "handle">;
  readonly clock: Pick<Clock, "now">;
}

const DESCRIBE_CALL = "room.describe";
const DESCRIBE_TIMEOUT_MS = 2_000;
/** Milliseconds for which a description stands. */
const KEPT_MS = 1_000;
/** Descriptions that are kept. Past them the oldest is dropped. */
const MAX_KEPT = 500;
const MAX_TEXT_LENGTH = 8_192;

const QUESTION = z.object({ code: z.string().max(16), seatTransferProof: z.string().max(128).optional() });
const DESCRIPTION = z.object({
  name: z.string().max(MAX_TEXT_LENGTH),
  joinUrl: z.string().max(MAX_TEXT_LENGTH).optional(),
  meta: z.string().max(MAX_TEXT_LENGTH).refine(isJson).optional(),
  needsPin: z.boolean(),
  kind: z.string().max(MAX_TEXT_LENGTH).optional(),
  players: z.int().min(0),
  maxPlayers: z.int(),
  isOpen: z.boolean(),
  audienceCount: z.int().min(0).default(0),
  spectatorCount: z.int().min(0).default(0),
  /** Where its host is. */
  network: z.string().max(128),
  /** Whether the rescue link is one of this room. */
  isKnown: z.boolean(),
});
type Description = z.output<typeof DESCRIPTION>;

interface KeptDescription {
  readonly description: Promise<Description | "nowhere" | "unknown">;
  readonly until: number;
}

export class AllLookups implements RoomLookup {
  readonly #options: AllLookupsOptions;
  /** By code, the oldest first. */
  readonly #kept = new Map<string, KeptDescription>();

  constructor(options: AllLookupsOptions) {
    this.#options = options;
    options.calls.handle(DESCRIBE_CALL, (body) => this.#describeHere(body));
  }

  lookUp(
    code: string,
    address: string,
    credentials: { readonly seatTransferProof: string | undefined },
  ): Eventually<FoundRoom | "not_found" | "too_many_guesses" | "not_now"> {
    const { hub } = this.#options;
    if (hub.find(code) !== undefined) return hub.lookUp(code, address, credentials);
    return this.#lookUpElsewhere(code, address, credentials.seatTransferProof);
  }

  async #lookUpElsewhere(
    code: string,
    address: string,
    seatTransferProof: string | undefined,
  ): Promise<FoundRoom | "not_found" | "too_many_guesses" | "not_now"> {
    const { hub } = this.#options;
    // A guesser does not make this node ask others any more.
    if (seatTransferProof === undefined && hub.isPastAllGuesses(address)) return hub.lookUp(code, address);
    const found = await this.#describe(code, seatTransferProof);
    if (found === "unknown") return "not_now";
    if (found === "nowhere") return hub.lookUp(code, address, { seatTransferProof });
    if (!found.isKnown && !hub.mayLookUp(address, found.network)) return "too_many_guesses";
    const { name, joinUrl, meta, needsPin, kind, players, maxPlayers, isOpen, audienceCount, spectatorCount } = found;
    const state = { players: { length: players }, max_players: maxPlayers, accept_conns: isOpen };
    return { name, joinUrl, meta, needsPin, kind, audienceCount, spectatorCount, state };
  }

  /** What its home says of a room. A rescue link is judged there each time. */
  #describe(code: string, seatTransferProof: string | undefined): KeptDescription["description"] {
    if (seatTransferProof !== undefined) return this.#ask({ code, seatTransferProof });
    const now = this.#options.clock.now();
    for (const [oldest, { until }] of this.#kept) {
      if (until > now && this.#kept.size < MAX_KEPT) break;
      this.#kept.delete(oldest);
    }
    const kept = this.#kept.get(code);
    if (kept !== undefined) return kept.description;
    const description = this.#ask({ code });
    const entry = { description, until: now + KEPT_MS };
    this.#kept.set(code, entry);
    void this.#keepIfFound(code, entry);
    return description;
  }

  /** A room that opens a moment after it was looked for is found at once. */
  async #keepIfFound(code: string, entry: KeptDescription): Promise<void> {
    const isFound = typeof (await entry.description) === "object";
    if (!isFound && this.#kept.get(code) === entry) this.#kept.delete(code);
  }

  async #ask(question: z.output<typeof QUESTION>): KeptDescription["description"] {
    const { homes, calls } = this.#options;
    const found = await homeOfCode(question.code, homes);
    switch (found.at) {
      case "here":
        return DESCRIPTION.nullable().parse(this.#describeHere(question)) ?? "nowhere";
      case "nowhere":
      case "unknown":
        return found.at;
      case "elsewhere":
        return askHome(found.home, question, calls);
      default:
        return found satisfies never;
    }
  }

  /** `null`: there is no such room here. */
  #describeHere(body: unknown): z.input<typeof DESCRIPTION> | null {
    const { hub, kindOf } = this.#options;
    const { code, seatTransferProof } = QUESTION.parse(body);
    const room = hub.find(code);
    if (room === undefined) return null;
    const { name, joinUrl, meta, needsPin, audienceCount, spectatorCount, state } = room;
    return {
      name,
      joinUrl,
      meta,
      needsPin,
      kind: kindOf(code),
      players: state.players.length,
      maxPlayers: state.max_players,
      isOpen: state.accept_conns,
      audienceCount,
      spectatorCount,
      network: hub.hostNetworkOf(room),
      isKnown: room.knows({ seatTransferProof }),
    };
  }
}

async function askHome(
  home: NodeId,
  question: z.output<typeof QUESTION>,
  calls: Pick<Calls, "call">,
): Promise<Description | "nowhere" | "unknown"> {
  const answer = await calls.call(home, DESCRIBE_CALL, question, DESCRIBE_TIMEOUT_MS);
  const read = answer.ok ? DESCRIPTION.nullable().safeParse(answer.value) : undefined;
  return read?.success === true ? (read.data ?? "nowhere") : "unknown";
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
