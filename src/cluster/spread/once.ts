/**
 * What may be done once by all nodes together: a claim in the directory gives it to one of them. While the directory is away nothing is given. The directory forgets
 * a claim after a while, so what was done is told to all nodes as a fact, too.
 */
import type { Directory, NodeId } from "../ports.ts";

export type Claimed = "given" | "taken" | "away";

export interface OnceOptions {
  readonly directory: Pick<Directory, "claim" | "find" | "release">;
  /** This node's name now; `undefined` while it has none. */
  readonly self: () => NodeId | undefined;
  /** In front of the names in the directory. */
  readonly kind: string;
}

/** Claims whose answer did not come, and that may be this node's. */
const MAX_UNANSWERED = 1_000;
/** Nothing is ever written to a claim, so it has the fence that it began with. */
const FENCE = 1;

export class Once {
  readonly #options: OnceOptions;
  readonly #unanswered = new Set<string>();

  constructor(options: OnceOptions) {
    this.#options = options;
  }

  /** `name` has at most 500 bytes. */
  async claim(name: string): Promise<Claimed> {
    const { directory, self } = this.#options;
    const key = this.#keyOf(name);
    const node = self();
    if (node === undefined) return "away";
    try {
      const given = await directory.claim(node, [{ key, record: new Uint8Array() }]);
      if (given.includes(key)) return "given";
      if (!this.#unanswered.has(key)) return "taken";
      const isOwn = (await directory.find(key))?.home === node;
      this.#unanswered.delete(key);
      return isOwn ? "given" : "taken";
    } catch {
      this.#noteUnanswered(key);
      return "away";
    }
  }

  /** It was not done: it may be claimed again, here or at another node. */
  async giveBack(name: string): Promise<void> {
    const { directory, self } = this.#options;
    const key = this.#keyOf(name);
    const node = self();
    try {
      if (node !== undefined) await directory.release(node, key, FENCE);
    } catch {
      this.#noteUnanswered(key); // at this node it can be claimed again
    }
  }

  /** The node that it was given to, where that lives. */
  async holderOf(name: string): Promise<{ readonly node: NodeId; readonly isSelf: boolean } | undefined> {
    const { directory, self } = this.#options;
    try {
      const entry = await directory.find(this.#keyOf(name));
      return entry?.isAlive === true ? { node: entry.home, isSelf: entry.home === self() } : undefined;
    } catch {
      return undefined; // as good as gone, for now
    }
  }

  #keyOf(name: string): string {
    return `${this.#options.kind}:${name}`;
  }

  #noteUnanswered(key: string): void {
    this.#unanswered.add(key);
    const [earliest] = this.#unanswered;
    if (earliest !== undefined && this.#unanswered.size > MAX_UNANSWERED) this.#unanswered.delete(earliest);
  }
}
