/** Allocates the room codes of this node. A freed code cools down before it is used again. */
import { customAlphabet } from "nanoid";
import type { CodeSource } from "./code-source.ts";
import { isOffensive, ROOM_CODE_ALPHABET, ROOM_CODE_LENGTH } from "../protocol/room-code.ts";

export interface RoomCodeAllocatorOptions {
  /** Milliseconds for which a freed code cools down, so that a late phone does not end up in a stranger's game. */
  readonly cooldownMs: number;
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
  /** Draws one random code. Offensive codes are rejected by the allocator. */
  readonly draw?: () => string;
}

/** With nine codes in ten in use, all draws miss once in 850 times. Then a search finds a free code. */
const MAX_DRAWS = 64;

export class RoomCodeAllocator implements CodeSource {
  readonly #options: RoomCodeAllocatorOptions;
  readonly #draw: () => string;
  readonly #taken = new Set<string>();
  /** When each freed code may be used again. The cool-down is constant, so the map is in order of expiry. */
  readonly #coolingDown = new Map<string, number>();
  #usable: number | undefined;

  constructor(options: RoomCodeAllocatorOptions) {
    this.#options = options;
    this.#draw = options.draw ?? customAlphabet(ROOM_CODE_ALPHABET, ROOM_CODE_LENGTH);
  }

  /**
   * Takes a free code. If all free codes are cooling down, it takes the one that was freed first, so abandoned rooms cannot
   * exhaust the codes. `undefined` only if every code belongs to a room.
   */
  take(): string | undefined {
    this.#wake();
    const code = this.#drawFree() ?? this.#findFree() ?? this.#longestRested();
    if (code !== undefined) this.#taken.add(code);
    return code;
  }

  /** Takes this code, also where it cools down: `false` where it belongs to a room. */
  claim(code: string): boolean {
    if (this.#taken.has(code)) return false;
    this.#coolingDown.delete(code);
    this.#taken.add(code);
    return true;
  }

  /** Frees a code; it cools down first. Codes that are not taken are ignored. */
  release(code: string): void {
    if (this.#taken.delete(code)) this.#coolingDown.set(code, this.#options.now() + this.#options.cooldownMs);
  }

  #wake(): void {
    const now = this.#options.now();
    for (const [code, wakesAt] of this.#coolingDown) {
      if (wakesAt > now) return;
      this.#coolingDown.delete(code);
    }
  }

  #drawFree(): string | undefined {
    for (let draws = 0; draws < MAX_DRAWS; draws++) {
      const code = this.#draw();
      if (this.#isFree(code)) return code;
    }
    return undefined;
  }

  /** Searches all codes from a random one on. When all are taken, the count alone answers. */
  #findFree(): string | undefined {
    this.#usable ??= countUsableCodes();
    if (this.#taken.size + this.#coolingDown.size >= this.#usable) return undefined;
    const start = codeToIndex(this.#draw());
    for (let step = 0; step < CODE_COUNT; step++) {
      const code = indexToCode((start + step) % CODE_COUNT);
      if (this.#isFree(code)) return code;
    }
    return undefined;
  }

  #longestRested(): string | undefined {
    const [code] = this.#coolingDown.keys();
    if (code !== undefined) this.#coolingDown.delete(code);
    return code;
  }

  #isFree(code: string): boolean {
    return !this.#taken.has(code) && !this.#coolingDown.has(code) && !isOffensive(code);
  }
}

const CODE_COUNT = ROOM_CODE_ALPHABET.length ** ROOM_CODE_LENGTH;

function codeToIndex(code: string): number {
  let index = 0;
  for (const letter of code) index = index * ROOM_CODE_ALPHABET.length + ROOM_CODE_ALPHABET.indexOf(letter);
  return index;
}

function indexToCode(index: number): string {
  let code = "";
  for (let rest = index; code.length < ROOM_CODE_LENGTH; rest = Math.floor(rest / ROOM_CODE_ALPHABET.length)) {
    code = ROOM_CODE_ALPHABET.charAt(rest % ROOM_CODE_ALPHABET.length) + code;
  }
  return code;
}

function countUsableCodes(): number {
  let usable = 0;
  for (let index = 0; index < CODE_COUNT; index++) if (!isOffensive(indexToCode(index))) usable += 1;
  return usable;
}
