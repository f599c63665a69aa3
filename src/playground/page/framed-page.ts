/** A page of a game in a frame, and the agent in it. */
import { agentMessage, wrap, type AgentMessage, type PageMessage } from "../messages.ts";
import { element } from "./elements.ts";

export interface FramedPageOptions {
  /** The frame's name, by which its session is known. */
  readonly name: string;
  /** For people who hear the page. */
  readonly title: string;
  /** Origins that the agent may speak from, beside the one of the page that is loaded. */
  readonly origins: () => readonly string[];
  readonly told: (message: AgentMessage) => void;
}

/** What a game may do in a page of its own. */
const ALLOWED =
  "accelerometer; autoplay; camera; clipboard-write; cross-origin-isolated; fullscreen; gamepad; gyroscope; magnetometer; microphone; screen-wake-lock";
const EMPTY = "about:blank";

export class FramedPage {
  readonly iframe: HTMLIFrameElement;
  readonly #options: FramedPageOptions;
  #address: string | undefined;
  /** The origin of the agent that speaks; `undefined` before its hello. */
  #origin: string | undefined;

  constructor(options: FramedPageOptions) {
    this.#options = options;
    this.iframe = element("iframe", { name: options.name, title: options.title, allow: ALLOWED });
    window.addEventListener("message", this.#heard);
  }

  /** Whether a page is to be shown. */
  get isLoaded(): boolean {
    return this.#address !== undefined;
  }

  get hasAgent(): boolean {
    return this.#origin !== undefined;
  }

  load(address: string): void {
    this.#address = address;
    this.#origin = undefined;
    this.iframe.src = address;
  }

  /** Loads it again, as the person would, wherever the page has gone meanwhile. */
  reload(): void {
    if (this.hasAgent) this.tell({ type: "reload" });
    else if (this.#address !== undefined) this.load(this.#address);
  }

  /** As a person closes the page. */
  unload(): void {
    this.#address = undefined;
    this.#origin = undefined;
    this.iframe.src = EMPTY;
  }

  tell(message: PageMessage): void {
    if (this.#origin !== undefined) this.iframe.contentWindow?.postMessage(wrap(message), this.#origin);
  }

  /** The frame is gone for good. */
  end(): void {
    window.removeEventListener("message", this.#heard);
    this.iframe.remove();
  }

  readonly #heard = ({ source, origin, data }: MessageEvent): void => {
    if (source === null || source !== this.iframe.contentWindow || this.#address === undefined) return;
    const known = [
      window.location.origin,
      new URL(this.#address, window.location.href).origin,
      ...this.#options.origins(),
    ];
    const message = known.includes(origin) ? agentMessage(data) : undefined;
    if (message === undefined) return;
    if (message.type === "hello") this.#origin = origin;
    if (origin === this.#origin) this.#options.told(message);
  };
}
