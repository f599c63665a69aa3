import { describe, expect, test } from "@jest/globals";
import { budget, repeatWith, SEED } from "../../support/seeded-random.ts";
import { tellStory, type FrameStory } from "../../support/websocket/frame-story.ts";
import { inWords, isSame, type Heard } from "../../support/websocket/heard.ts";
import { createOurEnd } from "../../support/websocket/our-end.ts";
import { createWsEnd } from "../../support/websocket/ws-end.ts";

const STORIES = budget(1_500);
/** Stories that once went wrong: faults were told only once what follows the head had come as well. */
const SEEDS_THAT_FAILED: readonly number[] = [6, 32, 49];

interface Reading {
  readonly heard: readonly Heard[];
  /** The first thing that only one of the two heard, or heard otherwise, or not at the same byte. */
  readonly difference: string | undefined;
}

/** Both read the same bytes, and after every chunk they have to have heard the same. */
function readBoth({ chunks, maxPayload }: FrameStory): Reading {
  const ours = createOurEnd(maxPayload);
  const theirs = createWsEnd(maxPayload);
  let compared = 0;
  for (const [index, chunk] of chunks.entries()) {
    theirs.read(Buffer.from(chunk));
    ours.read(chunk);
    const count = Math.max(ours.heard.length, theirs.heard.length);
    for (; compared < count; compared++) {
      const [our, their] = [ours.heard[compared], theirs.heard[compared]];
      if (isSame(our, their)) continue;
      const where = `chunk ${index} of ${chunks.length} (${chunk.length} bytes), ${compared} things before`;
      return { heard: ours.heard, difference: `${where}: ours ${inWords(our)}, of ws ${inWords(their)}` };
    }
  }
  const difference = ours.areMessagesUnchanged() ? undefined : "a message changed after it was told";
  return { heard: ours.heard, difference };
}

function check(seed: number): readonly Heard[] {
  const story = tellStory(seed);
  const { heard, difference } = readBoth(story);
  if (difference !== undefined) throw new Error(`${repeatWith(seed)}: ${difference}\n${story.words.join("\n")}`);
  return heard;
}

describe("our reader of frames beside that of ws", () => {
  test(`hears the same at the same byte, whatever is said and however it is cut (seed ${SEED})`, () => {
    const counts = new Map<string, number>();
    for (let story = 0; story < STORIES; story++) {
      for (const heard of check(SEED + story)) {
        const name = heard.kind === "fault" ? `fault ${heard.code}` : heard.kind;
        counts.set(name, (counts.get(name) ?? 0) + 1);
      }
    }
    // All of it has happened, and often, so that agreeing means something.
    const often = ["text", "binary", "ping", "pong", "close", "fault 1002", "fault 1007", "fault 1009"];
    expect(often.filter((name) => (counts.get(name) ?? 0) < 20)).toEqual([]);
  });

  test.each(SEEDS_THAT_FAILED)("hears the same in story %i, which once went wrong", (seed) => {
    expect(check(seed).length).toBeGreaterThan(0);
  });
});
