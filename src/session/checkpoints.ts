/** What a host has saved of its game (P5.3.6, P5.9.8): one value without a key, and one for each key. */
import { MAX_KEYED_BYTES, MAX_SAVE_KEYS } from "../protocol/command-fields.ts";
import type { SaveCommand, SavedValue, SaveKeysCommand } from "../protocol/commands.ts";
import type { Refusal } from "../protocol/error-codes.ts";
import type { RestoreEvent } from "../protocol/events.ts";
import { toOwned } from "../room/borrowed-buffer.ts";

/** A value under a key. */
interface KeyedValue {
  readonly value: SavedValue;
  readonly bytes: number;
}

/** Counted for each key beside its letters and its value. */
const KEY_OVERHEAD_BYTES = 128;

const utf8 = new TextEncoder();

export class Checkpoints {
  #whole: SavedValue | undefined;
  /** Made for the first key. */
  #keyed: Map<string, KeyedValue> | undefined;
  /** Of all values that have a key. */
  #keyedBytes = 0;
  #keyBytes = 0;

  /** Bytes of memory that all of it counts for. */
  get bytes(): number {
    return (this.#whole?.length ?? 0) + this.#keyedBytes + this.#keyBytes;
  }

  /** Keeps what the command says, or nothing of it where that would be too much. */
  save(command: SaveCommand | SaveKeysCommand): Refusal | undefined {
    if ("keys" in command) return this.#saveKeys(command.keys);
    const { data } = command;
    this.#whole = typeof data === "string" ? data : toOwned(data);
    return undefined;
  }

  /** What was saved without a key. */
  get whole(): SavedValue | undefined {
    return this.#whole;
  }

  /** What was saved under each key. */
  get keyed(): readonly (readonly [key: string, value: SavedValue])[] {
    return Array.from(this.#keyed ?? [], ([key, { value }]) => [key, value] as const);
  }

  /** Everything, for a host that returns; `undefined` where nothing was saved. */
  get restore(): RestoreEvent | undefined {
    const [data, keyed] = [this.#whole, this.#keyed];
    if (data === undefined && keyed === undefined) return undefined;
    const keys = keyed && Object.fromEntries(Array.from(keyed, ([key, { value }]) => [key, value]));
    return { cmd: "restore", ...(data !== undefined && { data }), ...(keys !== undefined && { keys }) };
  }

  clear(): void {
    this.#whole = undefined;
    this.#keyed = undefined;
    this.#keyedBytes = 0;
    this.#keyBytes = 0;
  }

  #saveKeys(changes: SaveKeysCommand["keys"]): Refusal | undefined {
    let size = this.#keyed?.size ?? 0;
    let bytes = this.#keyedBytes;
    const values = new Map<string, KeyedValue | null>();
    for (const [key, value] of changes) {
      const kept = this.#keyed?.get(key);
      const next = value === null ? null : { value, bytes: lengthOf(value) };
      values.set(key, next);
      size += Number(next !== null) - Number(kept !== undefined);
      bytes += (next?.bytes ?? 0) - (kept?.bytes ?? 0);
    }
    if (bytes > MAX_KEYED_BYTES) return tooLarge(`${bytes} bytes`, `${MAX_KEYED_BYTES}`);
    if (size > MAX_SAVE_KEYS) return tooLarge(`${size} keys`, `${MAX_SAVE_KEYS}`);
    for (const [key, value] of values) this.#put(key, value);
    return undefined;
  }

  #put(key: string, value: KeyedValue | null): void {
    const kept = this.#keyed?.get(key);
    const counted = KEY_OVERHEAD_BYTES + utf8.encode(key).length;
    if (kept !== undefined) {
      this.#keyedBytes -= kept.bytes;
      this.#keyBytes -= counted;
      this.#keyed?.delete(key);
    }
    if (value !== null) {
      this.#keyedBytes += value.bytes;
      this.#keyBytes += counted;
      (this.#keyed ??= new Map<string, KeyedValue>()).set(key, value);
    }
    if (this.#keyed?.size === 0) this.#keyed = undefined;
  }
}

function lengthOf(value: SavedValue): number {
  return typeof value === "string" ? utf8.encode(value).length : value.length;
}

function tooLarge(all: string, allowed: string): Refusal {
  const reason = `With what is saved already, that would be ${all} under keys; at most ${allowed} are allowed. Nothing of it was saved.`;
  return { code: "too_large", in: "save", reason };
}
