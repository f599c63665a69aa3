/** Typed events. An interface lists each event's arguments; unknown names are errors, unless they may be the game's own. */
import { hasOwn } from "../protocol/has-own.ts";
import { invalid, quote } from "./invalid-argument.ts";
import { Listeners, type ListenerOutcome } from "./listeners.ts";

/** The listener of an event: of one that `Events` lists with its arguments, or of one of the game's own. */
type ListenerOf<
  Events extends { [Name in keyof Events]: unknown[] },
  Own extends { [Name in keyof Own]: (...values: never[]) => unknown },
  Name extends keyof Events | keyof Own,
> = Name extends keyof Events ? (...values: Events[Name]) => void : Name extends keyof Own ? Own[Name] : never;

/** An object with events. `Events` lists each event's name and its listeners' arguments; `Own` the listeners of the game's own events. */
export abstract class Emitter<
  Events extends { [Name in keyof Events]: unknown[] },
  Own extends { [Name in keyof Own]: (...values: never[]) => unknown } = object,
> {
  readonly #events: object;
  readonly #listeners = new Listeners();

  /** Takes an empty list for each event, so that misspelt names are noticed. */
  protected constructor(events: { readonly [Name in keyof Events]: readonly [] }) {
    this.#events = events;
  }

  /**
   * Calls `listener` at every such event, in the order of subscription. Returns a function that ends it.
   * @throws {CouchwireError} `invalid_argument` where there can be no event of that name, and at a listener that is no function.
   */
  on<Name extends keyof Events | keyof Own>(event: Name, listener: ListenerOf<Events, Own, Name>): () => void {
    return this.#add(event, listener, false);
  }

  /** As `on`, for the next such event only. */
  once<Name extends keyof Events | keyof Own>(event: Name, listener: ListenerOf<Events, Own, Name>): () => void {
    return this.#add(event, listener, true);
  }

  /** Ends every subscription of `listener` to this event. */
  off<Name extends keyof Events | keyof Own>(event: Name, listener: ListenerOf<Events, Own, Name>): void {
    this.#listeners.remove(this.#checked(event), listener);
  }

  /** Whether the event has a listener. Work for events without one is skipped. */
  protected hasListeners(event: keyof Events & string): boolean {
    return this.#listeners.has(event);
  }

  /** Called whenever a listener is added. */
  protected listened(_event: string): void {}

  /** Called with a name that is none of `Events`. @throws {CouchwireError} `invalid_argument` where the game's own event cannot have it */
  protected checkOwnName(event: unknown): void {
    throw invalid(`There is no event "${String(event)}"; there are ${Object.keys(this.#events).join(", ")}.`);
  }

  /** Calls the listeners. An exception is reported like any uncaught error, and the other listeners are still called. */
  protected tell<Name extends keyof Events & string>(event: Name, ...values: Events[Name]): void {
    this.#listeners.call(event, values);
  }

  /** As `tell`, for one of the game's own events. */
  protected tellOwn(event: string, ...values: unknown[]): ListenerOutcome[] {
    return this.#listeners.call(event, values);
  }

  #add(event: PropertyKey, listener: (...values: never[]) => unknown, isOnce: boolean): () => void {
    const name = this.#checked(event);
    if (typeof listener !== "function") {
      throw invalid(`The listener of "${name}" has to be a function; this is ${quote(listener)}.`);
    }
    const end = this.#listeners.add(name, listener, isOnce);
    this.listened(name);
    return end;
  }

  #checked(event: PropertyKey): string {
    if (typeof event !== "string" || !hasOwn(this.#events, event)) this.checkOwnName(event);
    return String(event);
  }
}
