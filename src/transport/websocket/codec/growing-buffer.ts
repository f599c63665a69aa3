/** Bytes that come in pieces and are wanted in one. */

/** Kept free at once, so that a peer that sends byte by byte costs memory by the page and not by the byte. */
const FIRST_BYTES = 4_096;
/** Grows by so much each time, so that everything is copied about once. */
const GROWTH = 4;

export class GrowingBuffer {
  #bytes = new Uint8Array(0);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** Bytes of memory that it takes up. */
  get capacity(): number {
    return this.#bytes.length;
  }

  /** Adds a piece. `expected`: how much there will be in the end, as far as is known; that much is never claimed unseen. */
  append(piece: Uint8Array, expected: number): void {
    const length = this.#length + piece.length;
    if (length > this.#bytes.length) this.#grow(length, expected);
    this.#bytes.set(piece, this.#length);
    this.#length = length;
  }

  /** All there is. Nothing may be added afterwards. */
  bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  #grow(needed: number, expected: number): void {
    const roomy = Math.max(FIRST_BYTES, needed * GROWTH);
    const { buffer } = Buffer.allocUnsafeSlow(Math.max(needed, Math.min(expected, roomy)));
    const larger = new Uint8Array(buffer); // a `Buffer` would be a second class in all that reads frames
    larger.set(this.bytes());
    this.#bytes = larger;
  }
}
