/**
 * The first frame that a read brings for a socket is written at once. Where that read has brought more, it is held back by as much as it takes to see
 * whether the next is for the same socket: then both leave together when the turn ends, and a client that sends many at once costs half the
 * writes (row `flood-batching`). Nothing else for that socket comes in between, and nothing is held when the read is over.
 */

/** Whose frame is held. */
export interface Holder {
  /** Writes its frame, since there is none for the same socket right behind it. */
  writeHeld(frame: Uint8Array): void;
}

const NOTHING = new Uint8Array(0);

export class HeldFrame {
  #holder: Holder | undefined;
  #frame: Uint8Array = NOTHING;

  /** Holds a whole frame; whose ever was held before is written. */
  hold(holder: Holder, frame: Uint8Array): void {
    this.release();
    this.#holder = holder;
    this.#frame = frame;
  }

  /** Gives the frame back to whose it is; to anybody else, nothing. */
  takeBack(holder: Holder): Uint8Array | undefined {
    return holder === this.#holder ? this.#take() : undefined;
  }

  /** Has the frame written that is held, if one is. */
  release(): void {
    const holder = this.#holder;
    if (holder !== undefined) holder.writeHeld(this.#take());
  }

  #take(): Uint8Array {
    const frame = this.#frame;
    this.#holder = undefined;
    this.#frame = NOTHING;
    return frame;
  }
}
