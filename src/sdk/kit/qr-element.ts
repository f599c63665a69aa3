/** `<cw-qr>`: a text as a QR code, or the address of a room. */
import { qrSvg } from "../index.ts";
import { KitElement, type Release } from "./kit-element.ts";
import { node, setAttributes, setText } from "./node.ts";
import { css } from "./theme.ts";
import { WORDS } from "./words.ts";

declare global {
  interface HTMLElementTagNameMap {
    "cw-qr": QrElement;
  }
}

/** A room whose address phones open. */
export interface InvitingRoom {
  readonly joinUrl: string;
  readonly code: string;
  on(event: "moved" | "reopened", listener: () => void): Release;
}

const STYLES = css`
  :host {
    width: 16em;
    max-width: 100%;
  }
  /* One em is a fourteenth of the code's width, whatever the type around the card: all in it keeps its proportions. */
  .frame {
    padding: 6%;
    border-radius: var(--radius);
    background: #fff;
    font-size: calc(var(--width, 14em) / 14);
  }
  svg {
    display: block;
    width: 100%;
    height: auto;
  }
  p {
    margin-top: 0.5em;
    color: #000;
    font-size: max(0.6em, min(1.2em, calc(14em / var(--letters) * 1.45)));
    font-weight: 700;
    line-height: 1.15;
    text-align: center;
    overflow-wrap: anywhere;
  }
  p span {
    display: inline-block;
    max-width: 100%;
  }
  .cover {
    display: flex;
    flex-direction: column;
    align-items: center;
    justify-content: center;
    gap: 0.5em;
    margin-top: 0.5em;
    color: #000;
    font-size: calc(14em / 12);
    font-weight: 700;
    line-height: 1.15;
    text-align: center;
  }
  .cover button {
    max-width: 100%;
    padding: 0.3em 0.7em;
  }
  /* As large as the code would be. */
  .is-covered div:first-child {
    padding-top: 100%;
    border-radius: 0.4em;
    background: repeating-linear-gradient(45deg, #0000000d 0 0.5em, #0000001f 0.5em 1em);
  }
  .is-covered .cover {
    position: absolute;
    top: 0;
    right: 0;
    bottom: 0;
    left: 0;
    margin: 0;
    padding: 0.6em;
  }
  /* Four of the widest letters are as wide as this, and on one line at any width. */
  b {
    display: block;
    font-size: calc(var(--width, 14em) / 6.5);
    white-space: nowrap;
    font-weight: 900;
    letter-spacing: 0.08em;
    text-indent: 0.08em;
  }
`;

/** Shows what `streamer` hides, and hides it again: of the codes on the screen those that no panel covers. The overlay of a stream has the same key. */
const COVER_KEY = "C";

/** `<cw-qr>`: a QR code, of a room or of any text. With `streamer` it is hidden until a person asks for it; then it fires `reveal`. */
export class QrElement extends KitElement {
  static readonly observedAttributes = ["value", "caption", "streamer"];
  readonly #picture = node("div");
  readonly #caption = node("p", { dir: "ltr" });
  readonly #state = node("span", { role: "status" });
  readonly #uncover = node("button", { class: "primary", type: "button", "aria-keyshortcuts": COVER_KEY });
  readonly #cover = node("div", "cover", this.#state, this.#uncover);
  #room: InvitingRoom | undefined;
  #shown = "";
  /** A person has asked for what `streamer` hides. */
  #isAsked = false;

  constructor() {
    super(STYLES);
    this.frame.append(this.#picture, this.#caption, this.#cover);
    this.#uncover.addEventListener("click", () => this.uncover(!this.#isAsked));
  }

  /** Shows the address of this room, and the new one when it moves. */
  bind(room: InvitingRoom): void {
    this.#room = room;
    this.rebind();
  }

  /** The text of the code: the attribute `value`, or the address of the room. */
  get value(): string {
    return this.getAttribute("value") ?? this.#room?.joinUrl ?? "";
  }

  set value(text: string) {
    this.setAttribute("value", text);
  }

  /** Whether `streamer` hides the code now. The event `reveal` tells of each change; its `detail` says whether the code is shown. */
  get isCovered(): boolean {
    return this.hasAttribute("streamer") && !this.#isAsked;
  }

  protected override listen(): readonly Release[] {
    const room = this.#room;
    const pressed = (event: KeyboardEvent): void => {
      if (isCoverKey(event) && this.isOnScreen && isInFront(this.#uncover)) this.uncover(!this.#isAsked);
    };
    document.addEventListener("keydown", pressed);
    const observer = new ResizeObserver(() => this.fit());
    observer.observe(this.#picture);
    const draws = (["moved", "reopened"] as const).map((event) => room?.on(event, () => this.draw()));
    return [
      () => observer.disconnect(),
      () => document.removeEventListener("keydown", pressed),
      ...draws.flatMap((release) => release ?? []),
    ];
  }

  protected override draw(): void {
    const { isCovered } = this;
    const isStreamer = this.hasAttribute("streamer");
    if (!isStreamer) this.#isAsked = false;
    this.#cover.hidden = !isStreamer;
    this.frame.classList.toggle("is-covered", isCovered);
    setText(this.#state, isStreamer ? this.say(isCovered ? WORDS.codeHidden : WORDS.codeShown) : "");
    setAttributes(this.#state, { class: isCovered ? "" : "heard" });
    setText(this.#uncover, `${this.say(isCovered ? WORDS.showCode : WORDS.hideCode)} (${COVER_KEY})`);
    // What is hidden is not in the page at all, but for the attribute `value` where the page has written it there.
    const text = isCovered ? "" : this.value;
    if (text !== this.#shown) {
      this.#shown = text;
      // Scanners want dark dots on a light ground, in dark themes too.
      this.#picture.innerHTML = text === "" ? "" : qrSvg(text, { border: 0 });
    }
    const label = this.say(WORDS.qr, { address: text });
    for (const svg of this.#picture.children) svg.setAttribute("aria-label", label);
    this.#caption.hidden = isCovered || !this.hasAttribute("caption");
    const room = isCovered || this.hasAttribute("value") ? undefined : this.#room;
    const address = typedAddress(text, room?.code);
    this.#caption.style.setProperty("--letters", String(Math.max(1, address.length)));
    // A long address is broken after a slash; host and port are apart only where one line does not hold both.
    const parts = (address.match(/[^/]+\/*|\/+/g) ?? []).map((part) =>
      node("span", {}, ...(part.match(/:?[^:]+|:+/g) ?? []).map(unbroken)),
    );
    this.#caption.replaceChildren(...(room === undefined ? [] : [node("b", {}, room.code)]), ...parts);
    this.fit();
  }

  private get isOnScreen(): boolean {
    return this.#picture.clientWidth > 0;
  }

  private uncover(isAsked: boolean): void {
    if (!this.hasAttribute("streamer") || isAsked === this.#isAsked) return;
    this.#isAsked = isAsked;
    this.draw();
    this.tell("reveal", isAsked);
  }

  /** The words are as large as the card is wide. A code that is out of sight is hidden when it comes back. */
  private fit(): void {
    if (this.isOnScreen) this.frame.style.setProperty("--width", `${this.#picture.clientWidth}px`);
    else this.uncover(false);
  }
}

/** Its key is pressed alone, and not to type a text. */
function isCoverKey(event: KeyboardEvent): boolean {
  const [target] = event.composedPath();
  const isTyped =
    target instanceof HTMLElement && (target.isContentEditable || /^(?:INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
  const isAlone = !event.repeat && !event.ctrlKey && !event.metaKey && !event.altKey;
  return isAlone && !isTyped && event.key.toUpperCase() === COVER_KEY;
}

/** Whether a click would reach it: a code under a panel stays as it is. One that is scrolled out of sight is in front. */
function isInFront(button: Element): boolean {
  const { left, top, width, height } = button.getBoundingClientRect();
  let element = button;
  for (;;) {
    const root = element.getRootNode();
    if (!(root instanceof Document || root instanceof ShadowRoot)) return false;
    const hit = root.elementFromPoint(left + width / 2, top + height / 2);
    if (hit !== null && !element.contains(hit)) return false;
    if (root instanceof Document) return true;
    element = root.host;
  }
}

function unbroken(part: string): HTMLElement {
  return node("span", {}, part);
}

/** What a person types into a browser: the address without `http://`, and without the code where that stands in the path. */
export function typedAddress(url: string, code?: string): string {
  const text = url.replace(/^https?:\/\//, "");
  if (code === undefined) return text;
  const path = text.replace(/[?#].*$/, "");
  return path.endsWith(`/${code}`) ? path.slice(0, -code.length - 1) : path;
}
