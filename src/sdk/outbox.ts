/** Frames that were sent and may have to be sent again: numbered from 1, in order, bounded in bytes. */
import { CouchwireError } from "./couchwire-error.ts";

/** A frame as WebSockets take it. */
export type Frame = string | Uint8Array<ArrayBuffer>;

export interface OutboxOptions {
  /** Bytes of frames that are kept. */
  readonly limitBytes: number;
  /** Bytes of one frame that the server takes: a larger one would end the line. */
  readonly maxFrameBytes: number;
  /** What becomes of a frame for which there is no room: it is refused, or it takes the place of the oldest. */
  readonly whenFull: "refuse" | "drop_oldest";
}

/** What a frame costs besides its payload: without it, empty frames could pile up without end. */
const FRAME_OVERHEAD_BYTES = 16;

const utf8 = new TextEncoder();

/**
 * The bytes of a frame.
 * @throws {CouchwireError} `too_large` at a frame that the server would not take
 */
export function checkFrameSize(frame: Frame, maxFrameBytes: number): number {
  const { length } = typeof frame === "string" ? utf8.encode(frame) : frame;
  if (length <= maxFrameBytes) return length;
  const message = `This frame has ${length} bytes; the server takes at most ${maxFrameBytes} in one frame (\`maxFrameBytes\`).`;
  throw new CouchwireError("too_large", message);
}

interface Kept {
  readonly frame: Frame;
  readonly bytes: number;
  /** When it is not worth sending any more, unless it was written before; of the caller's clock. */
  readonly expiresAt: number;
}

export class Outbox {
  readonly #options: OutboxOptions;
  #kept: Kept[] = [];
  #first = 1;
  #bytes = 0;
  /** The number of the newest frame that was ever written. Frames after it may still go without leaving a hole. */
  #written = 0;

  constructor(options: OutboxOptions) {
    this.#options = options;
  }

  /** The number of the oldest frame that is kept, or that will be. */
  get first(): number {
    return this.#first;
  }

  /** The number of the newest frame; 0 before there was one. */
  get last(): number {
    return this.#first + this.#kept.length - 1;
  }

  get size(): number {
    return this.#kept.length;
  }

  /**
   * Keeps a frame, whose bytes stay as they are from now on. One that is larger than the limit is kept all the same where it is
   * alone, or it could never be sent.
   * What the SDK has to say on its own behalf (`isOwn`) is small, and kept whatever the limit.
   * @throws {CouchwireError} `queue_full` where that is the rule; then those before it are kept, and it is not. `too_large` at a
   * frame that the server would not take.
   */
  push(frame: Frame, isOwn = false, expiresAt = Infinity): void {
    const { limitBytes, maxFrameBytes, whenFull } = this.#options;
    const ownBytes = checkFrameSize(frame, maxFrameBytes);
    const bytes = ownBytes + FRAME_OVERHEAD_BYTES;
    if (whenFull === "drop_oldest") {
      while (this.#kept.length > 0 && this.#bytes + bytes > limitBytes) this.trim(this.#first);
    } else if (!isOwn && this.#kept.length > 0 && this.#bytes + bytes > limitBytes) {
      const message = `A frame of ${ownBytes} bytes has no room: ${this.#bytes} bytes wait to be sent already, and at most ${limitBytes} are kept (\`outboxBytes\`).`;
      throw new CouchwireError("queue_full", message);
    }
    this.#bytes += bytes;
    this.#kept.push({ frame, bytes, expiresAt });
  }

  /** Lets go of all frames up to and including this number. */
  trim(through: number): void {
    const gone = this.#kept.splice(0, Math.max(0, through + 1 - this.#first));
    this.#first += gone.length;
    for (const { bytes } of gone) this.#bytes -= bytes;
  }

  /** Everything that is kept is written. */
  write(): void {
    this.#written = this.last;
  }

  /** Lets go of what was never written and is not worth it any more: those after it take its numbers. */
  dropExpired(now: number): void {
    const firstUnwritten = Math.max(0, this.#written + 1 - this.#first);
    const left = this.#kept.filter(({ expiresAt, bytes }, index) => {
      const isKept = index < firstUnwritten || expiresAt > now;
      if (!isKept) this.#bytes -= bytes;
      return isKept;
    });
    this.#kept = left;
  }

  /** Lets go of everything and counts from 1 again. */
  clear(): void {
    this.trim(this.last);
    this.#first = 1;
    this.#written = 0;
  }

  forEach(visit: (frame: Frame) => void): void {
    for (const { frame } of this.#kept) visit(frame);
  }
}
