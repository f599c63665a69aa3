/** A frame with what belongs to it on the page: the TV's, or a phone's. */
import { FRAME_NAME, type AgentMessage } from "../messages.ts";
import { element, pictureButton, setPressed, toggleButton } from "./elements.ts";
import { FramedPage } from "./framed-page.ts";
import { PageSockets } from "./sockets.ts";

export interface TileOptions {
  /** 0 is the TV. */
  readonly number: number;
  readonly label: string;
  /** Pixels of the page. */
  readonly screen: { readonly width: number; readonly height: number };
  readonly origins: () => readonly string[];
  readonly told: (message: AgentMessage) => void;
  /** The person wants this frame to have the keyboard. */
  readonly select: () => void;
}

/** How a tile's lamp shines. */
type Lamp = "idle" | "busy" | "up" | "fault" | "down";

interface Status {
  readonly lamp: Lamp;
  readonly text: string;
  /** The tool tip, where the text does not say everything. */
  readonly more?: string;
}

/** What the bezel adds to the screen's width, as the style sheet has it. */
const FRAME_PX = 12;
/** How long a dropped network is away. */
export const DROPPED_MS = 2_000;
/** A page whose agent has not spoken for so long has none. */
const NO_AGENT_MS = 6_000;

export class Tile {
  readonly number: number;
  readonly label: string;
  readonly root: HTMLElement;
  readonly page: FramedPage;
  readonly tools: HTMLElement;
  readonly latency = element("span", { class: "latency" });
  readonly sockets = new PageSockets();
  /** What lies over the screen: why nothing is shown there. */
  readonly cover = element("div", { class: "cover", hidden: true });
  readonly #screen: { readonly width: number; readonly height: number };
  readonly #box: HTMLElement;
  readonly #status = element("span", { class: "status" });
  readonly #halfOpen: HTMLButtonElement;
  #isHalfOpen = false;
  #offlineUntil = 0;
  #loadedAt = 0;
  #whenOpen: (() => void) | undefined;

  constructor({ number, label, screen, origins, told, select }: TileOptions) {
    this.number = number;
    this.label = label;
    this.#screen = screen;
    const name = number === 0 ? `${FRAME_NAME}-tv` : `${FRAME_NAME}-phone-${number}`;
    this.page = new FramedPage({ name, title: label, origins, told: (message) => this.hear(message, told) });
    this.#halfOpen = toggleButton("half", "Half-open: the socket stays, nothing passes", (isOn) =>
      this.setHalfOpen(isOn),
    );
    const badge = element(
      "button",
      {
        type: "button",
        class: "badge",
        "aria-label": `Keyboard to ${label}`,
        title: `Keyboard to ${label} (Ctrl+Shift+${number})`,
        click: select,
      },
      number === 0 ? "TV" : String(number),
    );
    this.#box = element("div", { class: "screen" }, this.page.iframe, this.cover);
    this.tools = element(
      "div",
      { class: "tools", role: "group", "aria-label": `Faults of ${label}` },
      pictureButton("drop", "Drop the network for two seconds", () => this.drop()),
      this.#halfOpen,
      pictureButton("reload", "Reload the page", () => this.reload()),
    );
    this.root = element(
      "section",
      { class: number === 0 ? "tile tv" : "tile phone", "aria-label": label, "data-frame": String(number) },
      element("header", {}, badge, this.#status, this.latency),
      element("div", { class: "screen-place" }, this.#box),
      this.tools,
    );
  }

  /** Draws the screen at this scale. */
  resize(scale: number): void {
    const { width, height } = this.#screen;
    this.page.iframe.style.width = `${width}px`;
    this.page.iframe.style.height = `${height}px`;
    this.page.iframe.style.transform = `scale(${scale})`;
    this.#box.style.width = `${Math.floor(width * scale)}px`;
    this.root.style.width = `${Math.floor(width * scale) + FRAME_PX}px`; // neither its state nor its buttons make it wider
    this.#box.style.height = `${Math.floor(height * scale)}px`;
  }

  load(address: string): void {
    this.forgetPage();
    this.#loadedAt = performance.now();
    this.page.load(address);
    this.render();
  }

  reload(): void {
    this.#loadedAt = performance.now();
    this.page.reload();
    this.render();
  }

  drop(): void {
    this.page.tell({ type: "drop", forMs: DROPPED_MS });
    this.#offlineUntil = performance.now() + DROPPED_MS;
    this.render();
    setTimeout(() => this.render(), DROPPED_MS + 50);
  }

  setHalfOpen(isOn: boolean): void {
    this.#isHalfOpen = isOn;
    setPressed(this.#halfOpen, isOn);
    this.page.tell({ type: "half_open", isOn });
    this.render();
  }

  /** Resolves when the page has a socket that is open, or after so long. */
  whenOpen(waitMs: number): Promise<void> {
    return new Promise((resolve) => {
      this.#whenOpen = resolve;
      setTimeout(resolve, waitMs);
    });
  }

  setSelected(isSelected: boolean): void {
    this.root.classList.toggle("is-selected", isSelected);
  }

  /** Gives the page the keyboard. */
  focus(): void {
    this.page.iframe.focus();
    this.page.tell({ type: "focus" });
  }

  /** Shows how it is now. */
  render(): void {
    const { lamp, text, more = text } = this.status();
    this.root.dataset["lamp"] = lamp;
    this.#status.textContent = text;
    this.#status.title = more;
  }

  protected status(): Status {
    if (!this.page.isLoaded) return { lamp: "idle", text: "no page" };
    if (performance.now() < this.#offlineUntil) return { lamp: "fault", text: "no network" };
    if (this.#isHalfOpen) return { lamp: "fault", text: "half-open" };
    const socket = this.sockets.current;
    if (socket !== undefined) {
      if (socket.is === "open") return { lamp: "up", text: this.openText() };
      if (socket.is === "connecting") return { lamp: "busy", text: "connecting" };
      return { lamp: "down", text: `closed ${socket.code}`, more: socket.reason };
    }
    if (this.page.hasAgent) return { lamp: "busy", text: "not joined yet" };
    if (performance.now() - this.#loadedAt < NO_AGENT_MS) return { lamp: "busy", text: "loading" };
    return {
      lamp: "idle",
      text: "not watched",
      more: `This page has neither the script that this server puts into its own pages, nor the SDK with the server ${window.location.origin}.`,
    };
  }

  protected openText(): string {
    return "connected";
  }

  /** Called when the frame has a page that has just begun. */
  protected forgetPage(): void {
    this.sockets.clear();
    this.latency.textContent = "";
    this.#isHalfOpen = false;
    setPressed(this.#halfOpen, false);
    this.#offlineUntil = 0;
  }

  private hear(message: AgentMessage, told: (message: AgentMessage) => void): void {
    if (message.type === "hello") {
      this.#loadedAt = performance.now();
      this.forgetPage();
    } else if (message.type === "socket") {
      this.sockets.changed(message);
      if (this.sockets.current?.is === "open") this.#whenOpen?.();
    } else if (message.type === "latency") {
      this.latency.textContent = `${Math.round(message.ms)} ms`;
    }
    told(message);
    if (message.type !== "frame") this.render();
  }
}
