/** What was said to all in a room, for newcomers: bounded by count, bytes and age, and counted in the memory of the process. */
import { toOwned } from "../room/borrowed-buffer.ts";
import type { FrameMemory } from "../room/frame-memory.ts";
import type { HistoryLimits } from "./game-room.ts";

export interface KeptMessage {
  /** The id of its sender; `""` for the room itself. */
  readonly from: string;
  /** The JSON of it. */
  readonly data: Uint8Array;
  /** From 1, without holes. */
  readonly seq: number;
  /** Milliseconds since 1970. */
  readonly time: number;
}

const DEFAULT_BYTES = 2 ** 20;

export class MessageHistory {
  readonly #limits: Required<HistoryLimits>;
  readonly #memory: FrameMemory;
  readonly #now: () => number;
  /** The first `#first` entries are gone. */
  #messages: KeptMessage[] = [];
  #first = 0;
  #bytes = 0;
  #lastSeq = 0;

  /** `now`: milliseconds since 1970. */
  constructor(limits: HistoryLimits | undefined, memory: FrameMemory, now: () => number) {
    const { frames, bytes = DEFAULT_BYTES, ms = Infinity } = limits ?? { frames: 0 };
    this.#limits = { frames, bytes, ms };
    this.#memory = memory;
    this.#now = now;
  }

  /** Keeps a message; its bytes may be a view. */
  add(from: string, json: Uint8Array): void {
    const { frames, bytes } = this.#limits;
    if (frames === 0 || json.length > bytes) return;
    this.#lastSeq += 1;
    const message = { from, data: toOwned(json), seq: this.#lastSeq, time: this.#now() };
    this.#messages.push(message);
    this.#memory.take(message);
    this.#bytes += json.length;
    this.#trim();
  }

  /** The newest ones, oldest first. */
  newest(limit = Infinity): readonly KeptMessage[] {
    this.#trim();
    const from = Math.max(this.#first, this.#messages.length - Math.max(0, Math.floor(limit)));
    return this.#messages.slice(from);
  }

  /** The number of the last message. */
  get lastSeq(): number {
    return this.#lastSeq;
  }

  /** Goes on with what another life of the room kept, the oldest first. */
  goOn(messages: readonly KeptMessage[], lastSeq: number): void {
    if (this.#limits.frames === 0) return;
    for (const message of messages) {
      this.#messages.push(message);
      this.#memory.take(message);
      this.#bytes += message.data.length;
    }
    this.#lastSeq = lastSeq;
    this.#trim();
  }

  clear(): void {
    while (this.#first < this.#messages.length) this.#drop();
    this.#messages = [];
    this.#first = 0;
  }

  #trim(): void {
    const { frames, bytes, ms } = this.#limits;
    const oldest = this.#now() - ms;
    for (let message = this.#messages[this.#first]; message !== undefined; message = this.#messages[this.#first]) {
      const isOver = this.#messages.length - this.#first > frames || this.#bytes > bytes || message.time < oldest;
      if (!isOver) break;
      this.#drop();
    }
    // Moving the rest down only now and then makes each message cheap.
    if (this.#first <= frames) return;
    this.#messages = this.#messages.slice(this.#first);
    this.#first = 0;
  }

  #drop(): void {
    const message = this.#messages[this.#first];
    if (message === undefined) return;
    this.#memory.giveBack(message);
    this.#bytes -= message.data.length;
    this.#first += 1;
  }
}
