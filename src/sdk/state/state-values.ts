/** The keys and values of one state, as JSON text: what is given or got is a copy, so that no page changes it by accident. */
import type { JsonBefore, JsonChanges } from "./state-changes.ts";

export class StateValues {
  readonly #values = new Map<string, string>();

  get size(): number {
    return this.#values.size;
  }

  get(key: string): string | undefined {
    return this.#values.get(key);
  }

  keys(): IterableIterator<string> {
    return this.#values.keys();
  }

  entries(): IterableIterator<[string, string]> {
    return this.#values.entries();
  }

  /** Whether these changes change anything. */
  differ(changes: JsonChanges): boolean {
    return [...changes].some(([key, json]) => this.#values.get(key) !== (json ?? undefined));
  }

  /** Takes the changes over, and returns what the keys that are different now were before. */
  apply(changes: JsonChanges): JsonBefore {
    const before = new Map<string, string | undefined>();
    for (const [key, json] of changes) {
      const old = this.#values.get(key);
      if (old === (json ?? undefined)) continue;
      before.set(key, old);
      if (json === null) this.#values.delete(key);
      else this.#values.set(key, json);
    }
    return before;
  }

  /** The changes that make these values the given ones: keys that those do not have are deleted. */
  changesTo(whole: JsonChanges): JsonChanges {
    const changes = new Map<string, string | null>(whole);
    for (const key of this.#values.keys()) if (!changes.has(key)) changes.set(key, null);
    return changes;
  }
}

/** Which keys have changed since this was last taken. A key that has changed back is none. */
export class ChangedKeys {
  #before = new Map<string, string | undefined>();

  note(before: JsonBefore): void {
    for (const [key, json] of before) if (!this.#before.has(key)) this.#before.set(key, json);
  }

  /** The changes since the last time, with the values of now. */
  take(now: (key: string) => string | undefined): JsonChanges {
    const changes = new Map<string, string | null>();
    for (const [key, old] of this.#before) {
      const json = now(key);
      if (json !== old) changes.set(key, json ?? null);
    }
    this.#before = new Map();
    return changes;
  }
}
