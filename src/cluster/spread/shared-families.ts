/** Which refresh token of each family counts, as facts: `[family, turn, step, iat]`. A node that is asked for a family it does not know has the claims to go by. */
import type { RefreshFamilies } from "../../auth/refresh-families.ts";
import { isText, type Fact, type SharedFacts } from "./shared-facts.ts";

const MAX_ID_LENGTH = 64;

export class SharedFamilies implements SharedFacts {
  readonly name = "families";
  readonly #families: Pick<RefreshFamilies, "onRotated" | "adopt" | "list">;

  constructor(families: Pick<RefreshFamilies, "onRotated" | "adopt" | "list">) {
    this.#families = families;
  }

  onNew(tell: (fact: Fact) => void): void {
    this.#families.onRotated(({ family, turn, step, iat }) => tell([family, turn, step, iat]));
  }

  *all(): Iterable<Fact> {
    for (const { family, turn, step, iat } of this.#families.list()) yield [family, turn, step, iat];
  }

  take(fact: unknown): boolean {
    if (!Array.isArray(fact) || fact.length !== 4) return false;
    const [family, turn, step, iat]: readonly unknown[] = fact;
    if (!isText(family, MAX_ID_LENGTH) || !isText(turn, MAX_ID_LENGTH)) return false;
    if (typeof step !== "number" || !Number.isSafeInteger(step) || step < 1 || typeof iat !== "number") return false;
    this.#families.adopt({ family, turn, step, iat });
    return true;
  }
}
