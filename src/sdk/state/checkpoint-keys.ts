/** The states as the server keeps them for a TV that is loaded again (P5.9.8): keys with JSON, and which of them it does not have yet. */
import { CouchwireError } from "../couchwire-error.ts";
import { bytesOf, type JsonBefore, type JsonChanges } from "./state-changes.ts";
import { ChangedKeys, StateValues } from "./state-values.ts";

/** What the server keeps of one room: bytes of keys and data together, and keys. */
export const MAX_CHECKPOINT_BYTES = 262_144;
export const MAX_CHECKPOINT_KEYS = 4_096;

export interface CheckpointSize {
  readonly bytes: number;
  readonly keys: number;
}

export class CheckpointKeys {
  #values = new StateValues();
  #unsaved = new ChangedKeys();
  #bytes = 0;

  /** How large it would be after these changes. */
  sizeWith(changes: JsonChanges): CheckpointSize {
    let bytes = this.#bytes;
    let keys = this.#values.size;
    for (const [key, json] of changes) {
      const old = this.#values.get(key);
      if (old !== undefined) {
        bytes -= bytesOf(key) + bytesOf(old);
        keys -= 1;
      }
      if (json === null) continue;
      bytes += bytesOf(key) + bytesOf(json);
      keys += 1;
    }
    return { bytes, keys };
  }

  /** @throws {CouchwireError} `too_large`, and nothing has changed */
  set(changes: JsonChanges): void {
    const { bytes, keys } = this.sizeWith(changes);
    const isLarger = bytes > this.#bytes || keys > this.#values.size;
    if (isLarger && (bytes > MAX_CHECKPOINT_BYTES || keys > MAX_CHECKPOINT_KEYS)) {
      throw new CouchwireError(
        "too_large",
        `The room's states would be ${keys} keys of ${bytes} bytes together; at most ${MAX_CHECKPOINT_KEYS} keys of ${MAX_CHECKPOINT_BYTES} bytes (256 KiB) are kept. Nothing was changed.`,
      );
    }
    this.#bytes = bytes;
    this.#unsaved.note(this.#values.apply(changes));
  }

  /** As `set`; `false` where there is no room, and nothing has changed. */
  trySet(changes: JsonChanges): boolean {
    try {
      this.set(changes);
      return true;
    } catch {
      return false;
    }
  }

  get(key: string): string | undefined {
    return this.#values.get(key);
  }

  entries(): Iterable<readonly [string, string]> {
    return this.#values.entries();
  }

  /** What the server does not have yet. It counts as saved from now on. */
  takeUnsaved(): JsonChanges {
    return this.#unsaved.take((key) => this.#values.get(key));
  }

  /** Begins with what the server has kept. */
  restore(kept: JsonChanges): void {
    this.#values = new StateValues();
    this.#bytes = 0;
    this.#bytes = this.sizeWith(kept).bytes;
    this.#values.apply(kept);
    this.#unsaved = new ChangedKeys();
  }

  /** The server has lost all of it, but for these values, which may be older. */
  forgetSaved(kept: JsonBefore): void {
    this.#unsaved = new ChangedKeys();
    this.#unsaved.note(kept);
    this.#unsaved.note(new Map([...this.#values.keys()].map((key) => [key, undefined])));
  }
}
