/** What an overlay shows of a room beside what its look-up says, from whichever node the room is at home at. */
import { z } from "zod";
import type { ShownOnOverlays } from "../../channels/shown-on-overlays.ts";
import type { Calls } from "../../cluster/spread/calls.ts";
import type { Hub } from "../../hub/hub.ts";
import type { Eventually } from "../../protocol/eventually.ts";
import { homeOfCode, type OtherHomes } from "../all-rooms/other-homes.ts";

const MAX_JSON_LENGTH = 32_768;
const OVERLAY_CALL = "room.overlay";
const OVERLAY_TIMEOUT_MS = 2_000;

const QUESTION = z.object({ code: z.string().max(16) });
const FACTS = z.object({
  people: z.array(z.object({ name: z.string().nullable(), away: z.boolean() })),
  waiting: z.int().min(0),
  tally: z
    .object({
      counts: z.record(z.string(), z.number()),
      other: z.number(),
      watchers: z.number(),
      poll: z.union([z.string(), z.number()]).nullable(),
    })
    .nullable(),
  /** What the host has published for its overlay, as JSON. */
  shown: z.string().max(MAX_JSON_LENGTH).nullable(),
});

/** The people with a seat, the line, how the watchers voted last, and what the host shows. */
export type OverlayFacts = z.output<typeof FACTS>;

export interface OverlayFactsOptions {
  readonly hub: Pick<Hub, "find">;
  readonly shown: Pick<ShownOnOverlays, "shownBy">;
  /** The nodes beside this one. @default there are none */
  readonly nodes?:
    | { readonly homes: Pick<OtherHomes, "whereIsCode">; readonly calls: Pick<Calls, "call" | "handle"> }
    | undefined;
}

/** Answers for the room of this code; `undefined` where it is not there, or its node does not answer. */
export function overlayFacts({ hub, shown, nodes }: OverlayFactsOptions) {
  function factsHere(code: string): OverlayFacts | undefined {
    const room = hub.find(code);
    if (room === undefined) return undefined;
    const seats = (room.players?.facts() ?? []).filter(({ isSpectator }) => !isSpectator);
    const report = room.audienceReport;
    return {
      people: seats.map(({ name = null, away }) => ({ name, away })),
      waiting: room.waitingCount,
      tally:
        report === undefined
          ? null
          : { counts: report.tally, other: report.other ?? 0, watchers: report.count, poll: report.poll ?? null },
      shown: shown.shownBy(code) ?? null,
    };
  }

  nodes?.calls.handle(OVERLAY_CALL, (body) => factsHere(QUESTION.parse(body).code) ?? null);

  async function factsElsewhere(code: string): Promise<OverlayFacts | undefined> {
    const found = nodes && (await homeOfCode(code, nodes.homes));
    if (found?.at === "here") return factsHere(code);
    if (nodes === undefined || found?.at !== "elsewhere") return undefined;
    const answer = await nodes.calls.call(found.home, OVERLAY_CALL, { code }, OVERLAY_TIMEOUT_MS);
    const read = answer.ok ? FACTS.safeParse(answer.value) : undefined;
    return read?.success === true ? read.data : undefined;
  }

  return (code: string): Eventually<OverlayFacts | undefined> =>
    nodes === undefined || hub.find(code) !== undefined ? factsHere(code) : factsElsewhere(code);
}
