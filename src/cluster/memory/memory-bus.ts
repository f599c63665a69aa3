/** The bus within one process: for tests, and for servers that share a process. */
import { pino, type Logger } from "pino";
import { assertMessage, assertSubject } from "../bus-message.ts";
import type { Bus, Unsubscribe } from "../ports.ts";
import { Subscriptions, type BusListener } from "../subscriptions.ts";

/** Makes a bus for the servers of one process: all of them get the same one. */
export function memoryBus(log: Pick<Logger, "error"> = pino({ level: "silent" })): Bus {
  return new MemoryBus(log);
}

class MemoryBus implements Bus {
  readonly isUp = true;
  readonly #subscriptions: Subscriptions;
  #queue: { readonly subject: string; readonly data: Uint8Array }[] = [];

  constructor(log: Pick<Logger, "error">) {
    this.#subscriptions = new Subscriptions(log);
  }

  /** Messages arrive after the code that published them has run, as over a network. */
  publish(subject: string, data: Uint8Array): void {
    assertMessage(subject, data);
    if (!this.#subscriptions.has(subject)) return;
    if (this.#queue.push({ subject, data }) === 1) queueMicrotask(() => this.#deliver());
  }

  subscribe(subject: string, listener: BusListener): Unsubscribe {
    assertSubject(subject);
    return this.#subscriptions.add(subject, listener);
  }

  close(): void {
    this.#subscriptions.clear();
    this.#queue = [];
  }

  #deliver(): void {
    const messages = this.#queue;
    this.#queue = [];
    for (const { subject, data } of messages) this.#subscriptions.hear(subject, data);
  }
}
