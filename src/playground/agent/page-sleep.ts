/** A locked phone: its page is hidden and its timers stand still, as far as a script can bring that about. */

type Callback = (...values: unknown[]) => void;

export class PageSleep {
  #isAsleep = false;
  /** What was due meanwhile, by the timer's number. */
  readonly #held = new Map<number, () => void>();

  /** Wraps the page's timers. Those that were set before go on. */
  constructor() {
    this.wrapTimers("setTimeout", "clearTimeout");
    this.wrapTimers("setInterval", "clearInterval");
    this.wrapFrames();
    const isHidden = Object.getOwnPropertyDescriptor(Document.prototype, "hidden");
    const visibility = Object.getOwnPropertyDescriptor(Document.prototype, "visibilityState");
    Object.defineProperty(document, "hidden", {
      configurable: true,
      get: () => this.#isAsleep || isHidden?.get?.call(document) === true,
    });
    Object.defineProperty(document, "visibilityState", {
      configurable: true,
      get: () => (this.#isAsleep ? "hidden" : visibility?.get?.call(document)),
    });
  }

  get isAsleep(): boolean {
    return this.#isAsleep;
  }

  fallAsleep(): void {
    if (this.#isAsleep) return;
    this.#isAsleep = true;
    document.dispatchEvent(new Event("visibilitychange", { bubbles: true }));
    document.dispatchEvent(new Event("freeze"));
  }

  wakeUp(): void {
    if (!this.#isAsleep) return;
    this.#isAsleep = false;
    document.dispatchEvent(new Event("resume"));
    document.dispatchEvent(new Event("visibilitychange", { bubbles: true }));
    const held = [...this.#held.values()];
    this.#held.clear();
    for (const run of held) run();
  }

  private wrapTimers(set: "setTimeout" | "setInterval", clear: "clearTimeout" | "clearInterval"): void {
    const [nativeSet, nativeClear] = [window[set].bind(window), window[clear].bind(window)];
    Reflect.set(window, set, (handler: TimerHandler, ms?: number, ...values: unknown[]): number => {
      if (typeof handler !== "function") return nativeSet(handler, ms, ...values);
      const id: number = nativeSet(() => this.runOrHold(id, () => Reflect.apply(handler, window, values)), ms);
      return id;
    });
    Reflect.set(window, clear, (id?: number): void => {
      nativeClear(id);
      if (id !== undefined) this.#held.delete(id);
    });
  }

  private wrapFrames(): void {
    const request = window.requestAnimationFrame.bind(window);
    const cancel = window.cancelAnimationFrame.bind(window);
    // Numbers of frames and of timers may be equal.
    window.requestAnimationFrame = (draw) => {
      const id: number = request((time) => this.runOrHold(-id, () => draw(time)));
      return id;
    };
    window.cancelAnimationFrame = (id) => {
      cancel(id);
      this.#held.delete(-id);
    };
  }

  /** An interval that is due several times runs once, as in a browser that wakes up. */
  private runOrHold(id: number, run: Callback): void {
    if (this.#isAsleep) this.#held.set(id, run);
    else run();
  }
}
