/** `<cw-qr>`: a text as a QR code, or the address of a room. */
import { qrSvg } from "../index.ts";
import { KitElement, type Release } from "./kit-element.ts";
import { node } from "./node.ts";
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
  .frame {
    padding: 6%;
    border-radius: var(--radius);
    background: #fff;
  }
  svg {
    display: block;
    width: 100%;
    height: auto;
  }
  p {
    margin-top: 0.5em;
    color: #000;
    font-size: max(0.6em, min(1em, calc(var(--width, 14em) / var(--letters) * 1.6)));
    font-weight: 700;
    line-height: 1.15;
    text-align: center;
    overflow-wrap: anywhere;
  }
  span {
    display: inline-block;
    max-width: 100%;
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

/** `<cw-qr>`: a QR code, of a room or of any text. */
export class QrElement extends KitElement {
  static readonly observedAttributes = ["value", "caption"];
  readonly #picture = node("div");
  readonly #caption = node("p", { dir: "ltr" });
  #room: InvitingRoom | undefined;
  #shown = "";

  constructor() {
    super(STYLES);
    this.frame.append(this.#picture, this.#caption);
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

  protected override listen(): readonly Release[] {
    const room = this.#room;
    const observer = new ResizeObserver(() => this.fit());
    observer.observe(this.#picture);
    const draws = (["moved", "reopened"] as const).map((event) => room?.on(event, () => this.draw()));
    return [() => observer.disconnect(), ...draws.flatMap((release) => release ?? [])];
  }

  protected override draw(): void {
    const text = this.value;
    if (text !== this.#shown) {
      this.#shown = text;
      // Scanners want dark dots on a light ground, in dark themes too.
      this.#picture.innerHTML = text === "" ? "" : qrSvg(text, { border: 0 });
    }
    const label = this.say(WORDS.qr, { address: text });
    for (const svg of this.#picture.children) svg.setAttribute("aria-label", label);
    this.#caption.hidden = !this.hasAttribute("caption");
    const room = this.hasAttribute("value") ? undefined : this.#room;
    const address = typedAddress(text, room?.code);
    this.#caption.style.setProperty("--letters", String(Math.max(1, address.length)));
    // A long address is broken before its port and after a slash, rather than within them.
    const parts = address.match(/:?[^:/]+\/*|[:/]+/g) ?? [];
    this.#caption.replaceChildren(
      ...(room === undefined ? [] : [node("b", {}, room.code)]),
      ...parts.map((part) => node("span", {}, part)),
    );
    this.fit();
  }

  /** The words are as large as the card is wide. */
  private fit(): void {
    const { clientWidth } = this.#picture;
    if (clientWidth > 0) this.#caption.style.setProperty("--width", `${clientWidth}px`);
  }
}

/** What a person types into a browser: the address without `http://`, and without the code where that stands in the path. */
export function typedAddress(url: string, code?: string): string {
  const text = url.replace(/^https?:\/\//, "");
  if (code === undefined) return text;
  const path = text.replace(/[?#].*$/, "");
  return path.endsWith(`/${code}`) ? path.slice(0, -code.length - 1) : path;
}
