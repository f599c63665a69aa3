/** Counts what a peer of `couchwire.v1` has sent, and says when it is to be told so (P5.5.3, P5.5.5). */

/** Frames, and bytes, of a peer after which it is told how many were got, so that it can let go of them. */
const ACK_EVERY_FRAMES = 16;
const ACK_EVERY_BYTES = 65_536;
/** Frames of a peer after which it is told so with the next frame that it gets anyway: that costs no system call. */
const ACK_ALONG_FRAMES = 8;
/** How often a peer is told, while a frame of its comes, that it does. */
const TELL_OF_PARTS_MS = 1_000;

export class ReceiveCounter {
  #received = 0;
  #unackedFrames = 0;
  #unackedBytes = 0;
  #toldOfPartAt = -TELL_OF_PARTS_MS;
  #skipped = 0;

  /** Frames that were got, or that the peer said it lost. */
  get received(): number {
    return this.#received;
  }

  /** Whether the peer is to be told with the next frame that it gets. */
  get isDueAlong(): boolean {
    return this.#unackedFrames >= ACK_ALONG_FRAMES;
  }

  /** Whether the peer is to be told by itself. */
  get isDue(): boolean {
    return this.#unackedFrames >= ACK_EVERY_FRAMES || this.#unackedBytes >= ACK_EVERY_BYTES;
  }

  /** A page has begun to count from nothing. */
  startOver(): void {
    this.#received = 0;
  }

  /** A frame of so many bytes has come. */
  add(bytes: number): void {
    this.#received += 1;
    this.#unackedFrames += 1;
    this.#unackedBytes += bytes;
  }

  /** The peer lost so many frames before it could send them. `false` where that is no count. */
  skip(count: number): boolean {
    if (!Number.isSafeInteger(this.#received + count)) return false;
    this.#received += count;
    this.#skipped += count;
    return true;
  }

  /** Frames that the peer lost, since this was last asked. */
  takeSkipped(): number {
    const skipped = this.#skipped;
    this.#skipped = 0;
    return skipped;
  }

  /** The peer has been told, or a new connection tells it from the start. */
  told(): void {
    this.#unackedFrames = 0;
    this.#unackedBytes = 0;
  }

  /** Whether the peer is to be told while a frame of its comes. `now` is in milliseconds. */
  takePartNotice(now: number): boolean {
    const time = Math.round(now); // small whole numbers take no memory of their own
    if (time - this.#toldOfPartAt < TELL_OF_PARTS_MS) return false;
    this.#toldOfPartAt = time;
    return true;
  }
}
