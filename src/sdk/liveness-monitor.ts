/**
 * Detects a dead connection. A page cannot see the server's pings, and TCP may take a quarter of an hour to time out. It
 * pings only with a reason, so an idle phone costs next to nothing.
 */

export interface LivenessMonitorOptions {
  /** Sends a ping; any frame counts as the answer. */
  readonly ask: () => void;
  /** Called when no answer came. */
  readonly onDead: () => void;
  /** Milliseconds the server may take to answer. */
  readonly pongTimeoutMs: number;
  /** Whether the page is visible. */
  readonly isVisible: () => boolean;
}

/** Pings this long after a frame was sent without any frame received since. */
export const ASK_AFTER_SEND_MS = 3_000;
/** Pings a visible page's connection after this long without a frame. */
export const ASK_AFTER_QUIET_MS = 20_000;
/** A timer that is this late was frozen with its page, so it proves nothing about the connection. */
const FROZEN_MS = 2_000;
/** Upper bound of the factor by which the time-out grows after each failure: the server may be holding the phone back, and an answer may wait behind a large frame. */
const MAX_PATIENCE = 8;

export class LivenessMonitor {
  readonly #options: LivenessMonitorOptions;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #dueAt = Infinity;
  #heardAt = 0;
  /** When the first frame was sent since one was received. */
  #sentAt: number | undefined;
  #isAsking = false;
  #patience = 1;

  constructor(options: LivenessMonitorOptions) {
    this.#options = options;
  }

  /** A connection opened. */
  start(): void {
    this.#heardAt = performance.now();
    this.#sentAt = undefined;
    this.#isAsking = false;
    this.arm(ASK_AFTER_QUIET_MS);
  }

  /** The connection ended. Safe to call twice. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  heard(): void {
    if (this.#timer === undefined) return;
    this.#heardAt = performance.now();
    this.#sentAt = undefined;
    if (!this.#isAsking) return; // The timer looks at the time itself: restarting it for each frame would be costly.
    this.#isAsking = false;
    this.#patience = 1;
    this.arm(ASK_AFTER_QUIET_MS);
  }

  sent(): void {
    if (this.#timer === undefined || this.#isAsking) return;
    const now = performance.now();
    this.#sentAt ??= now;
    if (this.#dueAt > now + ASK_AFTER_SEND_MS) this.arm(ASK_AFTER_SEND_MS);
  }

  /** The page woke up: the connection may have died meanwhile. */
  wake(): void {
    if (this.#timer !== undefined) this.ask();
  }

  private arm(delayMs: number): void {
    clearTimeout(this.#timer);
    this.#dueAt = performance.now() + delayMs;
    this.#timer = setTimeout(() => this.due(), delayMs);
  }

  private due(): void {
    const now = performance.now();
    if (this.#isAsking && now - this.#dueAt < FROZEN_MS) {
      this.#patience = Math.min(MAX_PATIENCE, this.#patience * 2);
      this.stop();
      this.#options.onDead();
      return;
    }
    const isOwed = this.#sentAt !== undefined;
    const askAt = this.#sentAt === undefined ? this.#heardAt + ASK_AFTER_QUIET_MS : this.#sentAt + ASK_AFTER_SEND_MS;
    if (this.#isAsking || (now >= askAt && (isOwed || this.#options.isVisible()))) this.ask();
    else this.arm(now < askAt ? askAt - now : ASK_AFTER_QUIET_MS);
  }

  private ask(): void {
    this.#isAsking = true;
    this.#options.ask();
    this.arm(this.#options.pongTimeoutMs * this.#patience);
  }
}
