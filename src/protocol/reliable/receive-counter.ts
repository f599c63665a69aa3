/** Counts the frames that one end of a conversation has got, and says when the other end is to be told (P5.5.3, P5.5.5). */

/** Frames, and bytes, after which the other end is told how many were got, so that it can drop them. */
const ACK_EVERY_FRAMES = 16;
const ACK_EVERY_BYTES = 65_536;
/** Frames after which the other end is told with the next frame that it gets anyway: that costs no system call. */
const ACK_ALONG_FRAMES = 8;

export class ReceiveCounter {
  #count = 0;
  #unackedFrames = 0;
  #unackedBytes = 0;
  #skipped = 0;

  /** Frames that were got, or that the other end said it lost. */
  get count(): number {
    return this.#count;
  }

  /** Whether frames were got that the other end was not told of. */
  get owesAck(): boolean {
    return this.#unackedFrames > 0;
  }

  /** Whether an ack is to be sent with the next frame. */
  get isDueAlong(): boolean {
    return this.#unackedFrames >= ACK_ALONG_FRAMES;
  }

  /** Whether an ack is to be sent at once. */
  get isDue(): boolean {
    return this.#unackedFrames >= ACK_EVERY_FRAMES || this.#unackedBytes >= ACK_EVERY_BYTES;
  }

  /** The next frame has the number after this one. */
  goOnFrom(count: number): void {
    this.#count = count;
    this.told();
  }

  /** A frame of so many bytes has come. */
  add(bytes: number): void {
    this.#count += 1;
    this.#unackedFrames += 1;
    this.#unackedBytes += bytes;
  }

  /** The other end lost so many frames before it could send them. `false` where the count would pass what a number holds. */
  skip(lost: number): boolean {
    if (!Number.isSafeInteger(this.#count + lost)) return false;
    this.#count += lost;
    this.#skipped += lost;
    return true;
  }

  /** Frames that the other end lost since this was last asked. */
  takeSkipped(): number {
    const skipped = this.#skipped;
    this.#skipped = 0;
    return skipped;
  }

  /** The other end has been told the count. */
  told(): void {
    this.#unackedFrames = 0;
    this.#unackedBytes = 0;
  }
}
