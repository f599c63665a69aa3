/** Frames that wait for a connection, in order and within a limit. */
import { CouchwireError } from "./couchwire-error.ts";

/** Bytes of payload that may wait. */
export const SEND_QUEUE_BYTES = 1_048_576;
/** What a frame costs besides its payload: without it, empty frames could pile up without end. */
const FRAME_OVERHEAD_BYTES = 16;

const utf8 = new TextEncoder();

export class SendQueue {
  #frames: (string | Uint8Array<ArrayBuffer>)[] = [];
  #bytes = 0;

  /** Keeps a copy. @throws {CouchwireError} `queue_full`; then the frame is not kept, and those before it are. */
  add(frame: string | Uint8Array<ArrayBuffer>): void {
    const bytes = (typeof frame === "string" ? utf8.encode(frame) : frame).length + FRAME_OVERHEAD_BYTES;
    if (this.#bytes + bytes > SEND_QUEUE_BYTES) {
      const message = `Not connected, and ${this.#bytes} bytes wait already; at most ${SEND_QUEUE_BYTES} are kept.`;
      throw new CouchwireError("queue_full", message);
    }
    this.#bytes += bytes;
    this.#frames.push(typeof frame === "string" ? frame : frame.slice());
  }

  /** Everything that waits, oldest first; the queue is empty afterwards. */
  take(): readonly (string | Uint8Array<ArrayBuffer>)[] {
    const frames = this.#frames;
    this.#frames = [];
    this.#bytes = 0;
    return frames;
  }
}
