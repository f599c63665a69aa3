/** The state of one player on the TV, and which of its keys the player's phone wrote: of those there may be few. */
import type { TokenBucket } from "../../protocol/token-bucket.ts";
import { bytesOf, type JsonChanges } from "./state-changes.ts";
import { SharedState, type StateSource } from "./shared-state.ts";
import type { ToldState } from "./told-state.ts";

/** Bytes of keys and values that a phone may keep in its player's state; each key counts for some more. */
export const MAX_PHONE_BYTES = 8_192;
const BYTES_BESIDE_KEY = 32;

export interface PlayerStateOptions {
  readonly id: number;
  readonly told: ToldState;
  /** How often the phone may ask for the whole. */
  readonly asks: TokenBucket;
  readonly write: (state: PlayerState, changes: JsonChanges) => void;
  readonly listened: () => void;
}

export class PlayerState {
  readonly id: number;
  readonly told: ToldState;
  readonly asks: TokenBucket;
  readonly source: StateSource;
  /** The game's keys. */
  readonly game: SharedState;
  /** The SDK's keys. */
  readonly own: SharedState;
  /** The player has left: its state is the game's alone. */
  isGone = false;
  readonly #phoneKeys = new Map<string, number>();
  #phoneBytes = 0;

  constructor({ id, told, asks, write, listened }: PlayerStateOptions) {
    this.id = id;
    this.told = told;
    this.asks = asks;
    this.source = {
      json: (key: string) => told.values.get(key),
      keys: () => told.values.keys(),
      listeners: told.listeners,
      write: (changes: JsonChanges) => write(this, changes),
      listened,
    };
    this.game = new SharedState(this.source);
    this.own = new SharedState(this.source, true);
  }

  get phoneBytes(): number {
    return this.#phoneBytes;
  }

  /** The phone's part, if the phone made these changes. */
  phoneBytesWith(changes: JsonChanges): number {
    let bytes = this.#phoneBytes;
    for (const [key, json] of changes) bytes += costOf(key, json) - (this.#phoneKeys.get(key) ?? 0);
    return bytes;
  }

  /** Where these keys stand in the checkpoint: those of the phone apart, to know them after a reload. */
  checkpointChanges(changes: JsonChanges, isPhone: boolean): JsonChanges {
    const kept = new Map<string, string | null>();
    for (const [key, json] of changes) {
      const wasPhone = this.#phoneKeys.has(key);
      const had = this.told.values.get(key) !== undefined;
      if (had && (json === null || wasPhone !== isPhone)) kept.set(checkpointKey(this.id, key, wasPhone), null);
      if (json !== null) kept.set(checkpointKey(this.id, key, isPhone), json);
    }
    return kept;
  }

  apply(changes: JsonChanges, isPhone: boolean): void {
    this.note(changes, isPhone);
    this.told.apply(changes);
  }

  restore(key: string, json: string, isPhone: boolean): void {
    const changes = new Map([[key, json]]);
    this.note(changes, isPhone);
    this.told.restore(changes);
  }

  /** Begins anew without values, as the game's next page would. */
  empty(): void {
    this.#phoneKeys.clear();
    this.#phoneBytes = 0;
    this.told.empty();
  }

  private note(changes: JsonChanges, isPhone: boolean): void {
    for (const [key, json] of changes) {
      this.#phoneBytes -= this.#phoneKeys.get(key) ?? 0;
      this.#phoneKeys.delete(key);
      if (!isPhone || json === null) continue;
      const cost = costOf(key, json);
      this.#phoneKeys.set(key, cost);
      this.#phoneBytes += cost;
    }
  }
}

export function checkpointKey(id: number, key: string, isPhone: boolean): string {
  return `${isPhone ? "f" : "p"}:${id}:${key}`;
}

function costOf(key: string, json: string | null): number {
  return json === null ? 0 : bytesOf(key) + bytesOf(json) + BYTES_BESIDE_KEY;
}
