/** `<cw-dpad>`: a cross of four arrows. */
import type { Release } from "../kit/kit-element.ts";
import { node, setAttributes } from "../kit/node.ts";
import { css } from "../kit/theme.ts";
import { CENTER, isSame, type StickPosition } from "./direction.ts";
import { calmPage, grip, type LetGo } from "./grip.ts";
import { ICONS } from "./icons.ts";
import { Stick } from "./stick.ts";
import { CONTROL_WORDS } from "./words.ts";

declare global {
  interface HTMLElementTagNameMap {
    "cw-dpad": DpadElement;
  }
}

/** Of half the cross: within it no arrow is meant. */
const DEAD_ZONE = 0.22;
/** An arrow is meant within this much of its own direction: 67.5° each way leaves diagonals 45°. */
const DIAGONAL = Math.sin(Math.PI / 8);
const MAX_SIZE_PX = 320;
/** How long an arrow is down that a screen reader presses. */
const PRESS_MS = 200;

const ARROWS = {
  up: { x: 0, y: -1 },
  down: { x: 0, y: 1 },
  left: { x: -1, y: 0 },
  right: { x: 1, y: 0 },
} as const;
const NAMES = ["up", "left", "right", "down"] as const;

const STYLE = css`
  :host {
    height: 12rem;
  }
  .pad {
    position: relative;
    width: 100%;
    height: 100%;
    min-width: 132px;
    min-height: 132px;
    touch-action: none;
  }
  .cross {
    position: absolute;
    left: 50%;
    top: 50%;
    width: var(--size);
    height: var(--size);
    margin: calc(var(--size) / -2);
    direction: ltr;
    filter: drop-shadow(0 0.2em 0.35em rgba(0, 0, 0, 0.28));
  }
  button {
    position: absolute;
    width: 34%;
    height: 34%;
    display: flex;
    align-items: center;
    justify-content: center;
    background: var(--paper);
    border: 2px solid var(--line);
    pointer-events: none;
    touch-action: none;
  }
  button svg {
    width: 46%;
  }
  .up {
    left: 33%;
    top: 0;
    border-bottom: 0;
    border-radius: 26% 26% 0 0;
  }
  .down {
    left: 33%;
    bottom: 0;
    border-top: 0;
    border-radius: 0 0 26% 26%;
  }
  .left {
    top: 33%;
    left: 0;
    border-right: 0;
    border-radius: 26% 0 0 26%;
  }
  .right {
    top: 33%;
    right: 0;
    border-left: 0;
    border-radius: 0 26% 26% 0;
  }
  .hub {
    position: absolute;
    left: 33%;
    top: 33%;
    width: 34%;
    height: 34%;
    background: radial-gradient(circle, var(--line) 0 30%, transparent 32%), var(--paper);
  }
  button.on {
    background: var(--accent);
    color: var(--on-accent);
    border-color: var(--accent);
  }
`;

/**
 * Sends `{ x, y }` of −1, 0 and 1, `y` down positive, and `{ x: 0, y: 0 }` when the thumb is lifted. The thumb may slide from arrow to arrow.
 * Attributes: `four` leaves the diagonals out; `keys` as for `<cw-joystick>`.
 */
export class DpadElement extends Stick {
  readonly #pad = node("div", { class: "pad", role: "group" });
  readonly #cross = node("div", { class: "cross" }, node("div", { class: "hub" }));
  readonly #arrows = NAMES.map((name) => ({ name, button: node("button", { class: name, type: "button" }) }));
  readonly #lift: LetGo;
  #timer: ReturnType<typeof setTimeout> | undefined;

  static override readonly observedAttributes: readonly string[] = [...Stick.observedAttributes, "four"];

  constructor() {
    super(STYLE);
    for (const { name, button } of this.#arrows) {
      button.innerHTML = ICONS[name];
      // Only screen readers and the keyboard press an arrow itself; a finger touches the pad.
      button.addEventListener("click", () => this.press(ARROWS[name]));
      this.#cross.append(button);
    }
    this.#pad.append(this.#cross);
    this.frame.append(this.#pad);
    this.#lift = grip(
      this.#pad,
      {
        start: (event) => this.aim(event),
        move: (events) => this.aim(events[events.length - 1]),
        end: () => this.center(),
      },
      () => !this.disabled,
    );
  }

  protected override letGo(): void {
    clearTimeout(this.#timer);
    this.#lift();
    super.letGo();
  }

  protected override listen(): readonly Release[] {
    const observer = new ResizeObserver(() => this.fit());
    observer.observe(this.#pad);
    return [...super.listen(), calmPage(), () => observer.disconnect()];
  }

  protected override draw(): void {
    this.#pad.setAttribute("aria-label", this.getAttribute("label") ?? this.say(CONTROL_WORDS.dpad));
    for (const { name, button } of this.#arrows) {
      button.disabled = this.disabled;
      setAttributes(button, { "aria-label": this.say(CONTROL_WORDS[name]) });
    }
    this.fit();
  }

  protected override fromKeys(sum: StickPosition): StickPosition {
    return this.hasAttribute("four") && sum.y !== 0 ? { x: 0, y: sum.y } : sum;
  }

  protected override show(): void {
    const { x, y } = this.value;
    for (const { name, button } of this.#arrows) {
      const arrow = ARROWS[name];
      button.classList.toggle("on", (arrow.x !== 0 && arrow.x === x) || (arrow.y !== 0 && arrow.y === y));
    }
  }

  private aim(event: PointerEvent | undefined): void {
    if (event === undefined) return;
    clearTimeout(this.#timer);
    const { left, top, width, height } = this.#cross.getBoundingClientRect();
    const x = ((event.clientX - left) / width) * 2 - 1;
    const y = ((event.clientY - top) / height) * 2 - 1;
    const next = this.arrowsAt(x, y);
    if (!isSame(next, CENTER) && !isSame(next, this.value)) this.tap();
    this.point(next);
  }

  private arrowsAt(x: number, y: number): StickPosition {
    const length = Math.hypot(x, y);
    if (length < DEAD_ZONE) return CENTER;
    if (!this.hasAttribute("four")) {
      const step = (part: number): number => (Math.abs(part) / length > DIAGONAL ? Math.sign(part) : 0);
      return { x: step(x), y: step(y) };
    }
    return Math.abs(x) > Math.abs(y) ? { x: Math.sign(x), y: 0 } : { x: 0, y: Math.sign(y) };
  }

  private press(arrow: StickPosition): void {
    clearTimeout(this.#timer);
    this.point(arrow);
    this.#timer = setTimeout(() => this.center(), PRESS_MS);
  }

  private fit(): void {
    const size = Math.min(this.#pad.clientWidth, this.#pad.clientHeight, MAX_SIZE_PX);
    if (size > 0) this.#cross.style.setProperty("--size", `${size}px`);
  }
}
