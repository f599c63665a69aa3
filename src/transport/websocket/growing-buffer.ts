/** Bytes that come in pieces and are wanted in one. */

/** Kept free at once, so that a peer that sends byte by byte costs memory by the page and not by the byte. */
const FIRST_BYTES = 4_096;
/** Grows by so much each time, so that everything is copied about once. */
const GROWTH = 4;

export class GrowingBuffer {
  #bytes: Buffer = Buffer.alloc(0);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** Adds a part of `source`. `expected`: how much there will be in the end, as far as is known; that much is never claimed unseen. */
  append(source: Buffer, start: number, end: number, expected: number): void {
    const length = this.#length + end - start;
    if (length > this.#bytes.length) this.#grow(length, expected);
    source.copy(this.#bytes, this.#length, start, end);
    this.#length = length;
  }

  /** All there is. Nothing may be added afterwards. */
  bytes(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  #grow(needed: number, expected: number): void {
    const roomy = Math.max(FIRST_BYTES, needed * GROWTH);
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, Math.min(expected, roomy)));
    this.#bytes.copy(larger, 0, 0, this.#length);
    this.#bytes = larger;
  }
}
