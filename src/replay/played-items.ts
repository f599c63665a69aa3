/** What a replay acts upon, whichever side it plays. */
import type { RecordedItem } from "../recording/recording-file.ts";

/** Kinds of items that are for the readers of a file: a replay has its own gaps, its own times and its own end. */
const UNPLAYED = [
  "gap",
  "host_away",
  "host_back",
  "tick",
  "end",
  "unknown",
] as const satisfies readonly RecordedItem["is"][];

/** An item that one side of a replay, or the other, acts upon. */
export type PlayedItem = RecordedItem & { readonly is: Exclude<RecordedItem["is"], (typeof UNPLAYED)[number]> };

export function isPlayed(item: RecordedItem): item is PlayedItem {
  return !UNPLAYED.some((kind) => kind === item.is);
}
