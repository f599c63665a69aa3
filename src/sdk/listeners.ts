/** The listeners of an object by event. */
import { reportRejected, reportUncaught } from "./report-uncaught.ts";

type Listener = (...values: never[]) => unknown;

interface Subscription {
  readonly listener: Listener;
  readonly isOnce: boolean;
}

/** What a listener returned, or threw. */
export type ListenerOutcome = { readonly value: unknown } | { readonly error: unknown };

export class Listeners {
  readonly #subscriptions = new Map<string, readonly Subscription[]>();

  has(event: string): boolean {
    return this.#subscriptions.has(event);
  }

  /** Returns a function that ends the subscription. */
  add(event: string, listener: Listener, isOnce: boolean): () => void {
    const subscription = { listener, isOnce };
    this.#subscriptions.set(event, [...this.of(event), subscription]);
    return () => this.keep(event, (other) => other !== subscription);
  }

  /** Ends every subscription of `listener` to this event. */
  remove(event: string, listener: Listener): void {
    this.keep(event, (subscription) => subscription.listener !== listener);
  }

  /**
   * Calls the listeners in the order of subscription. What one throws, or its promise is rejected with, is reported like any uncaught error,
   * and the other listeners are still called.
   */
  call(event: string, values: readonly unknown[]): ListenerOutcome[] {
    return this.of(event).map((subscription) => {
      if (subscription.isOnce) this.keep(event, (other) => other !== subscription);
      try {
        const value: unknown = Reflect.apply(subscription.listener, undefined, values);
        reportRejected(value);
        return { value };
      } catch (error) {
        reportUncaught(error);
        return { error };
      }
    });
  }

  private of(event: string): readonly Subscription[] {
    return this.#subscriptions.get(event) ?? [];
  }

  /** Replaces the list instead of changing it, so that listeners may be added and removed while an event is told. */
  private keep(event: string, isKept: (subscription: Subscription) => boolean): void {
    const kept = this.of(event).filter(isKept);
    if (kept.length > 0) this.#subscriptions.set(event, kept);
    else this.#subscriptions.delete(event);
  }
}
