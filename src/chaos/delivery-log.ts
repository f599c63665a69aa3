/** Checks the numbered frames from one sender to one receiver: all arrive, once, in order. */
import { decodeNumbered, type Numbered } from "./numbered-frames.ts";

/** The log keeps this many sentences about faults and counts the others. */
const MAX_SENTENCES = 5;

export class DeliveryLog {
  /** Names the sender and the receiver. */
  readonly name: string;
  readonly #sentences: string[] = [];
  #faultCount = 0;
  #last: Numbered | undefined;
  #isReceiverNew = false;
  #got = 0;
  #repeated = 0;

  constructor(name: string) {
    this.name = name;
  }

  /** The last frame that arrived. */
  get last(): Numbered | undefined {
    return this.#last;
  }

  /** Counts the frames that arrived, each number once. */
  get got(): number {
    return this.#got;
  }

  /** Counts the frames that the server rightly sent again, because the page was reloaded before it acknowledged them. */
  get repeated(): number {
    return this.#repeated;
  }

  get faultCount(): number {
    return this.#faultCount;
  }

  /** The faults as sentences: the first few, then the number of the others. */
  get faults(): readonly string[] {
    const more = this.#faultCount - this.#sentences.length;
    return more > 0 ? [...this.#sentences, `${this.name}: and ${more} more.`] : this.#sentences;
  }

  /** Call when the receiver's page was reloaded: the next frame may repeat earlier ones, but no frame may be missing. */
  forget(): void {
    this.#isReceiverNew = true;
  }

  take(frame: string | Uint8Array<ArrayBuffer>): void {
    const numbered = decodeNumbered(frame);
    if (numbered === undefined) {
      const what = typeof frame === "string" ? JSON.stringify(frame.slice(0, 40)) : `${frame.length} bytes`;
      return this.fault(`received a frame that was never sent: ${what}`);
    }
    const last = this.#last ?? { lane: numbered.lane, page: 0, number: 0 };
    const { lane, page, number } = numbered;
    if (lane !== last.lane)
      return this.fault(`${describe(numbered)} of sender ${lane} came among those of sender ${last.lane}`);
    const due = page > last.page ? 1 : last.number + 1;
    const isReceiverNew = this.#isReceiverNew;
    this.#isReceiverNew = false;
    if (page < last.page || number < due) {
      if (!isReceiverNew || page < last.page) return this.fault(`${describe(numbered)} came after ${describe(last)}`);
      this.#repeated += last.number - number + 1;
      this.#got -= last.number - number + 1;
    } else if (number > due) {
      const lost = number - due === 1 ? `number ${due} is` : `numbers ${due} to ${number - 1} are`;
      this.fault(`before ${describe(numbered)}, ${lost} missing`);
    }
    this.#got += 1;
    this.#last = numbered;
  }

  /** Adds a fault. */
  fault(what: string): void {
    this.#faultCount += 1;
    if (this.#sentences.length < MAX_SENTENCES) this.#sentences.push(`${this.name}: ${what}.`);
  }
}

function describe({ page, number }: Numbered): string {
  return page > 1 ? `number ${number} of page ${page}` : `number ${number}`;
}
