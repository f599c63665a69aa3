/** Which listeners a bus has for which subject, and which subjects stand at its server. What listeners throw ends here. */
import type { Logger } from "pino";
import { assertSubject } from "./bus-message.ts";
import { OnceAMinute } from "./once-a-minute.ts";
import type { Unsubscribe } from "./ports.ts";

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

/** A server to which one connection after the other leads. */
export interface SubscribedServer<Connection> {
  /** The connection as soon as there is one. Rejects where there will be none. */
  whenUp(): Promise<Connection>;
  /** Resolves when the subscription stands on this connection. */
  stand(connection: Connection, subject: string): Promise<unknown>;
  isOver(connection: Connection): boolean;
  /** Nothing listens to the subject any more. */
  end(subject: string): void;
}

/** Subscriptions that stand on each new connection again. */
export class LastingSubscriptions<Connection> {
  readonly #server: SubscribedServer<Connection>;
  readonly #subscriptions: Subscriptions;
  /** Subjects that stand, and do again on the next connection before it counts as up. A refused one would hold all others up. */
  readonly #answered = new Set<string>();

  constructor(server: SubscribedServer<Connection>, log: Pick<Logger, "error">) {
    this.#server = server;
    this.#subscriptions = new Subscriptions(log);
  }

  get subjects(): readonly string[] {
    return [...this.#answered];
  }

  /** Answers when the subscription stands, on whichever connection. */
  async add(subject: string, listener: BusListener): Promise<Unsubscribe> {
    assertSubject(subject);
    const remove = this.#subscriptions.add(subject, listener);
    const unsubscribe = (): void => {
      if (!remove()) return;
      this.#answered.delete(subject);
      this.#server.end(subject);
    };
    try {
      await this.#stand(subject);
    } catch (error) {
      unsubscribe();
      throw error;
    }
    if (this.#subscriptions.has(subject)) this.#answered.add(subject);
    return unsubscribe;
  }

  hear(subject: string, data: Uint8Array): void {
    this.#subscriptions.hear(subject, data);
  }

  clear(): void {
    this.#subscriptions.clear();
    this.#answered.clear();
  }

  async #stand(subject: string): Promise<void> {
    const server = this.#server;
    for (;;) {
      const connection = await server.whenUp();
      try {
        await server.stand(connection, subject);
        return;
      } catch (error) {
        if (!server.isOver(connection)) throw error; // else it broke meanwhile, and the next one is asked
      }
    }
  }
}
