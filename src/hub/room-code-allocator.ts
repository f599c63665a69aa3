/** The room codes of this node: which are taken, and which rest before they are given out again. */
import { customAlphabet } from "nanoid";
import { isOffensive, ROOM_CODE_ALPHABET, ROOM_CODE_LENGTH } from "../protocol/room-code.ts";

export interface RoomCodeAllocatorOptions {
  /** Milliseconds a freed code rests, so that a late phone does not end up in a stranger's game. */
  readonly cooldownMs: number;
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
  /** One code at random; offensive ones are turned down here. */
  readonly draw?: () => string;
}

/** With nine codes in ten in use, all draws miss once in 850 times; then the walk finds what is left. */
const MAX_DRAWS = 64;

export class RoomCodeAllocator {
  readonly #options: RoomCodeAllocatorOptions;
  readonly #draw: () => string;
  readonly #taken = new Set<string>();
  /** When each resting code may be used again. All rest equally long, so the order of entry is the order of leaving. */
  readonly #resting = new Map<string, number>();
  #usable: number | undefined;

  constructor(options: RoomCodeAllocatorOptions) {
    this.#options = options;
    this.#draw = options.draw ?? customAlphabet(ROOM_CODE_ALPHABET, ROOM_CODE_LENGTH);
  }

  /**
   * Takes a code that no room has and that does not rest. Where all the others rest, it is the one that has rested longest:
   * abandoned rooms cannot exhaust the codes. `undefined` only when every code is a room's.
   */
  take(): string | undefined {
    this.#wake();
    const code = this.#drawFree() ?? this.#findFree() ?? this.#longestRested();
    if (code !== undefined) this.#taken.add(code);
    return code;
  }

  /** Lets a code rest, and then be given out again. Codes that are not taken are left as they are. */
  release(code: string): void {
    if (this.#taken.delete(code)) this.#resting.set(code, this.#options.now() + this.#options.cooldownMs);
  }

  #wake(): void {
    const now = this.#options.now();
    for (const [code, wakesAt] of this.#resting) {
      if (wakesAt > now) return;
      this.#resting.delete(code);
    }
  }

  #drawFree(): string | undefined {
    for (let draws = 0; draws < MAX_DRAWS; draws++) {
      const code = this.#draw();
      if (this.#isFree(code)) return code;
    }
    return undefined;
  }

  /** Walks all codes from a random one on. The count first: a full book answers at once, however often it is asked. */
  #findFree(): string | undefined {
    this.#usable ??= countUsableCodes();
    if (this.#taken.size + this.#resting.size >= this.#usable) return undefined;
    const start = codeToIndex(this.#draw());
    for (let step = 0; step < CODE_COUNT; step++) {
      const code = indexToCode((start + step) % CODE_COUNT);
      if (this.#isFree(code)) return code;
    }
    return undefined;
  }

  #longestRested(): string | undefined {
    const [code] = this.#resting.keys();
    if (code !== undefined) this.#resting.delete(code);
    return code;
  }

  #isFree(code: string): boolean {
    return !this.#taken.has(code) && !this.#resting.has(code) && !isOffensive(code);
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
