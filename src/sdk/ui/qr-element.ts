/** `<cw-qr>`: a text as a QR code, or the address of a room. */
import { qrSvg } from "../index.ts";
import { KitElement, type Release } from "../kit/kit-element.ts";
import { node } from "../kit/node.ts";
import { css } from "../kit/theme.ts";
import type { InvitingRoom } from "./ports.ts";
import { WORDS } from "../kit/words.ts";

declare global {
  interface HTMLElementTagNameMap {
    "cw-qr": QrElement;
  }
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
  .frame svg {
    display: block;
    width: 100%;
    height: auto;
  }
`;

/** `<cw-qr>`: a QR code, of a room or of any text. */
export class QrElement extends KitElement {
  static readonly observedAttributes = ["value"];
  readonly #picture = node("div");
  #room: InvitingRoom | undefined;
  #shown = "";

  constructor() {
    super(STYLES);
    this.frame.append(this.#picture);
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
    return room === undefined ? [] : (["moved", "reopened"] as const).map((event) => room.on(event, () => this.draw()));
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
  }
}
