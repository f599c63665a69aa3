/**
 * Shares the turns of the event loop between the sockets that send much. Node reads up to two mebibytes from one socket before it looks at the next, so
 * a hundred busy sockets would delay a phone's small frame by a second. Small reads are handled at once. Large ones are handled up to a quota a turn;
 * the sockets beyond it are not read meanwhile, so that TCP holds their peers back.
 */

/** Reads below this size are never put off. */
const LARGE_READ_BYTES = 16_384;
/** What is handled of large reads in one turn: a few milliseconds of work. */
const TURN_BYTES = 262_144;

/** A socket whose read was put off. */
export interface WaitingReader {
  /** Bytes that it will bring. */
  readonly waitingBytes: number;
  /** Its turn has come. */
  goOn(): void;
}

export class FairReads {
  #left = TURN_BYTES;
  #isScheduled = false;
  readonly #waiting = new Set<WaitingReader>();
  readonly #onTurnEnd = (): void => this.#grant();

  /** Whether a read of so many bytes may be handled now. Otherwise the reader keeps its bytes, stops reading, and is told to go on in one of the next turns. */
  take(reader: WaitingReader, bytes: number): boolean {
    if (bytes < LARGE_READ_BYTES) return true;
    this.#schedule();
    if (this.#left > 0) {
      this.#left -= bytes;
      return true;
    }
    this.#waiting.add(reader);
    return false;
  }

  /** The reader's socket is gone. */
  forget(reader: WaitingReader): void {
    this.#waiting.delete(reader);
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(this.#onTurnEnd);
  }

  /** The readers that have waited longest come first; a reader that still has more then waits behind all others. */
  #grant(): void {
    this.#isScheduled = false;
    this.#left = TURN_BYTES;
    let granted = 0;
    for (const reader of this.#waiting) {
      if (granted >= TURN_BYTES) break;
      granted += reader.waitingBytes;
      this.#waiting.delete(reader);
      reader.goOn();
    }
    if (this.#waiting.size > 0) this.#schedule();
  }
}
