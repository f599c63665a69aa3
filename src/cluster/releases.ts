/**
 * Lets go of keys in the directory, and tries again where that was not answered: a key that is this node's in the directory alone would be nowhere, and no
 * node could have it.
 */
import type { Cancel, Clock } from "../room/ports.ts";
import type { Directory, NodeId } from "./ports.ts";

/** A key as this node had it. */
export interface Kept {
  readonly key: string;
  readonly life: NodeId;
  readonly fence: number;
}

export interface ReleasesOptions {
  readonly directory: Pick<Directory, "release">;
  readonly clock: Pick<Clock, "after">;
  /** Whether the key is this node's by now: it is let go no more. */
  readonly isHeld: (key: string) => boolean;
  /** Whether the key may be this node's in a moment: it is looked at again after that. */
  readonly isClaimed: (key: string) => boolean;
  readonly onFailure: (error: unknown) => void;
}

/** Milliseconds before a key is let go again that could not be. */
const RELEASE_AGAIN_MS = 5_000;
/** Keys whose release is tried again, at one time. */
const MAX_WAITING = 10_000;

export class Releases {
  readonly #options: ReleasesOptions;
  /** Releases under way, by key. */
  readonly #underWay = new Map<string, Promise<void>>();
  /** Keys whose release was not answered. */
  readonly #waiting = new Map<string, Kept>();
  #again: Cancel | undefined;
  #isClosed = false;

  constructor(options: ReleasesOptions) {
    this.#options = options;
  }

  release(kept: Kept): void {
    const { key } = kept;
    const done = this.#try(kept).finally(() => {
      if (this.#underWay.get(key) === done) this.#underWay.delete(key);
    });
    this.#underWay.set(key, done);
  }

  /** The same, unless the key is this node's by now. */
  releaseUnlessHeld(kept: Kept): void {
    const { isHeld, isClaimed } = this.#options;
    if (this.#isClosed || isHeld(kept.key)) return;
    if (isClaimed(kept.key)) this.#later(kept);
    else this.release(kept);
  }

  /** Fulfilled when the release of this key that is under way has been answered, or was not. */
  async answered(key: string): Promise<void> {
    await this.#underWay.get(key);
  }

  /** Tries nothing again. */
  close(): void {
    this.#isClosed = true;
    this.#again?.();
  }

  async #try(kept: Kept): Promise<void> {
    const { directory, onFailure } = this.#options;
    try {
      await directory.release(kept.life, kept.key, kept.fence);
    } catch (error) {
      onFailure(error);
      this.#later(kept);
    }
  }

  #later(kept: Kept): void {
    if (this.#isClosed) return;
    if (this.#waiting.size < MAX_WAITING) this.#waiting.set(kept.key, kept); // the directory forgets the rest in time
    this.#again ??= this.#options.clock.after(RELEASE_AGAIN_MS, () => {
      this.#again = undefined;
      const all = [...this.#waiting.values()];
      this.#waiting.clear();
      for (const each of all) this.releaseUnlessHeld(each);
    });
  }
}
