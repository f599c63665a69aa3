/** A bus and a directory whose library is still being loaded: they stand for those that will be there, and count as away until then. */
import type { Bus, Directory, Unsubscribe } from "./ports.ts";

/** What is between nodes. Without a directory it carries channels only. */
export interface Backend {
  readonly bus: Bus;
  readonly directory: Directory | undefined;
}

/** Stands for the bus that is to come. */
export class DeferredBus implements Bus {
  readonly #loading: Promise<Bus>;
  readonly #listeners: ((isUp: boolean) => void)[] = [];
  #bus: Bus | undefined;

  constructor(loading: Promise<Bus>) {
    this.#loading = loading;
    loading.then(
      (bus) => this.#take(bus),
      () => {}, // each call is told why
    );
  }

  get isUp(): boolean {
    return this.#bus !== undefined && this.#bus.isUp !== false;
  }

  onStatus(listener: (isUp: boolean) => void): void {
    if (this.#bus === undefined) this.#listeners.push(listener);
    else this.#bus.onStatus?.(listener);
  }

  /** What is published before the bus is there is lost, as with one that is away. */
  publish(subject: string, data: Uint8Array): unknown {
    return this.#bus?.publish(subject, data);
  }

  async subscribe(subject: string, listener: (data: Uint8Array) => void): Promise<Unsubscribe> {
    return (await this.#loading).subscribe(subject, listener);
  }

  async close(): Promise<void> {
    await (await this.#loading).close();
  }

  #take(bus: Bus): void {
    this.#bus = bus;
    for (const listener of this.#listeners.splice(0)) {
      bus.onStatus?.(listener);
      if (bus.isUp !== false) listener(true);
    }
  }
}

/** Stands for the directory that is to come: what is asked waits for it. */
export function deferredDirectory(loading: Promise<Directory>): Directory {
  loading.catch(() => {}); // each call is told why
  return {
    enrol: async (node) => (await loading).enrol(node),
    renew: async (node) => (await loading).renew(node),
    resign: async (node) => (await loading).resign(node),
    nodes: async () => (await loading).nodes(),
    claim: async (node, entries) => (await loading).claim(node, entries),
    find: async (key) => (await loading).find(key),
    takeOver: async (node, key, seenFence) => (await loading).takeOver(node, key, seenFence),
    reclaim: async (node, entry) => (await loading).reclaim(node, entry),
    save: async (node, key, fence, record) => (await loading).save(node, key, fence, record),
    release: async (node, key, fence) => (await loading).release(node, key, fence),
    alias: async (alias, key) => (await loading).alias(alias, key),
    unalias: async (alias, key) => (await loading).unalias(alias, key),
    resolve: async (alias) => (await loading).resolve(alias),
    age: async () => (await loading).age(),
    close: async () => (await loading).close(),
  };
}
