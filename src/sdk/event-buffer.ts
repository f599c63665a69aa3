/** Holds what happens in a room until the game has had the chance to say what it listens to. */

/** Past this many the page does not seem to want to listen. */
const MAX_WAITING = 10_000;

interface Waiting<Event> {
  /** The number of the frame that told it. */
  readonly number: number;
  readonly event: Event;
}

export class EventBuffer<Event> {
  readonly #tell: (event: Event) => void;
  #waiting: Waiting<Event>[] = [];
  #isHolding = true;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(tell: (event: Event) => void) {
    this.#tell = tell;
  }

  /** Tells the event, now or in its turn. */
  add(number: number, event: Event): void {
    if (!this.#isHolding) return this.#tell(event);
    this.#waiting.push({ number, event });
    if (this.#waiting.length >= MAX_WAITING) this.#tellAll();
  }

  /** The page listens. What comes is told in the next turn of the event loop, when all listeners that are added together are there. */
  listened(): void {
    if (this.#isHolding) this.#timer ??= setTimeout(() => this.#tellAll(), 0);
  }

  /** The number of the last frame that was told, if so many have come. */
  toldOf(received: number): number {
    const [first] = this.#waiting;
    return first === undefined ? received : first.number - 1;
  }

  /** Nothing is told any more. */
  close(): void {
    clearTimeout(this.#timer);
    this.#waiting = [];
  }

  #tellAll(): void {
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) this.#tell(next.event);
    this.#isHolding = false;
  }
}
