/** Visitors that sent too much and are out for a while, as facts: `[visitor, milliseconds that are left]`. They end so soon that nodes do not compare them. */
import type { TemporaryBans } from "../../hub/temporary-bans.ts";
import { isText, type Fact, type SharedFacts } from "./shared-facts.ts";

/** A SHA-256 as text. */
const MAX_VISITOR_LENGTH = 128;

export class SharedVisitors implements SharedFacts {
  readonly name = "visitors";
  readonly #bans: Pick<TemporaryBans, "onAdded" | "adopt" | "list">;

  constructor(bans: Pick<TemporaryBans, "onAdded" | "adopt" | "list">) {
    this.#bans = bans;
  }

  onNew(tell: (fact: Fact) => void): void {
    this.#bans.onAdded((visitor, ms) => tell([visitor, ms]));
  }

  *all(): Iterable<Fact> {
    yield* this.#bans.list();
  }

  take(fact: unknown): boolean {
    if (!Array.isArray(fact) || fact.length !== 2) return false;
    const [visitor, ms]: readonly unknown[] = fact;
    if (!isText(visitor, MAX_VISITOR_LENGTH) || typeof ms !== "number" || !(ms > 0)) return false;
    this.#bans.adopt(visitor, ms);
    return true;
  }
}
