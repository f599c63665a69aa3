/** `<cw-swipe>`: a surface to swipe and tap. */
import type { Release } from "../kit/kit-element.ts";
import { node } from "../kit/node.ts";
import { css } from "../kit/theme.ts";
import { CONTROL_WORDS, Control, ICONS, calmPage, grip, watchKeyboard, type LetGo } from "./base.ts";

declare global {
  interface HTMLElementTagNameMap {
    "cw-swipe": SwipeElement;
  }
}

/** What `<cw-swipe>` sends: a direction, or a tap. */
export type Swipe = "left" | "right" | "up" | "down" | "tap";

/** A finger that has moved so far swipes. */
const SWIPE_PX = 32;
/** A finger that has moved more than this, or stays longer, does not tap. */
const TAP_PX = 14;
const TAP_MS = 600;

const DIRECTIONS = ["up", "down", "left", "right"] as const;
const KEYS: Readonly<Record<string, Swipe>> = {
  ArrowUp: "up",
  ArrowDown: "down",
  ArrowLeft: "left",
  ArrowRight: "right",
  KeyW: "up",
  KeyS: "down",
  KeyA: "left",
  KeyD: "right",
  Space: "tap",
  Enter: "tap",
};

const STYLE = css`
  :host {
    height: 12rem;
  }
  .pad {
    position: relative;
    width: 100%;
    height: 100%;
    min-height: 132px;
    display: flex;
    align-items: center;
    justify-content: center;
    padding: 3em;
    border-radius: calc(var(--radius) * 1.4);
    border: 2px dashed var(--line);
    background: var(--paper);
    touch-action: none;
    overflow: hidden;
    cursor: pointer;
  }
  .hint {
    font-size: 1.1em;
    font-weight: 700;
    text-align: center;
    pointer-events: none;
  }
  .arrow {
    position: absolute;
    width: 2em;
    height: 2em;
    opacity: 0.5;
    pointer-events: none;
  }
  .up,
  .down {
    left: calc(50% - 1em);
  }
  .up {
    top: 0.5em;
  }
  .down {
    bottom: 0.5em;
  }
  .left,
  .right {
    top: calc(50% - 1em);
  }
  .left {
    left: 0.5em;
  }
  .right {
    right: 0.5em;
  }
  .flash {
    position: absolute;
    left: calc(50% - 2.5em);
    top: calc(50% - 2.5em);
    width: 5em;
    height: 5em;
    border-radius: 50%;
    background: var(--accent);
    color: var(--on-accent);
    opacity: 0;
    pointer-events: none;
    animation: swiped 0.45s ease-out;
  }
  .flash svg {
    padding: 1em;
  }
  @keyframes swiped {
    from {
      opacity: 0.95;
      transform: scale(0.7);
    }
    to {
      opacity: 0;
      transform: translate(var(--x), var(--y)) scale(1.1);
    }
  }
`;

const WAY: Readonly<Record<Swipe, readonly [string, string]>> = {
  up: ["0", "-4em"],
  down: ["0", "4em"],
  left: ["-4em", "0"],
  right: ["4em", "0"],
  tap: ["0", "0"],
};

/** Sends `"left"`, `"right"`, `"up"`, `"down"` as soon as a finger has gone that way, and `"tap"` when it is lifted at once. */
export class SwipeElement extends Control<Swipe> {
  readonly #pad = node("div", { class: "pad", role: "application", tabindex: 0 });
  readonly #hint = node("span", { class: "hint", "aria-hidden": "true" });
  readonly #heard = node("span", { class: "heard", role: "status" });
  readonly #lift: LetGo;
  #from = { x: 0, y: 0, at: 0 };
  #isSwiped = false;

  static override readonly observedAttributes: readonly string[] = ["disabled", "label", "keys"];

  constructor() {
    super(STYLE);
    for (const direction of DIRECTIONS) {
      const arrow = node("span", { class: `arrow ${direction}` });
      arrow.innerHTML = ICONS[direction];
      this.#pad.append(arrow);
    }
    this.#pad.append(this.#hint);
    this.frame.append(this.#pad, this.#heard);
    this.#lift = grip(
      this.#pad,
      {
        start: ({ clientX, clientY, timeStamp }) => {
          this.#from = { x: clientX, y: clientY, at: timeStamp };
          this.#isSwiped = false;
        },
        move: (events) => this.follow(events[events.length - 1]),
        end: (event) => this.end(event),
      },
      () => !this.disabled,
    );
    this.#pad.addEventListener("click", ({ detail }) => {
      if (detail === 0 && !this.disabled) this.swiped("tap"); // a screen reader's
    });
  }

  protected override letGo(): void {
    this.#lift();
  }

  protected override listen(): readonly Release[] {
    const keyboard = {
      press: (code: string): boolean => {
        const swipe = KEYS[code];
        if (swipe === undefined || this.getAttribute("keys") === "none") return false;
        this.swiped(swipe);
        return true;
      },
      lift: (): void => {},
    };
    return [...super.listen(), calmPage(), watchKeyboard(this, keyboard, () => !this.disabled)];
  }

  protected override draw(): void {
    const label = this.getAttribute("label") ?? this.say(CONTROL_WORDS.swipe);
    this.#hint.textContent = label;
    this.#pad.setAttribute("aria-label", `${label}. ${this.say(CONTROL_WORDS.swipeHelp)}`);
    this.#pad.setAttribute("aria-disabled", String(this.disabled));
  }

  private follow(event: PointerEvent | undefined): void {
    if (event === undefined || this.#isSwiped) return;
    const x = event.clientX - this.#from.x;
    const y = event.clientY - this.#from.y;
    if (Math.hypot(x, y) < SWIPE_PX) return;
    this.#isSwiped = true;
    if (Math.abs(x) > Math.abs(y)) this.swiped(x < 0 ? "left" : "right");
    else this.swiped(y < 0 ? "up" : "down");
  }

  /** Without an event the finger was taken away: that is no tap. */
  private end(event: PointerEvent | undefined): void {
    if (event === undefined) return;
    this.follow(event);
    if (this.#isSwiped || event.timeStamp - this.#from.at > TAP_MS) return;
    if (Math.hypot(event.clientX - this.#from.x, event.clientY - this.#from.y) <= TAP_PX) this.swiped("tap");
  }

  private swiped(swipe: Swipe): void {
    this.tap();
    this.flash(swipe);
    this.#heard.textContent = this.say(CONTROL_WORDS[swipe]);
    this.send(swipe);
  }

  private flash(swipe: Swipe): void {
    const flash = node("span", { class: "flash", "aria-hidden": "true" });
    const [x, y] = WAY[swipe];
    flash.style.setProperty("--x", x);
    flash.style.setProperty("--y", y);
    if (swipe !== "tap") flash.innerHTML = ICONS[swipe];
    flash.addEventListener("animationend", () => flash.remove());
    this.#pad.querySelector(".flash")?.remove();
    this.#pad.append(flash);
  }
}
