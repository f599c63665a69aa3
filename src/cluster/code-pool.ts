/** Room codes that this node has claimed ahead, so that a room has its code without waiting for the directory. */
import { customAlphabet } from "nanoid";
import type { CodeSource } from "../hub/code-source.ts";
import type { Eventually } from "../protocol/eventually.ts";
import { isOffensive, ROOM_CODE_ALPHABET, ROOM_CODE_LENGTH } from "../protocol/room-code.ts";
import type { Cancel, Clock } from "../room/ports.ts";

export interface CodePoolOptions {
  /** Claims those of these codes that are free; returns which those are. */
  readonly claim: (codes: readonly string[]) => Promise<readonly string[]>;
  /** Lets go of a code: any node may claim it. */
  readonly release: (code: string) => void;
  /** Milliseconds before a freed code is let go. */
  readonly cooldownMs: number;
  readonly clock: Pick<Clock, "now" | "after">;
  /** Draws one random code. @default any, the offensive ones too, which are drawn again */
  readonly draw?: () => string;
  readonly onFailure: (error: unknown) => void;
}

/** Codes that are kept ahead. */
const AHEAD = 8;
/** Codes that are asked for at once, at most. */
const MAX_BATCH = 2_048;
/** A batch is so many times as large as one that brought too few. */
const GROWTH = 4;
/** Fruitless batches before there counts to be no code left: some thousands of draws, of which one in a hundred would be enough. */
const MAX_BATCHES = 8;
/** How much the newest batch says of how many codes are free. */
const NEWEST_WEIGHT = 0.25;
/** Fewer are not believed to be free: many may be by the next time. */
const LEAST_SHARE = 1 / 64;
/** Draws beyond two for each code, so that few codes are drawn too where the first ones are offensive. */
const SPARE_DRAWS = 16;
/** Rooms that wait for a code at one time. */
const MAX_WAITING = 1_000;
/** Milliseconds for which one waits, such as while the directory is away. */
const WAIT_MS = 5_000;
/** Milliseconds before a directory that did not answer is asked again: at first, and at most. */
const FIRST_RETRY_MS = 500;
const LAST_RETRY_MS = 5_000;

export class CodePool implements CodeSource {
  readonly #options: CodePoolOptions;
  readonly #draw: () => string;
  #free: string[] = [];
  /** What rooms that wait are given a code by, the one that waits longest first. */
  readonly #waiting = new Set<(code: string | undefined) => void>();
  /** Freed codes that are not let go yet. */
  readonly #cooling = new Map<string, Cancel>();
  #isFilling = false;
  /** While it is set, the directory is not asked. */
  #retry: Cancel | undefined;
  #retryMs = FIRST_RETRY_MS;
  #isClosed = false;
  /** The share of the codes that are free, as far as this pool has seen. */
  #freeShare = 1;

  constructor(options: CodePoolOptions) {
    this.#options = options;
    this.#draw = options.draw ?? customAlphabet(ROOM_CODE_ALPHABET, ROOM_CODE_LENGTH);
  }

  take(): string | undefined {
    const code = this.#free.pop();
    void this.fill();
    return code;
  }

  takeLater(): Eventually<string | undefined> {
    const code = this.take();
    if (code !== undefined || this.#isClosed || this.#waiting.size >= MAX_WAITING) return code;
    return new Promise((resolve) => {
      const give = (given: string | undefined): void => {
        this.#waiting.delete(give);
        stopWaiting();
        resolve(given);
      };
      const stopWaiting = this.#options.clock.after(WAIT_MS, () => give(undefined));
      this.#waiting.add(give);
    });
  }

  /** The room has been claimed in the directory by what reopens it: its code cools down no more. */
  claim(code: string): boolean {
    this.#cooling.get(code)?.();
    this.#cooling.delete(code);
    return true;
  }

  release(code: string): void {
    const { clock, cooldownMs, release } = this.#options;
    this.#cooling.get(code)?.();
    const cancel = clock.after(cooldownMs, () => {
      this.#cooling.delete(code);
      release(code);
    });
    this.#cooling.set(code, cancel);
  }

  /** Of the codes that are kept ahead, these alone are still the pool's. */
  keepOnly(isKept: (code: string) => boolean): void {
    this.#free = this.#free.filter(isKept);
    this.#retry?.();
    this.#retry = undefined;
    void this.fill();
  }

  /** Ends the waiting. */
  close(): void {
    this.#isClosed = true;
    this.#retry?.();
    this.#endWaiting();
  }

  #endWaiting(): void {
    for (const give of this.#waiting) give(undefined);
  }

  /** Claims as many codes as are missing. */
  async fill(): Promise<void> {
    if (this.#isFilling || this.#retry !== undefined || this.#missing === 0) return;
    this.#isFilling = true;
    try {
      await this.#claimMissing();
      this.#retryMs = FIRST_RETRY_MS;
    } catch (error) {
      this.#options.onFailure(error);
      this.#retryLater();
    } finally {
      this.#isFilling = false;
    }
  }

  #retryLater(): void {
    this.#retry = this.#options.clock.after(this.#retryMs, () => {
      this.#retry = undefined;
      void this.fill();
    });
    this.#retryMs = Math.min(2 * this.#retryMs, LAST_RETRY_MS);
  }

  get #missing(): number {
    return this.#isClosed ? 0 : Math.max(AHEAD + this.#waiting.size - this.#free.length, 0);
  }

  async #claimMissing(): Promise<void> {
    let fruitless = 0;
    for (let scale = 1; this.#missing > 0;) {
      const wanted = this.#missing;
      // The more codes are in use, the more are asked for. Each that is claimed beyond need costs another call, and is another node's miss meanwhile.
      const asked = this.#drawSome(Math.min(Math.round((wanted * scale) / this.#freeShare), MAX_BATCH));
      const claimed = await this.#options.claim(asked);
      this.#learn(claimed.length, asked.length);
      // What is claimed beyond need is let go, so that a small cluster does not hold codes that it will not use.
      const used = claimed.slice(0, wanted);
      for (const code of claimed.slice(wanted)) this.#options.release(code);
      this.#give(used);
      fruitless = used.length === 0 ? fruitless + 1 : 0;
      if (used.length < wanted) scale *= GROWTH;
      if (fruitless < MAX_BATCHES) continue;
      this.#endWaiting();
      return;
    }
  }

  #learn(free: number, asked: number): void {
    if (asked === 0) return;
    const share = this.#freeShare + NEWEST_WEIGHT * (free / asked - this.#freeShare);
    this.#freeShare = Math.max(share, LEAST_SHARE);
  }

  #give(codes: readonly string[]): void {
    for (const code of codes) {
      const [longest] = this.#waiting;
      if (longest === undefined) this.#free.push(code);
      else longest(code);
    }
  }

  #drawSome(count: number): readonly string[] {
    const codes = new Set<string>();
    for (let draws = 0; codes.size < count && draws < 2 * count + SPARE_DRAWS; draws++) {
      const code = this.#draw();
      if (!isOffensive(code)) codes.add(code);
    }
    return [...codes];
  }
}
