/** Sentences about what came from the bus, which must not fill the disk however often it comes: each at most once a minute, with how often it was meant. */
const REPEAT_MS = 60_000;

export class FaultLog {
  readonly #now: () => number;
  readonly #say: (sentence: string, about: Readonly<Record<string, unknown>>) => void;
  /** When each sentence was said last, and how often it was not since. There are as many as the program has sentences. */
  readonly #said = new Map<string, { at: number; unsaid: number }>();

  constructor(now: () => number, say: (sentence: string, about: Readonly<Record<string, unknown>>) => void) {
    this.#now = now;
    this.#say = say;
  }

  note(sentence: string, about: Readonly<Record<string, unknown>>): void {
    const said = this.#said.get(sentence);
    if (said !== undefined && this.#now() - said.at < REPEAT_MS) {
      said.unsaid += 1;
      return;
    }
    this.#said.set(sentence, { at: this.#now(), unsaid: 0 });
    this.#say(sentence, said === undefined || said.unsaid === 0 ? about : { ...about, unsaid: said.unsaid });
  }
}
