/**
 * The listeners of one state. They are called at the end of the turn in which it changed, once for each key, with the newest value; a
 * listener that is added to a state that has values already is called for those first.
 */
import { reportRejected, reportUncaught } from "../report-uncaught.ts";
import { ChangedKeys } from "./state-values.ts";
import { valueOf, type JsonBefore, type JsonChanges } from "./state-changes.ts";

export type KeyListener = (value: unknown, key: string) => unknown;
export type ChangesListener = (changes: Readonly<Record<string, unknown>>) => unknown;

interface Subscription {
  /** The key that it is about; `undefined`: all keys. */
  readonly key: string | undefined;
  readonly isAbout: (key: string) => boolean;
  readonly call: (changes: JsonChanges) => unknown;
  /** It was not called yet for the values that were there when it was added. */
  isNew: boolean;
}

export interface ListenedState {
  json(key: string): string | undefined;
  keys(): Iterable<string>;
}

export class StateListeners {
  readonly #state: ListenedState;
  readonly #changed = new ChangedKeys();
  #subscriptions: readonly Subscription[] = [];
  #isScheduled = false;

  constructor(state: ListenedState) {
    this.#state = state;
  }

  /** Calls the listener when this key changes. Returns a function that ends it. */
  addFor(key: string, listener: KeyListener): () => void {
    const call = (changes: JsonChanges): unknown => listener(valueOf(changes.get(key)), key);
    return this.add({ key, isAbout: (changed) => changed === key, call, isNew: true });
  }

  /** Calls the listener when one of these keys changes. Returns a function that ends it. */
  addForAll(isAbout: (key: string) => boolean, listener: ChangesListener): () => void {
    const call = (changes: JsonChanges): unknown => {
      const values = [...changes].map(([key, json]): [string, unknown] => [key, valueOf(json) ?? null]);
      return listener(Object.fromEntries(values));
    };
    return this.add({ key: undefined, isAbout, call, isNew: true });
  }

  /** Keys have changed: the listeners hear of it at the end of the turn, or with `tell`. */
  changed(before: JsonBefore): void {
    if (before.size === 0) return;
    this.#changed.note(before);
    this.schedule();
  }

  /** Calls the listeners now. */
  tell(): void {
    const changes = this.#changed.take((key) => this.#state.json(key));
    for (const subscription of this.#subscriptions) {
      const heard = subscription.isNew ? this.present() : changes;
      subscription.isNew = false;
      const about = new Map([...heard].filter(([key]) => subscription.isAbout(key)));
      if (about.size === 0) continue;
      try {
        reportRejected(subscription.call(about));
      } catch (error) {
        reportUncaught(error);
      }
    }
  }

  private add(subscription: Subscription): () => void {
    this.#subscriptions = [...this.#subscriptions, subscription];
    this.schedule();
    return () => {
      this.#subscriptions = this.#subscriptions.filter((other) => other !== subscription);
    };
  }

  private present(): JsonChanges {
    return new Map([...this.#state.keys()].map((key) => [key, this.#state.json(key) ?? null]));
  }

  private schedule(): void {
    if (this.#isScheduled || this.#subscriptions.length === 0) return;
    this.#isScheduled = true;
    queueMicrotask(() => {
      this.#isScheduled = false;
      this.tell();
    });
  }
}
