/** What all controls have in common: what they are bound to, how they send, and that nothing stays pressed. */
import type { EventData, GameShape, PlainEventName, PlayerRoom } from "../index.ts";
import { KitElement, type Release } from "../kit/kit-element.ts";
import { css } from "../kit/theme.ts";
import { vibrate } from "./haptics.ts";

/** What a control sends to: the phone's room, as `joinRoom` returns it. */
export interface ControlTarget {
  emit(name: string, data: unknown, options?: { readonly volatile?: boolean }): unknown;
  /** `reloaded`: the TV's page is a new one; `open` and `back`: the phone's connection is up, for the first time or again. */
  on?(event: "reloaded" | "open" | "back", listener: () => void): Release;
}

/**
 * The names of the events that a phone of this game sends and that carry what this control sends; of a room whose game has no types, every
 * name.
 */
export type ControlEventName<Element, Target> =
  Target extends PlayerRoom<infer Game> ? EventNameFor<Game, ValueOf<Element>> : string;

/** Of some controls it is not known what they send, such as a choice: then every event may be theirs. */
type EventNameFor<Game extends GameShape, Value> = {
  [Name in PlainEventName<Game>]: unknown extends Value
    ? Name
    : Writable<Value> extends EventData<Game, Name>
      ? Name
      : never;
}[PlainEventName<Game>];

type ValueOf<Element> = Element extends Control<infer Value> ? Value : never;

/** It arrives as a copy of its own. */
type Writable<Value> = Value extends object ? { -readonly [Key in keyof Value]: Writable<Value[Key]> } : Value;

/** A tap that is felt and does not disturb. */
const TAP_MS = 10;

const STYLE = css`
  :host {
    min-width: 0;
    -webkit-user-select: none;
    user-select: none;
    -webkit-touch-callout: none;
  }
  .frame {
    height: 100%;
  }
  :host([disabled]) .frame {
    opacity: 0.45;
  }
`;

/**
 * A control on a phone. The attribute `disabled` switches it off, `label` names it for screen readers, and `vibrate="off"` on it or on
 * an element around it keeps it still. What it sends it also tells the page, by an event `value` whose `detail` it is.
 */
export abstract class Control<Value> extends KitElement {
  #me: ControlTarget | undefined;
  #name = "";

  static readonly observedAttributes: readonly string[] = ["disabled", "label"];

  protected constructor(styles: string) {
    super(STYLE + styles);
  }

  /**
   * Sends what the player does to the TV, as the event `name`. Returns what ends that. A control has one target: another `bind` takes the
   * place of the one before. Of a game with types only events that carry what this control sends have such a name.
   */
  bind<Element extends Control<never>, Target extends ControlTarget>(
    this: Element,
    me: Target,
    name: ControlEventName<Element, Target>,
  ): Release {
    this.letGo();
    this.#me = me;
    this.#name = name;
    this.rebind();
    return () => {
      if (this.#me !== me || this.#name !== name) return;
      this.letGo();
      this.#me = undefined;
    };
  }

  get disabled(): boolean {
    return this.hasAttribute("disabled");
  }

  set disabled(isDisabled: boolean) {
    this.toggleAttribute("disabled", isDisabled);
  }

  override attributeChangedCallback(): void {
    if (this.disabled) this.letGo();
    super.attributeChangedCallback();
  }

  /** What is held when the page is hidden, loses the keyboard or the control is let go: the page is not told when that is lifted. */
  protected override listen(): readonly Release[] {
    const letGo = (): void => this.letGo();
    const me = this.#me;
    const again = (isTvNew: boolean) => (): void => {
      if (this.#me === me) this.sayAgain(isTvNew);
    };
    const toldOfTv = me?.on === undefined ? [] : [me.on("reloaded", again(true)), me.on("back", again(false))];
    const seen = (): void => {
      if (document.visibilityState === "hidden") letGo();
    };
    window.addEventListener("blur", letGo);
    window.addEventListener("pagehide", letGo);
    document.addEventListener("visibilitychange", seen);
    return [
      ...toldOfTv,
      () => window.removeEventListener("blur", letGo),
      () => window.removeEventListener("pagehide", letGo),
      () => document.removeEventListener("visibilitychange", seen),
      letGo,
    ];
  }

  /** Lets go of all that is held, and sends that. */
  protected letGo(): void {}

  /**
   * Says what is held now once more: to a TV that was loaded again (`isTvNew`), or to one that may have stopped this player while the phone's
   * connection was down.
   */
  protected sayAgain(_isTvNew: boolean): void {}

  protected get target(): ControlTarget | undefined {
    return this.#me;
  }

  /** The event's name. */
  protected get eventName(): string {
    return this.#name;
  }

  /** `isVolatile`: only the newest counts. `false` where nothing was sent: the room is over, or the control is not bound. */
  protected send(value: Value, isVolatile = false): boolean {
    this.tell("value", value);
    if (this.#me === undefined) return false;
    return this.#me.emit(this.#name, value, isVolatile ? { volatile: true } : {}) !== false;
  }

  /** The phone vibrates for a moment. */
  protected tap(ms = TAP_MS): void {
    if (this.closest("[vibrate=off]") === null) vibrate(ms);
  }

  /** A number that an attribute gives, between two limits. */
  protected numberOf(attribute: string, fallback: number, from: number, to: number): number {
    const text = this.getAttribute(attribute);
    const number = text === null || text.trim() === "" ? NaN : Number(text);
    return Number.isNaN(number) ? fallback : Math.min(to, Math.max(from, number));
  }
}
