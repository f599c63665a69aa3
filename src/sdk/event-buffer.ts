/** Holds events until the game has added its listeners. */
import { reportUncaught } from "./report-uncaught.ts";

/** Past this many events the page is assumed not to listen. */
const MAX_WAITING = 10_000;

interface Waiting<Event> {
  /** The number of the frame that brought the event. */
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

  /** Emits the event, now or after those that wait. */
  add(number: number, event: Event): void {
    if (!this.#isHolding) return this.tell(event);
    this.#waiting.push({ number, event });
    if (this.#waiting.length >= MAX_WAITING) this.tellAll();
  }

  /** A listener was added. Events are emitted in the next turn of the event loop, when all listeners that are added together are there. */
  listened(): void {
    if (this.#isHolding) this.#timer ??= setTimeout(() => this.tellAll(), 0);
  }

  /** The number of the last frame whose events were all emitted; at most `received`. */
  toldOf(received: number): number {
    const [first] = this.#waiting;
    return first === undefined ? received : first.number - 1;
  }

  /** Drops what waits and emits no more events. */
  close(): void {
    clearTimeout(this.#timer);
    this.#waiting = [];
  }

  private tellAll(): void {
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) this.tell(next.event);
    this.#isHolding = false;
  }

  /** An event that cannot be told, such as a stranger's frame that is nested too deep, costs no other its turn. */
  private tell(event: Event): void {
    try {
      this.#tell(event);
    } catch (error) {
      reportUncaught(error);
    }
  }
}
