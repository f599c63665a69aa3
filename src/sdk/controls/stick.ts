/** A control that points somewhere: what a joystick, a cross of arrows and a tilted phone have in common. */
import type { Release } from "../kit/kit-element.ts";
import { Control } from "./control.ts";
import { CENTER, directionKeys, isSame, sumOf, type StickPosition } from "./direction.ts";
import { watchKeyboard } from "./keyboard.ts";

/**
 * Sends `{ x, y }`, volatile while it changes, and once more when it is let go: that one is not volatile, so that it arrives in any case
 * and what waits goes before it.
 */
export abstract class Stick extends Control<StickPosition> {
  #position: StickPosition = CENTER;
  #isAway = false;
  readonly #keysDown = new Map<string, readonly [number, number]>();

  static override readonly observedAttributes: readonly string[] = ["disabled", "label", "keys"];

  /** Where it points now. */
  get value(): StickPosition {
    return this.#position;
  }

  protected override listen(): readonly Release[] {
    const keyboard = {
      press: (code: string): boolean => {
        const step = directionKeys(this.getAttribute("keys") ?? "arrows wasd").get(code);
        if (step === undefined) return false;
        this.#keysDown.set(code, step);
        this.followKeys();
        return true;
      },
      lift: (code: string): void => {
        this.#keysDown.delete(code);
        this.followKeys();
      },
    };
    return [...super.listen(), watchKeyboard(this, keyboard, () => !this.disabled)];
  }

  protected override letGo(): void {
    this.#keysDown.clear();
    this.center();
  }

  protected override sayAgain(): void {
    if (this.#isAway) this.send(this.#position, true);
  }

  /** Points there. */
  protected point(position: StickPosition): void {
    if (isSame(position, this.#position)) return;
    this.#position = position;
    this.#isAway = true;
    this.show();
    this.send(position, true);
  }

  /** It is let go. */
  protected center(): void {
    this.#position = CENTER;
    this.show();
    if (!this.#isAway) return;
    this.#isAway = false;
    this.send(CENTER);
  }

  /** What the keys that are down are for this stick; each way −1, 0 or 1. */
  protected abstract fromKeys(sum: StickPosition): StickPosition;

  /** Shows where it points. */
  protected abstract show(): void;

  private readonly followKeys = (): void => {
    if (this.#keysDown.size > 0) this.point(this.fromKeys(sumOf(this.#keysDown.values())));
    else this.center();
  };
}
