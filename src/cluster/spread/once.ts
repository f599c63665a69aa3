/**
 * What may be done once by all nodes together: a claim in the directory gives it to one of them. While the directory is away nothing is given. The directory forgets
 * a claim after a while, so what was done is told to all nodes as a fact, too.
 */
import type { Clock } from "../../room/ports.ts";
import type { Directory, NodeId } from "../ports.ts";
import { Releases } from "../releases.ts";

export type Claimed = "given" | "taken" | "away";

export interface OnceOptions {
  readonly directory: Pick<Directory, "claim" | "find" | "release">;
  /** This node's name now; `undefined` while it has none. */
  readonly self: () => NodeId | undefined;
  /** In front of the names in the directory. */
  readonly kind: string;
  readonly clock: Pick<Clock, "after">;
}

/** Claims whose answer did not come, and that may be this node's. */
const MAX_UNANSWERED = 1_000;
/** Nothing is ever written to a claim, so it has the fence that it began with. */
const FENCE = 1;

export class Once {
  readonly #options: OnceOptions;
  /** Claims whose answer did not come, or which could not be given back, with the life of this node that may have them. They are let go until that is done. */
  readonly #unanswered = new Map<string, NodeId>();
  /** Claims under way, by key. */
  readonly #claiming = new Map<string, number>();
  readonly #releases: Releases;

  constructor(options: OnceOptions) {
    const { directory, clock } = options;
    this.#options = options;
    this.#releases = new Releases({
      directory,
      clock,
      isHeld: (key) => !this.#unanswered.has(key),
      isClaimed: (key) => this.#claiming.has(key),
      onFailure: () => {}, // the directory is away, as its own log says
    });
  }

  /** `name` has at most 500 bytes. */
  async claim(name: string): Promise<Claimed> {
    const key = this.#keyOf(name);
    this.#claiming.set(key, (this.#claiming.get(key) ?? 0) + 1);
    try {
      return await this.#claim(key);
    } finally {
      const left = (this.#claiming.get(key) ?? 1) - 1;
      if (left > 0) this.#claiming.set(key, left);
      else this.#claiming.delete(key);
      this.#letGo(key);
    }
  }

  /** It was not done: it may be claimed again, here or at another node. */
  async giveBack(name: string): Promise<void> {
    const { directory, self } = this.#options;
    const key = this.#keyOf(name);
    const node = self();
    if (node === undefined) return;
    try {
      await directory.release(node, key, FENCE);
    } catch {
      this.#noteUnanswered(key, node);
      this.#letGo(key);
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

  close(): void {
    this.#releases.close();
  }

  async #claim(key: string): Promise<Claimed> {
    const { directory, self } = this.#options;
    await this.#releases.answered(key); // until then the directory may have it as this node's
    const node = self();
    if (node === undefined) return "away";
    try {
      const given = await directory.claim(node, [{ key, record: new Uint8Array() }]);
      const life = this.#unanswered.get(key);
      const isOwn = given.includes(key) || (life !== undefined && (await directory.find(key))?.home === life);
      this.#unanswered.delete(key);
      return isOwn ? "given" : "taken";
    } catch {
      this.#noteUnanswered(key, node);
      return "away";
    }
  }

  #keyOf(name: string): string {
    return `${this.#options.kind}:${name}`;
  }

  #noteUnanswered(key: string, life: NodeId): void {
    this.#unanswered.set(key, life);
    const [earliest] = this.#unanswered.keys();
    if (earliest !== undefined && this.#unanswered.size > MAX_UNANSWERED) this.#unanswered.delete(earliest);
  }

  #letGo(key: string): void {
    const life = this.#unanswered.get(key);
    if (life !== undefined) this.#releases.releaseUnlessHeld({ key, life, fence: FENCE });
  }
}
