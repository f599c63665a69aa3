/** Bans of users, sessions and addresses as facts: `[stamp, key, ban]`, and `[stamp, key, null]` where one was lifted. The newest counts. */
import type { Ban, BanChange, Bans } from "../../hub/bans.ts";
import { digestOf, isMoment, isText, type Fact, type SharedFacts } from "./shared-facts.ts";

export interface SharedBansOptions {
  readonly bans: Pick<Bans, "onChange" | "adopt" | "lift" | "entries">;
  /** Milliseconds since 1970. */
  readonly wallClock: () => number;
  /** From 0 up to 1, without 1. @default Math.random */
  readonly random?: () => number;
}

/** Bans that were lifted and are remembered, so that a node which did not hear of it does not bring them back. Past them the earliest is forgotten. */
const MAX_LIFTED = 10_000;
/** A target has 1,024 characters at most, and a word in front. */
const MAX_KEY_LENGTH = 1_100;

export class SharedBans implements SharedFacts {
  readonly name = "bans";
  readonly #options: SharedBansOptions;
  /** When each ban was given, in milliseconds since 1970. The fraction is drawn: of two nodes that ban the same at the same moment all agree on one. */
  readonly #given = new Map<string, number>();
  /** When a ban was lifted. */
  readonly #lifted = new Map<string, number>();
  #lastStamp = 0;

  constructor(options: SharedBansOptions) {
    this.#options = options;
  }

  onNew(tell: (fact: Fact) => void): void {
    this.#options.bans.onChange((change) => tell(this.#noted(change)));
  }

  *all(): Iterable<Fact> {
    for (const [key, ban] of this.#options.bans.entries()) yield this.#factOf(key, ban);
    for (const [key, stamp] of this.#lifted) yield [stamp, key, null];
  }

  take(fact: unknown): boolean {
    if (!Array.isArray(fact) || fact.length !== 3) return false;
    const [stamp, key, ban]: readonly unknown[] = fact;
    if (!isMoment(stamp, this.#options.wallClock()) || !isText(key, MAX_KEY_LENGTH)) return false;
    if (stamp <= Math.max(this.#given.get(key) ?? 0, this.#lifted.get(key) ?? 0)) return true;
    if (ban === null) this.#options.bans.lift(key);
    else if (!this.#adopt(ban, key)) return false;
    this.#note(key, stamp, ban === null);
    return true;
  }

  digest(): number {
    return digestOf([...this.#options.bans.entries()].map(([key]) => `${this.#given.get(key) ?? 0} ${key}`));
  }

  #factOf(key: string, { until, ...ban }: Ban): Fact {
    return [this.#given.get(key) ?? 0, key, { ...ban, until: until ?? null }];
  }

  #noted({ key, ban }: BanChange): Fact {
    const { wallClock, random = Math.random } = this.#options;
    const known = Math.max(this.#lastStamp, this.#given.get(key) ?? 0, this.#lifted.get(key) ?? 0);
    this.#lastStamp = Math.max(wallClock() + random(), known + 1);
    this.#note(key, this.#lastStamp, ban === undefined);
    return ban === undefined ? [this.#lastStamp, key, null] : this.#factOf(key, ban);
  }

  #note(key: string, stamp: number, isLifted: boolean): void {
    this.#given.delete(key);
    this.#lifted.delete(key);
    (isLifted ? this.#lifted : this.#given).set(key, stamp);
    const [earliest] = this.#lifted.keys();
    if (earliest !== undefined && this.#lifted.size > MAX_LIFTED) this.#lifted.delete(earliest);
    if (this.#given.size > 2 * MAX_LIFTED) this.#forgetExpired();
  }

  #forgetExpired(): void {
    const there = new Set([...this.#options.bans.entries()].map(([key]) => key));
    for (const key of this.#given.keys()) if (!there.has(key)) this.#given.delete(key);
  }

  /** `false` where it is no ban of what its key says. */
  #adopt(ban: unknown, key: string): boolean {
    const read = banOf(ban);
    if (read === undefined) return false;
    try {
      return this.#options.bans.adopt(key, read);
    } catch (error) {
      if (error instanceof TypeError) return false;
      throw error;
    }
  }
}

/** The names and types of a ban's members. `Bans` checks the rest. */
function banOf(value: unknown): Ban | undefined {
  const given: Readonly<Record<string, unknown>> = typeof value === "object" && value !== null ? { ...value } : {};
  const { reason, until, sub, sessionHash, address, ...more } = given;
  if (typeof reason !== "string" || !(until === null || typeof until === "number")) return undefined;
  if (Object.keys(more).length > 0) return undefined;
  return {
    ...(typeof sub === "string" && { sub }),
    ...(typeof sessionHash === "string" && { sessionHash }),
    ...(typeof address === "string" && { address }),
    reason,
    until: until ?? undefined,
  };
}
