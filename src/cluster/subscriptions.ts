/** Which listeners a bus has for which subject. What they throw ends here. */
import type { Logger } from "pino";
import { OnceAMinute } from "./once-a-minute.ts";

export type BusListener = (data: Uint8Array) => void;

export class Subscriptions {
  readonly #log: Pick<Logger, "error">;
  readonly #subjects = new Map<string, Set<BusListener>>();
  readonly #mentions = new OnceAMinute();

  constructor(log: Pick<Logger, "error">) {
    this.#log = log;
  }

  has(subject: string): boolean {
    return this.#subjects.has(subject);
  }

  /** Adds a listener; the same function may be there more than once. Returns what removes it again and tells whether it was the last one; safe twice. */
  add(subject: string, listener: BusListener): () => boolean {
    const listeners = this.#subjects.get(subject) ?? new Set();
    this.#subjects.set(subject, listeners);
    const own: BusListener = (data) => listener(data);
    listeners.add(own);
    return () => {
      if (!listeners.delete(own) || listeners.size > 0 || this.#subjects.get(subject) !== listeners) return false;
      return this.#subjects.delete(subject);
    };
  }

  hear(subject: string, data: Uint8Array): void {
    for (const listener of this.#subjects.get(subject) ?? []) {
      try {
        listener(data);
      } catch (error) {
        if (this.#mentions.isDue())
          this.#log.error({ err: error, subject }, "what arrived on the bus could not be handled");
      }
    }
  }

  clear(): void {
    this.#subjects.clear();
  }
}
