/** Frames of one socket that wait to be written together: small ones copied into one buffer, large payloads as they are. */
import { headBytes, LARGE_BYTES, put, writeFrameHead } from "./frame.ts";

/** The first and the largest buffer that small frames are gathered in. */
const FIRST_BYTES = 1_024;
const MAX_BYTES = 65_536;
const GROWTH = 4;
/** The empty list that all batches share; nothing is ever put in. */
const NONE: Uint8Array[] = [];

export class FrameBatch {
  /** Full buffers and large payloads, in order; what is being filled comes after them. */
  #full: Uint8Array[] = NONE;
  #fullBytes = 0;
  #filling: Buffer | undefined;
  #filled = 0;
  /** The large payloads among the pieces. */
  large = NONE;
  #largeBytes = 0;

  get bytes(): number {
    return this.#fullBytes + this.#filled;
  }

  /** Bytes of frames that were copied, and of heads. */
  get smallBytes(): number {
    return this.bytes - this.#largeBytes;
  }

  /** Adds one whole frame, whose content is `lead` and then `payload`; a large payload is stored as it is. */
  add(opcode: number, lead: Uint8Array, payload: Uint8Array): void {
    const bytes = lead.length + payload.length;
    if (payload.length < LARGE_BYTES) {
      const buffer = this.#room(headBytes(bytes) + bytes);
      this.#filled = put(buffer, this.#filled, opcode, lead, payload);
      return;
    }
    const buffer = this.#room(headBytes(bytes) + lead.length);
    const at = writeFrameHead(buffer, this.#filled, opcode, bytes);
    buffer.set(lead, at);
    this.#filled = at + lead.length;
    this.#closeFilling();
    this.#addFull(payload);
    if (this.large === NONE) this.large = [payload];
    else this.large.push(payload);
    this.#largeBytes += payload.length;
  }

  /** Adds a small frame that is whole already. */
  addFrame(frame: Uint8Array): void {
    const buffer = this.#room(frame.length);
    buffer.set(frame, this.#filled);
    this.#filled += frame.length;
  }

  /** Gives away all bytes, in order, and is empty again. */
  take(): readonly Uint8Array[] {
    this.#closeFilling();
    const pieces = this.#full;
    this.#full = NONE;
    this.#fullBytes = 0;
    this.large = NONE;
    this.#largeBytes = 0;
    return pieces;
  }

  /** A buffer that takes so many bytes more. */
  #room(bytes: number): Buffer {
    const filling = this.#filling;
    if (filling !== undefined && this.#filled + bytes <= filling.length) return filling;
    if (filling === undefined || this.#filled + bytes > MAX_BYTES) {
      this.#closeFilling();
      this.#filling = Buffer.allocUnsafe(Math.max(FIRST_BYTES, bytes));
      return this.#filling;
    }
    const wanted = Math.max(this.#filled + bytes, filling.length * GROWTH);
    const larger = Buffer.allocUnsafe(Math.min(MAX_BYTES, wanted));
    filling.copy(larger, 0, 0, this.#filled);
    this.#filling = larger;
    return larger;
  }

  #closeFilling(): void {
    if (this.#filling === undefined) return;
    this.#addFull(this.#filling.subarray(0, this.#filled));
    this.#filling = undefined;
    this.#filled = 0;
  }

  #addFull(bytes: Uint8Array): void {
    if (this.#full === NONE) this.#full = [bytes];
    else this.#full.push(bytes);
    this.#fullBytes += bytes.length;
  }
}
