/** Keeps book of the numbered frames that one receiver gets of one sender: each once, all of them, in order. */
import { decodeNumbered, type Numbered } from "./numbered-frames.ts";

/** So many sentences say what is wrong; the rest is only counted. */
const MAX_SENTENCES = 5;

export class DeliveryLog {
  /** Who sends to whom. */
  readonly name: string;
  readonly #sentences: string[] = [];
  #faultCount = 0;
  #last: Numbered | undefined;
  #isReceiverNew = false;
  #got = 0;
  #repeated = 0;

  /** `name` says who sends to whom. */
  constructor(name: string) {
    this.name = name;
  }

  /** The last one that came. */
  get last(): Numbered | undefined {
    return this.#last;
  }

  /** Frames that came, each number once. */
  get got(): number {
    return this.#got;
  }

  /** Frames that came again, as they have to, because the page that had got them was reloaded before it could say so. */
  get repeated(): number {
    return this.#repeated;
  }

  get faultCount(): number {
    return this.#faultCount;
  }

  /** What is wrong, as sentences; of many faults the first ones. */
  get faults(): readonly string[] {
    const more = this.#faultCount - this.#sentences.length;
    return more > 0 ? [...this.#sentences, `${this.name}: and ${more} more.`] : this.#sentences;
  }

  /** The receiver's page was reloaded: it may get again what it had got, but it must not miss anything. */
  forget(): void {
    this.#isReceiverNew = true;
  }

  take(frame: string | Uint8Array<ArrayBuffer>): void {
    const numbered = decodeNumbered(frame);
    if (numbered === undefined) {
      const what = typeof frame === "string" ? JSON.stringify(frame.slice(0, 40)) : `${frame.length} bytes`;
      return this.fault(`something came that nobody sent: ${what}`);
    }
    const last = this.#last ?? { lane: numbered.lane, page: 0, number: 0 };
    const { lane, page, number } = numbered;
    if (lane !== last.lane) return this.fault(`${describe(numbered)} of ${lane} came among those of ${last.lane}`);
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

  /** Something else is wrong. */
  fault(what: string): void {
    this.#faultCount += 1;
    if (this.#sentences.length < MAX_SENTENCES) this.#sentences.push(`${this.name}: ${what}.`);
  }
}

function describe({ page, number }: Numbered): string {
  return page > 1 ? `number ${number} of page ${page}` : `number ${number}`;
}
