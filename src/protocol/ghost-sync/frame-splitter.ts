/** Takes the payloads of frames out of bytes that come cut anywhere (P7.2). */
import { PREFIX_BYTES } from "./messages.ts";

/** A prefix that announces more than is allowed. Nothing was allocated for it, and nothing more can be read. */
export interface TooLarge {
  readonly size: number;
  readonly max: number;
}

/** What a buffer of held bytes has at first, so that a peer that sends byte by byte costs memory by the page and not by the byte. */
const FIRST_BYTES = 4_096;
/** It grows by so much each time, so that everything is copied about once, and a length that is only announced costs nothing. */
const GROWTH = 4;

const NOTHING = new Uint8Array(0);

export class FrameSplitter {
  readonly #max: number;
  /** What has come and is not taken: from `#at` to `#end`. A chunk as it came, or a buffer of this splitter's own with room behind it. */
  #bytes: Uint8Array = NOTHING;
  #at = 0;
  #end = 0;
  #isOwn = false;

  /** `max`: bytes in one payload. */
  constructor(max: number) {
    this.#max = max;
  }

  /** A frame has begun and is not over; or whole ones have not been taken. */
  get isAmid(): boolean {
    return this.#end > this.#at;
  }

  /** Bytes of memory that wait here. */
  get heldBytes(): number {
    return this.#isOwn ? this.#bytes.length : this.#end - this.#at;
  }

  /** Takes the next bytes. Until they are taken out again they do not change. */
  push(chunk: Uint8Array): void {
    if (this.isAmid) return this.#append(chunk);
    this.#bytes = chunk;
    this.#at = 0;
    this.#end = chunk.length;
    this.#isOwn = false;
  }

  /** The next whole payload, as a view; `undefined` where its end has not come. */
  next(): Uint8Array | TooLarge | undefined {
    const held = this.#end - this.#at;
    if (held < PREFIX_BYTES) return this.#hold();
    const size = this.#size();
    if (size > this.#max) return { size, max: this.#max };
    if (held < PREFIX_BYTES + size) return this.#hold();
    const from = this.#at + PREFIX_BYTES;
    this.#at = from + size;
    const payload = this.#bytes.subarray(from, this.#at);
    if (!this.isAmid) this.clear();
    return payload;
  }

  /** Lets go of all that waits. */
  clear(): void {
    this.#bytes = NOTHING;
    this.#at = 0;
    this.#end = 0;
    this.#isOwn = false;
  }

  #size(): number {
    return new DataView(this.#bytes.buffer, this.#bytes.byteOffset + this.#at, PREFIX_BYTES).getUint32(0);
  }

  /** Copies the beginning of a frame out of the chunk, which may be a view of a much larger buffer. */
  #hold(): undefined {
    if (this.isAmid && !this.#isOwn) this.#append(NOTHING);
  }

  #append(chunk: Uint8Array): void {
    const held = this.#end - this.#at;
    if (!this.#isOwn || this.#end + chunk.length > this.#bytes.length) {
      const larger = new Uint8Array(this.#capacityFor(held + chunk.length));
      larger.set(this.#bytes.subarray(this.#at, this.#end));
      this.#bytes = larger;
      this.#at = 0;
      this.#end = held;
      this.#isOwn = true;
    }
    this.#bytes.set(chunk, this.#end);
    this.#end += chunk.length;
  }

  /** At most what the frame will need, and at most some times what has come of it. */
  #capacityFor(needed: number): number {
    const expected =
      this.#end - this.#at < PREFIX_BYTES ? FIRST_BYTES : PREFIX_BYTES + Math.min(this.#size(), this.#max);
    return Math.max(needed, Math.min(expected, Math.max(FIRST_BYTES, needed * GROWTH)));
  }
}
