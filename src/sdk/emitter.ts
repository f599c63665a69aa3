/** Typed events. An interface lists each event's arguments; unknown names are errors. */
import { hasOwn } from "../protocol/has-own.ts";
import { invalid } from "./invalid-argument.ts";
import { reportUncaught } from "./report-uncaught.ts";

interface Subscription<Values extends unknown[]> {
  readonly listener: (...values: Values) => void;
  readonly isOnce: boolean;
}

/** The listeners by event. */
type Subscriptions<Events extends { [Name in keyof Events]: unknown[] }> = {
  [Name in keyof Events]: readonly Subscription<Events[Name]>[];
};

/** An object with events. `Events` lists each event's name and its listeners' arguments. */
export abstract class Emitter<Events extends { [Name in keyof Events]: unknown[] }> {
  readonly #subscriptions: Subscriptions<Events>;

  /** Takes an empty list for each event. */
  protected constructor(events: Subscriptions<Events>) {
    this.#subscriptions = { ...events };
  }

  /**
   * Calls `listener` at every such event, in the order of subscription. Returns a function that ends it.
   * @throws {CouchwireError} `invalid_argument` where there is no event of that name.
   */
  on<Name extends keyof Events>(event: Name, listener: (...values: Events[Name]) => void): () => void {
    return this.#add(event, { listener, isOnce: false });
  }

  /** As `on`, for the next such event only. */
  once<Name extends keyof Events>(event: Name, listener: (...values: Events[Name]) => void): () => void {
    return this.#add(event, { listener, isOnce: true });
  }

  /** Ends every subscription of `listener` to this event. */
  off<Name extends keyof Events>(event: Name, listener: (...values: Events[Name]) => void): void {
    this.#keep(event, (subscription) => subscription.listener !== listener);
  }

  /** Whether the event has a listener. Work for events without one is skipped. */
  protected hasListeners(event: keyof Events): boolean {
    return this.#of(event).length > 0;
  }

  /** Called whenever a listener is added. */
  protected listened(_event: keyof Events): void {}

  /** Calls the listeners. An exception is reported like any uncaught error, and the other listeners are still called. */
  protected emit<Name extends keyof Events>(event: Name, ...values: Events[Name]): void {
    for (const subscription of this.#of(event)) {
      if (subscription.isOnce) this.#keep(event, (other) => other !== subscription);
      try {
        subscription.listener(...values);
      } catch (error) {
        reportUncaught(error);
      }
    }
  }

  #add<Name extends keyof Events>(event: Name, subscription: Subscription<Events[Name]>): () => void {
    this.#subscriptions[event] = [...this.#of(event), subscription];
    this.listened(event);
    return () => this.#keep(event, (other) => other !== subscription);
  }

  /** Replaces the list instead of changing it, so that listeners may be added and removed while an event is emitted. */
  #keep<Name extends keyof Events>(event: Name, isKept: (subscription: Subscription<Events[Name]>) => boolean): void {
    this.#subscriptions[event] = this.#of(event).filter(isKept);
  }

  /** Throws for an unknown name: its listener would never be called. */
  #of<Name extends keyof Events>(event: Name): readonly Subscription<Events[Name]>[] {
    if (hasOwn(this.#subscriptions, event)) return this.#subscriptions[event];
    throw invalid(`There is no event "${String(event)}"; there are ${Object.keys(this.#subscriptions).join(", ")}.`);
  }
}
