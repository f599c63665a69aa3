/**
 * Notices a line that has died without telling: a page cannot see the server's pings, and TCP may take a quarter of an
 * hour. It asks only where there is a reason to, so that a phone that lies on the table costs next to nothing.
 */

export interface LivenessMonitorOptions {
  /** Puts a question on the line; any frame is an answer. */
  readonly ask: () => void;
  /** No answer came. */
  readonly onDead: () => void;
  /** Milliseconds the server may take to answer. */
  readonly pongTimeoutMs: number;
  /** Whether anybody looks at the page. */
  readonly isVisible: () => boolean;
}

/** Something was sent, and nothing at all was heard since. */
export const ASK_AFTER_SEND_MS = 3_000;
/** Nothing was heard on a page that is looked at. */
export const ASK_AFTER_QUIET_MS = 20_000;
/** A timer that is this late was frozen with its page: it says nothing about the line. */
const FROZEN_MS = 2_000;
/** The server stops reading where a game does not keep up, and what it says may wait behind a large frame: each time in vain the next answer is given more of it. */
const MAX_PATIENCE = 8;

export class LivenessMonitor {
  readonly #options: LivenessMonitorOptions;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #dueAt = Infinity;
  #heardAt = 0;
  /** When something was first sent since anything was heard. */
  #sentAt: number | undefined;
  #isAsking = false;
  #patience = 1;

  constructor(options: LivenessMonitorOptions) {
    this.#options = options;
  }

  /** A line is up. */
  start(): void {
    this.#heardAt = performance.now();
    this.#sentAt = undefined;
    this.#isAsking = false;
    this.#arm(ASK_AFTER_QUIET_MS);
  }

  /** It is down. Safe twice. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  heard(): void {
    if (this.#timer === undefined) return;
    this.#heardAt = performance.now();
    this.#sentAt = undefined;
    if (!this.#isAsking) return; // the timer finds out for itself: one a frame would cost more than it tells
    this.#isAsking = false;
    this.#patience = 1;
    this.#arm(ASK_AFTER_QUIET_MS);
  }

  sent(): void {
    if (this.#timer === undefined || this.#isAsking) return;
    const now = performance.now();
    this.#sentAt ??= now;
    if (this.#dueAt > now + ASK_AFTER_SEND_MS) this.#arm(ASK_AFTER_SEND_MS);
  }

  /** The page woke up: what was true before it slept need not be true any more. */
  wake(): void {
    if (this.#timer !== undefined) this.#ask();
  }

  #arm(delayMs: number): void {
    clearTimeout(this.#timer);
    this.#dueAt = performance.now() + delayMs;
    this.#timer = setTimeout(() => this.#due(), delayMs);
  }

  #due(): void {
    const now = performance.now();
    if (this.#isAsking && now - this.#dueAt < FROZEN_MS) {
      this.#patience = Math.min(MAX_PATIENCE, this.#patience * 2);
      this.stop();
      this.#options.onDead();
      return;
    }
    const isOwed = this.#sentAt !== undefined;
    const askAt = this.#sentAt === undefined ? this.#heardAt + ASK_AFTER_QUIET_MS : this.#sentAt + ASK_AFTER_SEND_MS;
    if (this.#isAsking || (now >= askAt && (isOwed || this.#options.isVisible()))) this.#ask();
    else this.#arm(now < askAt ? askAt - now : ASK_AFTER_QUIET_MS);
  }

  #ask(): void {
    this.#isAsking = true;
    this.#options.ask();
    this.#arm(this.#options.pongTimeoutMs * this.#patience);
  }
}
