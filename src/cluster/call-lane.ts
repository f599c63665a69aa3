/**
 * Calls to a server that answers each, or goes away: so many run at once, the others wait in order, and all of them are rejected where the server has
 * answered nothing for a while. So a call never hangs, and what waits is bounded in number and bytes. Urgent calls go before all that wait: where many
 * phones look for their rooms at once, a lease that is renewed behind them would end.
 */

export interface CallLaneOptions {
  /** What a sentence calls the server. */
  readonly name: string;
  readonly maxRunning: number;
  /** Milliseconds without any answer after which the server counts as away. */
  readonly timeoutMs: number;
}

/** Calls that wait for others to end. */
const MAX_WAITING = 100_000;
/** Bytes of all calls that run or wait. */
const MAX_BYTES = 64 * 1_024 * 1_024;

export interface CallTraits {
  /** It is made before those that wait and are not urgent. @default false */
  readonly isUrgent?: boolean;
}

interface Caller {
  readonly start: () => void;
  readonly reject: (error: Error) => void;
}

export class CallLane {
  readonly #options: CallLaneOptions;
  readonly #urgent = new Set<Caller>();
  readonly #waiting = new Set<Caller>();
  /** Callers that wait for an answer. */
  readonly #running = new Set<Caller>();
  /** Calls without an answer, those included whose callers wait for it no more. */
  #unanswered = 0;
  #answers = 0;
  #bytes = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: CallLaneOptions) {
    this.#options = options;
  }

  /** Makes a call that carries so many bytes. */
  run<T>(bytes: number, call: () => Promise<T>, { isUrgent = false }: CallTraits = {}): Promise<T> {
    const { name, maxRunning } = this.#options;
    const isStuck = this.#unanswered >= maxRunning && this.#running.size === 0;
    if (isStuck || this.#urgent.size + this.#waiting.size >= MAX_WAITING || this.#bytes + bytes > MAX_BYTES) {
      return Promise.reject(new Error(`Too much waits for ${name} to answer: nothing more is sent.`));
    }
    this.#bytes += bytes;
    return new Promise((resolve, reject) => {
      const caller: Caller = {
        reject: (error) => {
          this.#bytes -= bytes;
          reject(error);
        },
        start: () => {
          this.#running.add(caller);
          this.#unanswered++;
          this.#watch();
          const settle = (tell: () => void): void => {
            this.#answered();
            if (this.#running.delete(caller)) {
              this.#bytes -= bytes;
              tell();
            }
            this.#startNext();
          };
          call().then(
            (answer) => settle(() => resolve(answer)),
            (error: unknown) => settle(() => reject(error)),
          );
        },
      };
      (isUrgent ? this.#urgent : this.#waiting).add(caller);
      this.#startNext();
    });
  }

  #startNext(): void {
    for (const callers of [this.#urgent, this.#waiting]) {
      for (const caller of callers) {
        if (this.#unanswered >= this.#options.maxRunning) return;
        callers.delete(caller);
        caller.start();
      }
    }
  }

  #answered(): void {
    this.#unanswered--;
    this.#answers++;
    if (this.#unanswered > 0) this.#timer?.refresh();
    else clearTimeout(this.#timer);
    if (this.#unanswered === 0) this.#timer = undefined;
  }

  #watch(): void {
    this.#timer ??= setTimeout(() => this.#lookAgain(), this.#options.timeoutMs);
  }

  /** A process that was stopped finds its timers over before it reads what has arrived meanwhile, so one more turn passes. */
  #lookAgain(): void {
    const answers = this.#answers;
    setImmediate(() => setImmediate(() => this.#giveUp(answers)));
  }

  #giveUp(answers: number): void {
    this.#timer = undefined;
    if (this.#unanswered === 0) return;
    if (this.#answers !== answers) return this.#watch();
    const callers = [...this.#running, ...this.#urgent, ...this.#waiting];
    this.#running.clear();
    this.#urgent.clear();
    this.#waiting.clear();
    const { name, timeoutMs } = this.#options;
    for (const caller of callers) caller.reject(new Error(`${name} has not answered for ${timeoutMs} ms.`));
  }
}
