/** A phone: its page, its faults and its menu. */
import { NO_DELAY, type NetworkDelay } from "../messages.ts";
import { element, picture, setPressed, toggleButton } from "./elements.ts";
import { NETWORKS } from "./networks.ts";
import { Tile, type TileOptions } from "./tile.ts";

export interface PhoneTileOptions extends Omit<TileOptions, "screen" | "label"> {
  /** The page closes, and opens again. */
  readonly open: () => void;
  readonly remove: () => void;
  /** The seats that other phones have, for the menu. */
  readonly otherSeats: () => readonly { readonly player: number; readonly label: string }[];
  readonly takeSeat: (player: number) => void;
}

export const PHONE_SCREEN = { width: 390, height: 844 };

export class PhoneTile extends Tile {
  /** The player whose seat this phone has, where its page has been told. */
  player: number | undefined;
  readonly #options: PhoneTileOptions;
  readonly #lock: HTMLButtonElement;
  readonly #menuButton: HTMLButtonElement;
  readonly #menu: PhoneMenu;
  #isLocked = false;
  #isClosed = false;
  #delay: NetworkDelay = NO_DELAY;

  constructor(options: PhoneTileOptions) {
    super({ ...options, label: `Phone ${options.number}`, screen: PHONE_SCREEN });
    this.#options = options;
    this.#lock = toggleButton("lock", "Lock the screen: the page is hidden and frozen", (isOn) => this.setLocked(isOn));
    this.tools.prepend(this.#lock);
    this.#menu = new PhoneMenu(this.label, {
      setDelay: (delay) => this.setDelay(delay),
      toggleClosed: () => (this.#isClosed ? options.open() : this.close()),
      otherSeats: options.otherSeats,
      takeSeat: options.takeSeat,
      remove: options.remove,
    });
    this.#menuButton = element(
      "button",
      {
        type: "button",
        class: "tool",
        "aria-haspopup": "dialog",
        "aria-label": `More for ${this.label}`,
        title: "Network, leave, rescue, remove",
      },
      picture("more"),
    );
    this.#menuButton.addEventListener("click", () => this.#menu.toggle(this.#menuButton, this.#isClosed));
    this.tools.append(this.#menuButton);
    this.root.append(this.#menu.root);
    this.render();
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  override load(address: string): void {
    this.#isClosed = false;
    this.player = undefined;
    super.load(address);
  }

  /** The person closes the page; the seat is kept by the session. */
  close(): void {
    this.#isClosed = true;
    this.page.unload();
    this.forgetPage();
    this.render();
  }

  setLocked(isOn: boolean): void {
    this.#isLocked = isOn;
    setPressed(this.#lock, isOn);
    this.page.tell({ type: "lock", isOn });
    this.render();
  }

  /** The page has begun anew: a new page knows nothing of the phone. */
  welcome(measureEveryMs: number): void {
    this.page.tell({ type: "welcome", measureEveryMs });
    this.page.tell({ type: "network", ...this.#delay });
  }

  override render(): void {
    super.render();
    this.renderCover();
  }

  protected override status(): ReturnType<Tile["status"]> {
    if (this.#isClosed) return { lamp: "idle", text: "page closed" };
    if (!this.page.isLoaded) return { lamp: "idle", text: "waits for the TV" };
    if (this.#isLocked) return { lamp: "fault", text: "locked" };
    return super.status();
  }

  protected override openText(): string {
    return this.player === undefined ? "connected" : `player ${this.player}`;
  }

  protected override forgetPage(): void {
    super.forgetPage();
    this.#isLocked = false;
    setPressed(this.#lock, false);
  }

  private setDelay(delay: NetworkDelay): void {
    this.#delay = delay;
    const isSlow = delay.delayMs > 0 || delay.jitterMs > 0 || delay.bytesPerSecond > 0;
    this.#menuButton.classList.toggle("is-on", isSlow);
    this.page.tell({ type: "network", ...delay });
  }

  private renderCover(): void {
    const { cover } = this;
    const shows = this.#isLocked ? "locked" : this.#isClosed ? "closed" : this.page.isLoaded ? "" : "waiting";
    if (cover.dataset["shows"] === shows) return;
    cover.dataset["shows"] = shows;
    cover.hidden = shows === "";
    // A locked page is frozen: neither a finger nor the keyboard reaches it.
    this.page.iframe.inert = shows !== "";
    switch (shows) {
      case "locked":
        return cover.replaceChildren(
          picture("lock"),
          element("button", { type: "button", class: "button", click: () => this.setLocked(false) }, "Unlock"),
        );
      case "closed":
        return cover.replaceChildren(
          element("p", {}, "The page is closed."),
          element("button", { type: "button", class: "button", click: this.#options.open }, "Open it again"),
        );
      case "waiting":
        return cover.replaceChildren(element("p", {}, "Waits for the TV’s room."));
      default:
        cover.replaceChildren();
    }
  }
}

interface PhoneMenuOptions {
  readonly setDelay: (delay: NetworkDelay) => void;
  readonly toggleClosed: () => void;
  readonly otherSeats: PhoneTileOptions["otherSeats"];
  readonly takeSeat: (player: number) => void;
  readonly remove: () => void;
}

/** What is needed less often than the buttons below a phone. */
class PhoneMenu {
  readonly root: HTMLDialogElement;
  readonly #options: PhoneMenuOptions;
  readonly #toggleClosed: HTMLButtonElement;
  readonly #seats: HTMLElement;

  constructor(label: string, options: PhoneMenuOptions) {
    this.#options = options;
    this.#toggleClosed = this.item("Close the page", options.toggleClosed);
    this.#seats = element("div", { class: "seats" });
    this.root = element(
      "dialog",
      { class: "menu", "aria-label": label },
      networkFields(label, options.setDelay),
      element("hr"),
      this.#toggleClosed,
      this.#seats,
      this.item("Remove this phone", options.remove),
    );
    // A click beside it closes it, as in every menu.
    this.root.addEventListener("click", ({ target }) => {
      if (target === this.root) this.root.close();
    });
  }

  toggle(button: HTMLElement, isClosed: boolean): void {
    if (this.root.open) {
      this.root.close();
      return;
    }
    this.#toggleClosed.textContent = isClosed ? "Open the page again" : "Close the page";
    const seats = this.#options.otherSeats();
    this.#seats.replaceChildren(
      ...seats.map(({ player, label }) => this.item(`Take the seat of ${label}`, () => this.#options.takeSeat(player))),
    );
    this.root.showModal();
    const at = button.getBoundingClientRect();
    const { offsetWidth: width, offsetHeight: height } = this.root;
    this.root.style.left = `${Math.max(8, Math.min(at.right - width, window.innerWidth - width - 8))}px`;
    this.root.style.top = `${at.top - height - 8 > 0 ? at.top - height - 8 : Math.max(8, Math.min(at.bottom + 8, window.innerHeight - height - 8))}px`;
  }

  private item(text: string, act: () => void): HTMLButtonElement {
    const click = (): void => {
      this.root.close();
      act();
    };
    return element("button", { type: "button", class: "item", click }, text);
  }
}

/** What is typed, within the field's bounds. */
function read({ max, valueAsNumber }: HTMLInputElement): number {
  return Math.min(Number(max), Math.max(0, Number.isFinite(valueAsNumber) ? valueAsNumber : 0));
}

/** A network by name, or in numbers. */
function networkFields(label: string, setDelay: (delay: NetworkDelay) => void): HTMLElement {
  const names = element(
    "select",
    { "aria-label": `Network of ${label}` },
    ...NETWORKS.map(({ name }, index) => element("option", { value: String(index) }, name)),
    element("option", { value: "own", hidden: true }, "In numbers"),
  );
  const field = (unit: string, max: number): HTMLInputElement =>
    element("input", {
      type: "number",
      min: "0",
      max: String(max),
      step: "1",
      value: "0",
      "aria-label": `${unit}, ${label}`,
    });
  const [delay, jitter, rate] = [
    field("Delay in ms", 60_000),
    field("Jitter in ms", 60_000),
    field("kB a second", 1_000_000),
  ];
  names.addEventListener("change", () => {
    const network = NETWORKS[Number(names.value)];
    if (network === undefined) return;
    delay.value = String(network.delayMs);
    jitter.value = String(network.jitterMs);
    rate.value = String(network.bytesPerSecond / 1_000);
    const { delayMs, jitterMs, bytesPerSecond } = network;
    setDelay({ delayMs, jitterMs, bytesPerSecond });
  });
  for (const input of [delay, jitter, rate]) {
    input.addEventListener("input", () => {
      names.value = "own";
      setDelay({ delayMs: read(delay), jitterMs: read(jitter), bytesPerSecond: read(rate) * 1_000 });
    });
  }
  return element(
    "fieldset",
    { class: "network" },
    element("legend", {}, "Network"),
    names,
    element("label", {}, "Delay", delay, "ms"),
    element("label", {}, "Jitter", jitter, "ms"),
    element("label", {}, "Rate", rate, "kB/s"),
    element("p", { class: "hint" }, "In each direction; rate 0: no limit."),
  );
}
