/** A search through all orders in which the steps of a small cluster can happen. */
import { World, type ModelOptions, type Step } from "./lease-model.ts";

export interface SearchResult {
  readonly states: number;
  /** What went wrong first, and the shortest way there. */
  readonly failure: { readonly what: string; readonly steps: readonly string[] } | undefined;
}

/** Looks at every state that can be reached, those of few steps first. */
export function search(options: ModelOptions): SearchResult {
  interface Reached {
    readonly world: World;
    readonly before: Reached | undefined;
    readonly step: Step | undefined;
  }
  const seen = new Set<string>();
  let level: Reached[] = [{ world: new World(options), before: undefined, step: undefined }];
  while (level.length > 0) {
    const next: Reached[] = [];
    for (const before of level) {
      for (const step of before.world.steps()) {
        const world = before.world.copy();
        world.take(step);
        const key = world.key();
        if (seen.has(key)) continue;
        seen.add(key);
        // What is under way is served and heard on the way to a state in which nothing is.
        const what = world.failure ?? (world.isQuiet ? world.copy().heal() : undefined);
        const reached = { world, before, step };
        if (what !== undefined) return { states: seen.size, failure: { what, steps: stepsTo(reached) } };
        next.push(reached);
      }
    }
    level = next;
  }
  return { states: seen.size, failure: undefined };

  function stepsTo(reached: Reached): readonly string[] {
    const steps: string[] = [];
    for (let at: Reached | undefined = reached; at?.step !== undefined; at = at.before) steps.unshift(wordsOf(at.step));
    return steps;
  }
}

function wordsOf(step: Step): string {
  return ["node" in step ? "ABC"[step.node] : "", step.do, "what" in step ? step.what : ""].join(" ").trim();
}
