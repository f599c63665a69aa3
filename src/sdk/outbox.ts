/** What the SDK keeps in its `SendWindow`: frames as a WebSocket takes them, and how many bytes of them. */
import type { WindowFrame, WindowMemory } from "../protocol/reliable/send-window.ts";
import { CouchwireError } from "./couchwire-error.ts";

/** A frame as WebSockets take it. */
export type Frame = string | Uint8Array<ArrayBuffer>;

export interface OutboxOptions {
  /** Bytes of frames that are kept. */
  readonly limitBytes: number;
  /** Bytes of one frame that the server takes: it closes the connection at a larger one. */
  readonly maxFrameBytes: number;
  /** What becomes of a frame for which there is no room: it is refused, or it takes the place of the oldest. */
  readonly whenFull: "refuse" | "drop_oldest";
}

export interface OutboxFrame extends WindowFrame {
  readonly frame: Frame;
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

/** Counts what is kept. A frame that is larger than the limit is kept where it is alone, or it could never be sent. */
export class OutboxMemory implements WindowMemory<OutboxFrame> {
  readonly #options: OutboxOptions;
  #bytes = 0;

  constructor(options: OutboxOptions) {
    this.#options = options;
  }

  get isOverLimit(): boolean {
    return this.#bytes > this.#options.limitBytes;
  }

  take({ cost }: OutboxFrame): void {
    this.#bytes += cost;
  }

  giveBack({ cost }: OutboxFrame): void {
    this.#bytes -= cost;
  }

  /**
   * The frame as it is kept. Frames that the SDK sends on its own behalf (`isOwn`) are small, and have room whatever the limit.
   * @throws {CouchwireError} `queue_full` where it has no room and would be refused; `too_large` at a frame that the server would not take
   */
  admit(frame: Frame, isOwn: boolean, expiresAt: number): OutboxFrame {
    const { limitBytes, maxFrameBytes, whenFull } = this.#options;
    const bytes = checkFrameSize(frame, maxFrameBytes);
    const cost = bytes + FRAME_OVERHEAD_BYTES;
    if (whenFull === "refuse" && !isOwn && this.#bytes > 0 && this.#bytes + cost > limitBytes) {
      const message = `A frame of ${bytes} bytes has no room: ${this.#bytes} bytes wait to be sent already, and at most ${limitBytes} are kept (\`outboxBytes\`).`;
      throw new CouchwireError("queue_full", message);
    }
    return { frame, cost, expiresAt };
  }
}
