/** `<cw-choice>`: one of some answers. */
import type { Release } from "../kit/kit-element.ts";
import { node, picture, setAttributes } from "../kit/node.ts";
import { css } from "../kit/theme.ts";
import { watchSize } from "../kit/watch-size.ts";
import { CONTROL_WORDS, Control, ICONS, watchKeyboard } from "./base.ts";

declare global {
  interface HTMLElementTagNameMap {
    "cw-choice": ChoiceElement;
  }
}

/** A label of more characters takes a row of its own. */
const SHORT_LABEL = 22;

const STYLE = css`
  :host([disabled]) .frame {
    opacity: 1;
  }
  .options {
    display: grid;
    grid-template-columns: 1fr;
    gap: 0.6em;
  }
  .options.two {
    grid-template-columns: 1fr 1fr;
  }
  .two button:last-child:nth-child(odd) {
    grid-column: 1 / -1;
  }
  button {
    position: relative;
    display: flex;
    align-items: center;
    gap: 0.7em;
    min-width: 0;
    min-height: 3.4em;
    padding: 0.6em 0.8em;
    border-radius: var(--radius);
    border: 2px solid var(--line);
    background: var(--paper);
    font-size: 1.1em;
    font-weight: 700;
    line-height: 1.2;
    text-align: start;
    transition: transform 0.1s;
  }
  button:active:not([aria-disabled="true"]) {
    transform: scale(0.98);
  }
  .mark {
    flex: none;
    display: flex;
    align-items: center;
    justify-content: center;
    width: 1.7em;
    height: 1.7em;
    border-radius: 50%;
    border: 2px solid var(--line);
    font-size: 0.9em;
    font-variant-numeric: tabular-nums;
  }
  .mark svg {
    width: 72%;
  }
  .text {
    flex: 1;
    min-width: 0;
    overflow-wrap: break-word;
    -webkit-hyphens: auto;
    hyphens: auto;
  }
  .two .text {
    overflow-wrap: normal;
    -webkit-hyphens: manual;
    hyphens: manual;
  }
  .pictured {
    flex-direction: column;
    align-items: stretch;
    gap: 0.5em;
    padding: 0.5em;
  }
  .pictured img {
    width: 100%;
    height: 7.5em;
    object-fit: cover;
    border-radius: calc(var(--radius) * 0.6);
    pointer-events: none;
  }
  .pictured .mark {
    position: absolute;
    left: 0.7em;
    top: 0.7em;
    background: var(--paper);
  }
  .pictured .text {
    flex: none;
    text-align: center;
  }
  .colored,
  .colored .mark {
    border-color: var(--accent);
  }
  .colored .mark {
    background: var(--accent);
    color: var(--on-accent);
  }
  [aria-checked="true"] {
    border-color: var(--accent);
    background: var(--accent);
    color: var(--on-accent);
  }
  [aria-checked="true"] .mark {
    border-color: currentColor;
    background: none;
    color: inherit;
  }
  .pictured[aria-checked="true"] .mark {
    border-color: var(--accent);
    background: var(--accent);
  }
  [aria-disabled="true"]:not([aria-checked="true"]) {
    opacity: 0.62;
    cursor: default;
  }
`;

/** One answer. A text or a number is its own label and value. */
export interface ChoiceOption {
  readonly label: string;
  /** What is sent: anything that JSON can hold. @default the label */
  readonly value?: unknown;
  readonly disabled?: boolean;
  /** The address of a picture. */
  readonly image?: string;
  /** A CSS colour of its own, such as that of the same answer on the TV. @default `--cw-accent` once it is chosen */
  readonly color?: string;
}

/**
 * Sends the value of the option that is chosen. The options are the property `options`, or `<option>` elements inside. Attributes: `once`
 * holds the first choice; `label` is the question for screen readers; `keys="none"` keeps the keys 1 to 9 from choosing.
 */
export class ChoiceElement extends Control<unknown> {
  readonly #list = node("div", { class: "options", role: "radiogroup" });
  #options: readonly ChoiceOption[] | undefined;
  /** Place in the list; −1: none. */
  #chosen = -1;
  #focused = 0;
  /** What the buttons show. */
  #face = "";

  static override readonly observedAttributes: readonly string[] = ["disabled", "label", "once", "keys"];

  constructor() {
    super(STYLE);
    this.frame.append(this.#list);
    this.#list.addEventListener("keydown", (event) => this.move(event));
  }

  get options(): readonly ChoiceOption[] {
    return this.#options ?? [...this.querySelectorAll("option")].map(optionOf);
  }

  /** Replaces the answers; none is chosen then. The same answers again disturb neither a press under way nor the focus. */
  set options(options: Iterable<ChoiceOption | string | number>) {
    const before = faceOf(this.options);
    this.#options = [...options].map((option) => (typeof option === "object" ? option : toOption(option)));
    if (faceOf(this.options) !== before) this.#focused = 0;
    this.#chosen = -1;
    if (this.isConnected) this.draw();
  }

  /** What is chosen, or `undefined`. Setting it shows a choice and sends nothing. */
  get value(): unknown {
    const option = this.options[this.#chosen];
    return option && valueOf(option);
  }

  set value(value: unknown) {
    const text = JSON.stringify(value);
    this.#chosen = this.options.findIndex((option) => JSON.stringify(valueOf(option)) === text);
    if (this.isConnected) this.draw();
  }

  /** Takes the choice back, for the next question. Sends nothing. */
  reset(): void {
    this.#chosen = -1;
    this.#focused = 0;
    if (this.isConnected) this.draw();
  }

  protected override listen(): readonly Release[] {
    const keyboard = {
      press: (code: string): boolean => {
        const [, digit] = /^(?:Digit|Numpad)([1-9])$/.exec(code) ?? [];
        if (digit === undefined || this.getAttribute("keys") === "none") return false;
        this.choose(Number(digit) - 1);
        return true;
      },
      lift: (): void => {},
    };
    const children = new MutationObserver(() => this.draw());
    children.observe(this, { childList: true, subtree: true, characterData: true });
    return [
      ...super.listen(),
      watchKeyboard(this, keyboard, () => !this.disabled),
      () => children.disconnect(),
      watchSize(this.#list, () => this.fit()),
    ];
  }

  protected override draw(): void {
    const { options } = this;
    const focused = this.shadowRoot?.activeElement ?? null;
    this.#list.setAttribute("aria-label", this.getAttribute("label") ?? this.say(CONTROL_WORDS.choose));
    // Buttons that show what they did stay in the page, or a press that has begun on one of them would choose nothing.
    const face = `${this.language.tag} ${faceOf(options)}`;
    if (face !== this.#face) this.#list.replaceChildren(...options.map((option, index) => this.build(option, index)));
    this.#face = face;
    const { buttons } = this;
    for (const [index, button] of buttons.entries()) this.mark(button, index, options[index]);
    if (focused !== null && focused !== buttons[this.#focused]) buttons[this.#focused]?.focus();
    this.fit();
  }

  /** Pictures stand in two columns, and so do four or more short answers whose words have room there. */
  private fit(): void {
    const { options } = this;
    const { classList } = this.#list;
    const hasPictures = options.some(({ image }) => image !== undefined);
    classList.toggle("two", hasPictures || isShort(options));
    if (hasPictures) return;
    const texts = [...this.#list.querySelectorAll(".text")];
    if (texts.some(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth)) classList.remove("two");
  }

  private get buttons(): readonly HTMLButtonElement[] {
    return [...this.#list.querySelectorAll("button")];
  }

  private build(option: ChoiceOption, index: number): HTMLElement {
    const button = node("button", { type: "button", role: "radio" });
    const text = node("span", { class: "text", dir: "auto" }, option.label);
    if (option.image !== undefined) {
      button.classList.add("pictured");
      button.append(node("img", { src: option.image, alt: "" }));
    }
    if (option.color !== undefined && CSS.supports("color", option.color)) {
      button.classList.add("colored");
      button.style.setProperty("--accent", option.color);
    }
    button.append(node("span", "mark"), text);
    button.addEventListener("focus", () => (this.#focused = index));
    button.addEventListener("click", () => this.choose(index));
    return button;
  }

  /** Shows whether this option is chosen, and whether it can be. */
  private mark(button: HTMLButtonElement, index: number, option: ChoiceOption | undefined): void {
    const isChosen = index === this.#chosen;
    const wasChosen = button.getAttribute("aria-checked");
    setAttributes(button, {
      "aria-checked": String(isChosen),
      "aria-disabled": String(option === undefined || !this.isFree(option)),
      tabindex: index === this.#focused ? 0 : -1,
    });
    if (button.classList.contains("colored")) this.settleAccent(button);
    if (wasChosen === String(isChosen)) return;
    const mark = isChosen ? picture(ICONS.check, "mark") : node("span", { class: "mark", "aria-hidden": "true" });
    if (!isChosen) mark.textContent = new Intl.NumberFormat(this.language.tag).format(index + 1);
    button.querySelector(".mark")?.replaceWith(mark);
  }

  private isFree({ disabled = false }: ChoiceOption): boolean {
    return !disabled && !this.disabled && !(this.hasAttribute("once") && this.#chosen >= 0);
  }

  private choose(index: number): void {
    const option = this.options[index];
    if (option === undefined || index === this.#chosen || !this.isFree(option)) return;
    this.#chosen = index;
    this.#focused = index;
    this.tap();
    this.draw();
    this.send(valueOf(option));
  }

  /** Arrow keys go from option to option and choose none: choosing sends. */
  private move(event: KeyboardEvent): void {
    const step = STEPS[event.key];
    const { buttons } = this;
    const count = buttons.length;
    if (step === undefined || count === 0) return;
    event.preventDefault();
    const sign = event.key.endsWith("t") && getComputedStyle(this.#list).direction === "rtl" ? -1 : 1;
    this.#focused = (this.#focused + step * sign + count) % count;
    for (const [index, button] of buttons.entries())
      setAttributes(button, { tabindex: index === this.#focused ? 0 : -1 });
    buttons[this.#focused]?.focus();
  }
}

const STEPS: Readonly<Record<string, number>> = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 };

function valueOf({ label, value = label }: ChoiceOption): unknown {
  return value;
}

function toOption(value: string | number): ChoiceOption {
  return { label: String(value), value };
}

function optionOf({ label, value, disabled, dataset: { image, color } }: HTMLOptionElement): ChoiceOption {
  return { label, value, disabled, ...(image !== undefined && { image }), ...(color !== undefined && { color }) };
}

/** What the buttons of these options show and send, but for what changes while they are shown. */
function faceOf(options: readonly ChoiceOption[]): string {
  return JSON.stringify(options.map((option) => [option.label, valueOf(option), option.image, option.color]));
}

function isShort(options: readonly ChoiceOption[]): boolean {
  return options.length > 3 && options.every(({ label }) => label.length <= SHORT_LABEL);
}
