/** A bus in this process that loses, swaps, holds and forges messages as a test wants. Each node has an end of its own, which may be down. */
import type { Bus, Unsubscribe } from "../../../src/cluster/ports.ts";

interface Travelling {
  readonly subject: string;
  readonly data: Uint8Array;
}

/** What a test does to a message on its way: returns what arrives in its place, in that order. */
export type BusFault = (message: Travelling) => readonly Travelling[];

type Listener = (data: Uint8Array) => void;

export class FaultyBus {
  readonly #listeners = new Map<string, Set<Listener>>();
  /** Every message that was published and not lost, in order. */
  readonly published: Travelling[] = [];
  subscriptions = 0;
  fault: BusFault = (message) => [message];

  /** The bus as one node sees it. */
  end(): BusEnd {
    return new BusEnd(this);
  }

  /** Delivers in a later turn of the event loop, as a bus between processes does. */
  publish(subject: string, data: Uint8Array): void {
    for (const message of this.fault({ subject, data })) {
      this.published.push(message);
      setImmediate(() => {
        for (const listener of this.#listeners.get(message.subject) ?? []) listener(message.data);
      });
    }
  }

  subscribe(subject: string, listener: Listener): Unsubscribe {
    const listeners = this.#listeners.get(subject) ?? new Set();
    this.#listeners.set(subject, listeners.add(listener));
    this.subscriptions += 1;
    return () => {
      if (listeners.delete(listener)) this.subscriptions -= 1;
    };
  }

  /** The next message that `isMeant` is lost. Resolves when it was. */
  dropNext(isMeant: (message: Travelling) => boolean): Promise<Travelling> {
    return new Promise((resolve) => {
      const before = this.fault;
      this.fault = (message) => {
        if (!isMeant(message)) return before(message);
        this.fault = before;
        resolve(message);
        return [];
      };
    });
  }

  /** The next message that `isMeant` arrives behind the one that follows it on the same subject. */
  swapNext(isMeant: (message: Travelling) => boolean): void {
    const before = this.fault;
    let held: Travelling | undefined;
    this.fault = (message) => {
      if (held === undefined && isMeant(message)) {
        held = message;
        return [];
      }
      if (held?.subject !== message.subject) return before(message);
      this.fault = before;
      return [message, held];
    };
  }
}

class BusEnd implements Bus {
  readonly #bus: FaultyBus;
  readonly #subscriptions: Unsubscribe[] = [];
  readonly #statusListeners: ((isUp: boolean) => void)[] = [];
  isUp = true;

  constructor(bus: FaultyBus) {
    this.#bus = bus;
  }

  publish(subject: string, data: Uint8Array): void {
    if (this.isUp) this.#bus.publish(subject, data);
  }

  subscribe(subject: string, listener: Listener): Unsubscribe {
    const unsubscribe = this.#bus.subscribe(subject, (data) => {
      if (this.isUp) listener(data);
    });
    this.#subscriptions.push(unsubscribe);
    return unsubscribe;
  }

  onStatus(listener: (isUp: boolean) => void): void {
    this.#statusListeners.push(listener);
  }

  setUp(isUp: boolean): void {
    this.isUp = isUp;
    for (const listener of this.#statusListeners) listener(isUp);
  }

  close(): void {
    for (const unsubscribe of this.#subscriptions) unsubscribe();
  }
}
