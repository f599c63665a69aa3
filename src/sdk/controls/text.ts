/** `<cw-text>`: a text to write and send. */
import type { Release } from "../kit/kit-element.ts";
import { node, picture, setAttributes, setText } from "../kit/node.ts";
import { css } from "../kit/theme.ts";
import { CONTROL_WORDS, Control, ICONS, keepDraft, type Draft } from "./base.ts";
import { charactersOf } from "./characters.ts";

declare global {
  interface HTMLElementTagNameMap {
    "cw-text": TextElement;
  }
}

const DEFAULT_LIMIT = 140;
const MAX_LIMIT = 10_000;
/** From here on the counter warns. */
const FEW_LEFT = 10;

const STYLE = css`
  form {
    display: flex;
    flex-wrap: wrap;
    gap: 0.5em;
    align-items: flex-end;
  }
  .field {
    flex: 1 1 7em;
    min-width: 0;
    min-height: 3.2em;
    margin: 0;
    padding: 0.75em 0.9em;
    border: 2px solid var(--line);
    border-radius: var(--radius);
    background: var(--paper);
    color: inherit;
    font: inherit;
    font-size: max(1.1em, 16px);
    line-height: 1.3;
    resize: none;
    -webkit-appearance: none;
    appearance: none;
    -webkit-user-select: text;
    user-select: text;
  }
  textarea.field {
    flex-basis: 100%;
  }
  .field:focus {
    border-color: var(--accent);
  }
  .field::placeholder {
    color: inherit;
    opacity: 0.6;
  }
  .field[readonly] {
    opacity: 0.7;
  }
  .primary {
    display: flex;
    align-items: center;
    justify-content: center;
    gap: 0.4em;
    min-height: 3.2em;
    padding: 0.6em 1.1em;
    font-size: 1.1em;
  }
  .primary svg {
    width: 1.3em;
    flex: none;
  }
  .below {
    order: 3;
    flex: 1 0 100%;
    display: flex;
    justify-content: space-between;
    gap: 1em;
    min-height: 1.4em;
    font-size: 0.9em;
  }
  textarea ~ .below {
    order: 0;
    flex: 1 1 40%;
    align-self: center;
  }
  .few {
    font-weight: 800;
  }
  .wrong {
    color: var(--accent);
    font-weight: 700;
  }
  .count {
    margin-inline-start: auto;
    font-variant-numeric: tabular-nums;
  }
`;

/**
 * Sends the text, without the space around it, when it is handed in; `accept` may refuse it. Until then it is kept, over a reload too. Attributes: `maxlength`
 * (140), in characters as people count them; `multiline`; `rows` (3) of these; `placeholder`; `label`; `once` takes one text alone; `button`
 * is what the button says.
 */
export class TextElement extends Control<string> {
  readonly #form = node("form", { novalidate: true });
  readonly #line = node("input", {
    class: "field",
    type: "text",
    autocomplete: "off",
    enterkeyhint: "send",
  });
  readonly #lines = node("textarea", { class: "field" });
  readonly #word = node("span");
  readonly #submit = node("button", { class: "primary", type: "submit" }, this.#word);
  readonly #news = node("span", { role: "status" });
  readonly #count = node("span", { class: "count", "aria-hidden": "true" });
  readonly #heard = node("span", { class: "heard", role: "status" });
  #draft: Draft | undefined;
  #isSent = false;
  /** `accept` has not decided yet. */
  #asked: Promise<unknown> | undefined;

  /**
   * Asked with each text that is handed in, before it is sent. A sentence that it returns, or promises, refuses the text: it stands beneath the field, and the
   * text stays there to be changed; `""` stands for a sentence of the kit's. Anything else lets the text go. Where the promise is rejected the text stays as well.
   * `text.accept = (word) => me.ask("word", word)` leaves it to the TV.
   */
  accept: ((text: string) => unknown) | undefined = undefined;

  static override readonly observedAttributes: readonly string[] = [
    "disabled",
    "label",
    "maxlength",
    "multiline",
    "rows",
    "placeholder",
    "once",
    "button",
  ];

  constructor() {
    super(STYLE);
    const below = node("div", { class: "below" }, this.#news, this.#count, this.#heard);
    this.#submit.append(picture(ICONS.send, ""));
    this.#form.append(this.#line, below, this.#submit);
    this.frame.append(this.#form);
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.submit();
    });
    this.#form.addEventListener("input", (event) => {
      if (!(event instanceof InputEvent && event.isComposing)) this.typed();
    });
    this.#form.addEventListener("compositionend", () => this.typed());
    this.#lines.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) this.submit();
    });
  }

  /** What stands in the field. */
  get value(): string {
    return this.field.value;
  }

  set value(text: string) {
    this.field.value = text;
    this.typed();
  }

  /** Hands the text in, as the button does. An empty one is not sent. */
  submit(): void {
    const text = this.value.trim();
    if (text === "" || this.disabled || this.isShut) return;
    if (this.accept === undefined) this.pass(text);
    else void this.ask(text, this.accept);
  }

  private async ask(text: string, accept: (text: string) => unknown): Promise<void> {
    const asked = Promise.resolve(text).then((word) => accept(word));
    this.#asked = asked;
    this.draw();
    const verdict = await asked.catch((error: unknown) => {
      console.warn("<cw-text> keeps its text, because `accept` failed:", error);
      return "";
    });
    if (this.#asked !== asked) return; // the page has gone on to the next question
    this.#asked = undefined;
    this.draw();
    if (typeof verdict !== "string") return this.pass(text);
    this.news(verdict.trim() || this.say(CONTROL_WORDS.notSent), true);
    this.focus();
  }

  private pass(text: string): void {
    if (!this.hand(text)) return;
    this.#isSent = true;
    if (!this.hasAttribute("once")) this.field.value = "";
    this.#draft?.save("");
    this.tap();
    this.draw();
    this.news(this.say(CONTROL_WORDS.sent));
  }

  /** Empties the field, for the next question. Sends nothing. */
  reset(): void {
    this.#isSent = false;
    this.#asked = undefined;
    this.value = "";
    this.draw();
  }

  override focus(): void {
    this.field.focus();
  }

  protected override listen(): readonly Release[] {
    this.#draft =
      this.target &&
      keepDraft(this.target, this.eventName, (text) => {
        if (this.value === "") this.value = text;
      });
    return [...super.listen(), () => this.#draft?.drop()];
  }

  protected override draw(): void {
    const field = this.hasAttribute("multiline") ? this.#lines : this.#line;
    if (this.field !== field) {
      field.value = this.field.value;
      this.field.replaceWith(field);
    }
    setAttributes(field, {
      "aria-label": this.getAttribute("label") ?? this.say(CONTROL_WORDS.yourText),
      placeholder: this.getAttribute("placeholder") ?? this.say(CONTROL_WORDS.yourText),
      readonly: this.isShut,
      disabled: this.disabled,
      inputmode: this.getAttribute("inputmode") ?? undefined,
      rows: this.getAttribute("rows") ?? 3,
    });
    setText(this.#word, this.getAttribute("button") ?? this.say(CONTROL_WORDS.send));
    this.count();
  }

  private get field(): HTMLInputElement | HTMLTextAreaElement {
    return this.#lines.parentNode === null ? this.#line : this.#lines;
  }

  /** The one text of `once` is sent. */
  private get isDone(): boolean {
    return this.#isSent && this.hasAttribute("once");
  }

  /** It takes no other text now. */
  private get isShut(): boolean {
    return this.#asked !== undefined || this.isDone;
  }

  private news(text: string, isWrong = false): void {
    setText(this.#news, text);
    this.#news.classList.toggle("wrong", isWrong);
  }

  /** `false` where it was not sent: then the text stays. A control that is not bound tells the page alone. */
  private hand(text: string): boolean {
    let isSent = false;
    try {
      isSent = this.send(text) || this.target === undefined;
    } finally {
      if (!isSent) this.news(this.say(CONTROL_WORDS.notSent), true);
    }
    return isSent;
  }

  private typed(): void {
    const { field, limit } = this;
    const characters = charactersOf(field.value);
    if (characters.length > limit) field.value = characters.slice(0, limit).join("");
    this.#draft?.save(field.value);
    this.news("");
    this.count();
  }

  private count(): void {
    // An empty field has the direction of the page.
    setAttributes(this.field, { dir: this.value === "" ? undefined : "auto" });
    const left = this.limit - charactersOf(this.value).length;
    const format = new Intl.NumberFormat(this.language.tag);
    setText(this.#count, format.format(left));
    this.#count.classList.toggle("few", left <= FEW_LEFT);
    setText(this.#heard, left <= FEW_LEFT ? this.say(CONTROL_WORDS.charactersLeft, { n: format.format(left) }) : "");
    this.#submit.setAttribute("aria-disabled", String(this.value.trim() === "" || this.disabled || this.isShut));
  }

  private get limit(): number {
    return this.numberOf("maxlength", DEFAULT_LIMIT, 1, MAX_LIMIT);
  }
}
