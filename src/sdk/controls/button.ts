/** `<cw-button>`: a large button that is felt. */
import type { Release } from "../kit/kit-element.ts";
import { node } from "../kit/node.ts";
import { css } from "../kit/theme.ts";
import { CONTROL_WORDS, Control, calmPage, grip, watchKeyboard, type LetGo } from "./base.ts";

declare global {
  interface HTMLElementTagNameMap {
    "cw-button": ButtonElement;
  }
}

/** How long it is down where a screen reader presses it. */
const PRESS_MS = 100;
/** The key of the first button of a page that has no `key` of its own. */
const FIRST_KEY = "Space";

/** The largest that fits is taken. */
const FACE_SIZES = ["", "1.1em", "0.95em", "0.8em"];

const STYLE = css`
  :host {
    height: 7rem;
  }
  button {
    position: relative;
    width: 100%;
    height: 100%;
    padding: 0.4em 0.4em 0.75em;
    border-radius: calc(var(--radius) * 1.6);
    background: linear-gradient(rgba(255, 255, 255, 0.16), rgba(255, 255, 255, 0) 60%), var(--accent);
    box-shadow:
      inset 0 -0.42em 0 rgba(0, 0, 0, 0.24),
      0 0.2em 0.5em rgba(0, 0, 0, 0.25);
    color: var(--on-accent);
    font-size: 1.25em;
    font-weight: 800;
    line-height: 1.1;
    touch-action: none;
  }
  :host([round]) {
    display: flex;
    align-items: center;
    justify-content: center;
  }
  :host([round]) .frame {
    width: var(--size);
    height: var(--size);
  }
  :host([round]) button {
    border-radius: 50%;
  }
  .down {
    padding: 0.65em 0.4em 0.5em;
    box-shadow:
      inset 0 0.24em 0.3em rgba(0, 0, 0, 0.28),
      0 0.1em 0.2em rgba(0, 0, 0, 0.2);
  }
  :host([plain]) {
    display: inline-block;
    max-width: 100%;
    height: auto;
    vertical-align: middle;
  }
  :host([plain]) button {
    height: auto;
    padding: 0.6em 0.2em;
    border-radius: var(--radius);
    background: var(--accent);
    box-shadow: none;
    font-size: 1em;
  }
  /* In a place that is narrower than its words and the space beside them, the space gives way. */
  :host([plain]) .face {
    display: flex;
    justify-content: center;
  }
  :host([plain]) .face::before,
  :host([plain]) .face::after {
    content: "";
    width: 1.4em;
    flex-shrink: 9999;
  }
  :host([plain]) .down {
    transform: scale(0.97);
  }
`;

/** What `<cw-button>` sends when it is pressed and when it is let go. */
export interface ButtonPress {
  readonly down: boolean;
}

/**
 * Sends `{ down: true }` and `{ down: false }`. What stands in the element is its face. It tells the page `click` as any button does, once it is let go where it was pressed.
 * Attributes: `round`; `plain`: as large as its words, for a button beside a text; `key` is the key that
 * presses it from anywhere in the page, as `KeyboardEvent.code` names it (the first button of a page that is not `plain`: `Space`).
 */
export class ButtonElement extends Control<ButtonPress> {
  readonly #button = node("button", { type: "button" });
  readonly #word = node("slot");
  readonly #lift: LetGo;
  #isDown = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  static override readonly observedAttributes: readonly string[] = ["disabled", "label", "key", "round"];

  constructor() {
    super(STYLE);
    this.#button.append(node("span", { class: "face" }, node("span", {}, this.#word)));
    this.#word.addEventListener("slotchange", () => this.fit());
    this.frame.append(this.#button);
    const end = (event?: PointerEvent): void => {
      this.release();
      if (event !== undefined && isOver(event, this.#button)) this.click();
    };
    this.#lift = grip(this.#button, { start: () => this.press(), end }, () => !this.disabled);
    // The browser tells no click of a finger, whose touches are the control's: all clicks are the control's own.
    this.#button.addEventListener("click", (event) => {
      event.stopPropagation();
      if (event.detail === 0) this.pressBriefly();
    });
  }

  /** Whether it is pressed now. */
  get value(): boolean {
    return this.#isDown;
  }

  override focus(options?: FocusOptions): void {
    this.#button.focus(options);
  }

  protected override letGo(): void {
    clearTimeout(this.#timer);
    this.#lift();
    this.release();
  }

  /** A press is said once to each TV: a phone that was away has not pressed anew. */
  protected override sayAgain(isTvNew: boolean): void {
    if (isTvNew && this.#isDown) this.send({ down: true });
  }

  protected override listen(): readonly Release[] {
    const keyboard = {
      press: (code: string): boolean => {
        if (!this.isKey(code)) return false;
        this.press();
        return true;
      },
      lift: (): void => {
        const isPressed = this.#isDown;
        this.release();
        if (isPressed) this.click();
      },
    };
    const observer = new ResizeObserver(() => this.fit());
    observer.observe(this);
    return [
      ...super.listen(),
      calmPage(),
      watchKeyboard(this, keyboard, () => !this.disabled),
      () => observer.disconnect(),
    ];
  }

  protected override draw(): void {
    this.#button.disabled = this.disabled;
    const label = this.getAttribute("label");
    if (label === null) this.#button.removeAttribute("aria-label");
    else this.#button.setAttribute("aria-label", label);
    this.#word.textContent = label ?? this.say(CONTROL_WORDS.press);
    this.fit();
  }

  private press(): void {
    clearTimeout(this.#timer);
    if (this.#isDown) return;
    this.#isDown = true;
    this.#button.classList.add("down");
    this.tap();
    this.send({ down: true });
  }

  private release(): void {
    if (!this.#isDown) return;
    this.#isDown = false;
    this.#button.classList.remove("down");
    this.send({ down: false });
  }

  /** A screen reader tells of a whole click alone. */
  private pressBriefly(): void {
    if (this.disabled || this.#isDown) return;
    this.press();
    this.#timer = setTimeout(() => this.release(), PRESS_MS);
    this.click();
  }

  private isKey(code: string): boolean {
    if (this.shadowRoot?.activeElement === this.#button && (code === "Space" || code === "Enter")) return true;
    const key = this.getAttribute("key");
    if (key !== null) return key === code;
    return code === FIRST_KEY && !this.hasAttribute("plain") && firstPlayable(this.getRootNode()) === this;
  }

  /** A circle is as large as its place, and a face whose words are too long for it is smaller. */
  private fit(): void {
    const { style } = this.#button;
    this.frame.style.setProperty("--size", `${Math.min(this.clientWidth, this.clientHeight)}px`);
    for (const size of FACE_SIZES) {
      style.fontSize = size;
      if (this.#button.scrollWidth <= this.#button.clientWidth) break;
    }
  }
}

/** Whether a finger was lifted where it had pressed: one that slid away has thought better of it. */
function isOver({ clientX, clientY }: PointerEvent, element: Element): boolean {
  const { left, right, top, bottom } = element.getBoundingClientRect();
  return clientX >= left && clientX <= right && clientY >= top && clientY <= bottom;
}

/** The first button of the page that can be pressed and has no key of its own. */
function firstPlayable(root: Node): Element | undefined {
  if (!(root instanceof Document || root instanceof ShadowRoot)) return undefined;
  return [...root.querySelectorAll("cw-button:not([key]):not([disabled]):not([plain])")].find(
    (button) => button.getClientRects().length > 0,
  );
}
