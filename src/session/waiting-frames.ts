/** Frames of one read that wait to be handled, one behind the other in one buffer: thousands of tiny ones take up little more than their bytes. */
import type { Message } from "../room/ports.ts";

/** Before each frame: its length in four bytes, and whether it is text. */
const HEAD_BYTES = 5;
const TEXT_AT = 4;
const FIRST_BYTES = 1_024;

export class WaitingFrames {
  #view = new DataView(new ArrayBuffer(0));
  #from = 0;
  #to = 0;

  get isEmpty(): boolean {
    return this.#from === this.#to;
  }

  /** Bytes of memory that they take up. */
  get capacity(): number {
    return this.#view.byteLength;
  }

  push({ data, isText }: Message): void {
    const needed = HEAD_BYTES + data.length;
    if (this.#to + needed > this.capacity) this.#grow(needed);
    this.#view.setUint32(this.#to, data.length);
    this.#view.setUint8(this.#to + TEXT_AT, Number(isText));
    new Uint8Array(this.#view.buffer).set(data, this.#to + HEAD_BYTES);
    this.#to += needed;
  }

  /** Removes the frame that waits longest. Its bytes are a view of the buffer, which is never overwritten. */
  take(): Message | undefined {
    if (this.isEmpty) return undefined;
    const length = this.#view.getUint32(this.#from);
    const isText = this.#view.getUint8(this.#from + TEXT_AT) === 1;
    const data = new Uint8Array(this.#view.buffer, this.#from + HEAD_BYTES, length);
    this.#from += HEAD_BYTES + length;
    if (this.isEmpty) this.clear();
    return { data, isText };
  }

  clear(): void {
    this.#view = new DataView(new ArrayBuffer(0));
    this.#from = 0;
    this.#to = 0;
  }

  /** Moves the frames that wait to a buffer with room for as much again. */
  #grow(needed: number): void {
    const waiting = new Uint8Array(this.#view.buffer, this.#from, this.#to - this.#from);
    const larger = new Uint8Array(Math.max(FIRST_BYTES, 2 * (waiting.length + needed)));
    larger.set(waiting);
    this.#view = new DataView(larger.buffer);
    this.#from = 0;
    this.#to = waiting.length;
  }
}
