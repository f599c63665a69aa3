/** `<cw-connection>`: shows nothing while all is well; else in words what is wrong, and for how long. */
import { KitElement, type Release } from "./kit-element.ts";
import { node, setAttributes, setText } from "./node.ts";
import { css } from "./theme.ts";
import { sentenceOfClose, sentenceOfFailure, type Sentence } from "./trouble.ts";
import { WORDS } from "./words.ts";

declare global {
  interface HTMLElementTagNameMap {
    "cw-connection": ConnectionElement;
  }
}

/** A connection to a room, from either side. */
export interface ShownConnection {
  readonly isConnected: boolean;
  on(
    event: "connecting",
    listener: (failure: { readonly cause: string; readonly code: number; readonly reason: string }) => void,
  ): Release;
  on(event: "reconnecting", listener: (retry: { readonly code: number; readonly reason: string }) => void): Release;
  on(
    event: "close",
    listener: (close: { readonly name: string | undefined; readonly reason: string }) => void,
  ): Release;
}

/** A connection that is back sooner is not worth a word. */
const PATIENCE_MS = 1_000;

const STYLES = css`
  :host {
    position: fixed;
    z-index: 20;
    bottom: auto;
    top: 0;
    left: 0;
    right: 0;
    font-size: 16px;
    font-size: clamp(16px, calc(0.9vw + 0.9vh), 64px);
    pointer-events: none;
  }
  .frame {
    display: flex;
    justify-content: center;
    padding: 0.7em;
    padding: max(0.7em, env(safe-area-inset-top)) 0.7em max(0.7em, env(safe-area-inset-bottom));
  }
  :host([place="bottom"]) {
    top: auto;
    bottom: 0;
  }
  /* A phone's game has its header at the top, such as the time and the score. */
  @media (max-width: 40em) {
    :host(:not([place="top"])) {
      top: auto;
      bottom: 0;
    }
  }
  .notice {
    display: flex;
    align-items: center;
    gap: 0.7em;
    max-width: 36em;
    padding: 0.7em 1.1em;
    border-radius: var(--radius);
    background: var(--ink);
    color: var(--paper);
    font-weight: 700;
    box-shadow: 0 0.5em 1.6em #0005;
    animation: drop 0.25s ease-out;
  }
  @keyframes drop {
    from {
      opacity: 0;
      transform: scale(0.9);
    }
  }
  .lamp {
    flex: none;
    width: 0.7em;
    height: 0.7em;
    border-radius: 50%;
    background: var(--accent);
  }
  .is-trying .lamp {
    animation: wait 1s infinite alternate;
  }
  @keyframes wait {
    to {
      opacity: 0.2;
    }
  }
  .since {
    font-variant-numeric: tabular-nums;
    opacity: 0.8;
  }
`;

/** `<cw-connection>`: nothing while all is well; else what is wrong with the connection, in words. */
export class ConnectionElement extends KitElement {
  #connection: ShownConnection | undefined;
  #sentence: Sentence | undefined;
  /** When the connection went down, by the device's clock. */
  #since: number | undefined;
  #isFinal = false;
  readonly #words = node("span");
  readonly #time = node("span", { class: "since", "aria-hidden": "true" });
  readonly #notice: HTMLElement = node(
    "div",
    { class: "notice", hidden: true },
    node("span", { class: "lamp", "aria-hidden": "true" }),
    this.#words,
    this.#time,
  );

  constructor() {
    super(STYLES);
    this.frame.setAttribute("role", "status");
    this.frame.append(this.#notice);
  }

  /** Shows how the connection of this room or of this player is. */
  bind(connection: ShownConnection): void {
    this.#connection = connection;
    this.#sentence = undefined;
    this.#since = undefined;
    this.#isFinal = false;
    this.rebind();
  }

  protected override listen(): readonly Release[] {
    const connection = this.#connection;
    if (connection === undefined) return [];
    const down = (sentence: Sentence): void => {
      this.#since ??= Date.now();
      this.#sentence = sentence;
    };
    const timer = setInterval(() => this.draw(), 250);
    return [
      () => clearInterval(timer),
      connection.on("reconnecting", () => down(this.#sentence ?? WORDS.lost)),
      connection.on("connecting", (failure) => down(sentenceOfFailure(failure))),
      connection.on("close", (close) => {
        this.#isFinal = true;
        this.#sentence = sentenceOfClose(close);
        this.draw();
      }),
    ];
  }

  protected override draw(): void {
    if (this.#connection?.isConnected === true && !this.#isFinal) {
      this.#since = undefined;
      this.#sentence = undefined;
    }
    const sentence = this.#sentence;
    const forMs = this.#since === undefined ? 0 : Date.now() - this.#since;
    const isShown = sentence !== undefined && (this.#isFinal || forMs >= PATIENCE_MS);
    this.#notice.hidden = !isShown;
    this.#notice.classList.toggle("is-trying", !this.#isFinal);
    if (!isShown) {
      setText(this.#words, "");
      return;
    }
    setText(this.#words, typeof sentence === "string" ? sentence : this.say(sentence));
    setAttributes(this.#time, { hidden: this.#isFinal });
    setText(this.#time, `${Math.floor(forMs / 60_000)}:${String(Math.floor(forMs / 1_000) % 60).padStart(2, "0")}`);
  }
}
