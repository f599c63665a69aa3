/** The list of frames: filters, the rows that are in sight, and one frame in full. */
import { decodeFrame, FRAME_KINDS, hexDump, prettyValue, PulseNumbers, type FrameKind } from "./decode-frame.ts";
import { element, picture, setPressed, toggleButton } from "./elements.ts";
import { bytesText, RateMeter } from "./rate-meter.ts";
import { MAX_LOGGED_FRAMES, passes, WireLog, type LoggedFrame, type WireFilter } from "./wire-log.ts";
import type { Direction } from "../messages.ts";

const ROW_HEIGHT = 22;
/** Rows above and below those in sight, so that scrolling shows no gaps. */
const SPARE_ROWS = 8;
const REFRESH_MS = 500;

const KIND_NAMES: Readonly<Record<FrameKind, string>> = {
  command: "Commands",
  event: "Events",
  sdk: "SDK",
  json: "JSON",
  text: "Text",
  bytes: "Bytes",
  control: "Control",
  socket: "Sockets",
  pulse: "Pulses",
};
const ARROWS: Readonly<Record<Direction, string>> = { up: "↑", down: "↓" };

export class WireView {
  readonly root: HTMLElement;
  readonly #log = new WireLog();
  readonly #meter = new RateMeter();
  readonly #list = element("div", { class: "wire-list", role: "listbox", tabindex: "0", "aria-label": "Frames" });
  readonly #rows = element("div", { class: "wire-rows", role: "presentation" });
  readonly #detail = element("div", {
    class: "wire-detail",
    tabindex: "0",
    role: "region",
    "aria-label": "Chosen frame",
  });
  readonly #counter = element("output", { class: "counter", "aria-label": "Frames and bytes a second" });
  readonly #frames = element("select", { "aria-label": "Frames of" });
  readonly #newest = element("button", { type: "button", class: "newest", hidden: true }, "Newest ↓");
  #filter: WireFilter = {
    frame: undefined,
    direction: undefined,
    kinds: new Set(FRAME_KINDS.filter((kind) => kind !== "pulse")),
    text: "",
  };
  #shown: LoggedFrame[] = [];
  #chosen: number | undefined;
  #isFollowing = true;
  #isScheduled = false;

  constructor() {
    this.#list.append(this.#rows);
    this.#list.addEventListener("scroll", () => {
      const { scrollTop, scrollHeight, clientHeight } = this.#list;
      this.#isFollowing = scrollTop + clientHeight >= scrollHeight - ROW_HEIGHT;
      this.renderLater();
    });
    this.#list.addEventListener("keydown", (event) => this.steer(event));
    // The row may be drawn anew before the button is released, and then there would be no click.
    this.#list.addEventListener("pointerdown", ({ target }) => {
      const row = target instanceof Element ? target.closest<HTMLElement>("[data-number]") : null;
      if (row !== null) this.choose(Number(row.dataset["number"]));
    });
    this.#newest.addEventListener("click", () => {
      this.#isFollowing = true;
      this.render();
    });
    this.root = element(
      "section",
      { class: "wire", "aria-label": "Wire" },
      this.bar(),
      element(
        "div",
        { class: "wire-body" },
        element("div", { class: "wire-lists" }, this.#list, this.#newest),
        this.#detail,
      ),
    );
    this.showDetail(undefined);
    setInterval(() => this.renderCounter(), REFRESH_MS);
    new ResizeObserver(() => this.renderLater()).observe(this.#list);
    this.render();
  }

  /** Shows what passed. */
  add(frame: Omit<LoggedFrame, "number">): void {
    if (frame.kind !== "socket") this.#meter.count(frame.size, performance.now());
    const logged = this.#log.add(frame);
    if (logged === undefined) return;
    if (passes(this.#filter, logged)) this.#shown.push(logged);
    this.renderLater();
  }

  /** The frames that the list can be narrowed to. */
  setFrames(frames: readonly { readonly number: number; readonly label: string }[]): void {
    const { value } = this.#frames;
    this.#frames.replaceChildren(
      element("option", { value: "" }, "TV and phones"),
      ...frames.map(({ number, label }) => element("option", { value: String(number) }, label)),
    );
    this.#frames.value = value;
    if (this.#frames.value !== value) {
      this.#frames.value = "";
      this.narrow({ frame: undefined });
    }
  }

  private bar(): HTMLElement {
    const text = element("input", { type: "search", placeholder: "Filter", "aria-label": "Text in the frames" });
    text.addEventListener("input", () => this.narrow({ text: text.value.trim() }));
    this.#frames.append(element("option", { value: "" }, "TV and phones"));
    this.#frames.addEventListener("change", () => {
      this.narrow({ frame: this.#frames.value === "" ? undefined : Number(this.#frames.value) });
    });
    const directions = element(
      "select",
      { "aria-label": "Direction" },
      element("option", { value: "" }, "↑↓ Both ways"),
      element("option", { value: "up" }, "↑ To the server"),
      element("option", { value: "down" }, "↓ From the server"),
    );
    directions.addEventListener("change", () => {
      const { value } = directions;
      this.narrow({ direction: value === "up" || value === "down" ? value : undefined });
    });
    const pause = toggleButton("pause", "Pause: what passes is not kept", (isOn) => {
      this.#log.isPaused = isOn;
      if (!isOn) this.#log.skipped = 0;
      pause.replaceChildren(picture(isOn ? "play" : "pause"));
      this.renderCounter();
    });
    const clear = element(
      "button",
      { type: "button", class: "tool", "aria-label": "Clear", title: "Clear" },
      picture("clear"),
    );
    clear.addEventListener("click", () => this.clear());
    return element(
      "header",
      { class: "wire-bar" },
      element("h2", {}, "Wire"),
      this.#frames,
      directions,
      element(
        "div",
        { class: "kinds", role: "group", "aria-label": "Kinds of frames" },
        ...FRAME_KINDS.map((kind) => this.kindButton(kind)),
      ),
      text,
      this.#counter,
      pause,
      clear,
    );
  }

  private kindButton(kind: FrameKind): HTMLElement {
    const button = element("button", { type: "button", class: `kind kind-${kind}` }, KIND_NAMES[kind]);
    if (kind === "pulse") button.title = "Acknowledgements, clocks and measuring";
    setPressed(button, this.#filter.kinds.has(kind));
    button.addEventListener("click", () => {
      const kinds = new Set(this.#filter.kinds);
      if (!kinds.delete(kind)) kinds.add(kind);
      setPressed(button, kinds.has(kind));
      this.narrow({ kinds });
    });
    return button;
  }

  private narrow(change: Partial<WireFilter>): void {
    this.#filter = { ...this.#filter, ...change };
    this.#shown = this.#log.frames.filter((frame) => passes(this.#filter, frame));
    this.render();
  }

  private clear(): void {
    this.#log.clear();
    this.#meter.reset();
    this.#shown = [];
    this.#chosen = undefined;
    this.showDetail(undefined);
    this.render();
    this.renderCounter();
  }

  private renderLater(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    requestAnimationFrame(() => {
      this.#isScheduled = false;
      this.render();
    });
  }

  private render(): void {
    const oldest = this.#log.frames[0]?.number ?? Infinity;
    // What the log has dropped goes here too, a good many at once.
    if (this.#shown.length > MAX_LOGGED_FRAMES || (this.#shown[0]?.number ?? Infinity) < oldest) {
      this.#shown = this.#shown.filter(({ number }) => number >= oldest);
    }
    this.#rows.style.height = `${this.#shown.length * ROW_HEIGHT}px`;
    if (this.#isFollowing) this.#list.scrollTop = this.#list.scrollHeight;
    this.#newest.hidden = this.#isFollowing;
    const first = Math.max(0, Math.floor(this.#list.scrollTop / ROW_HEIGHT) - SPARE_ROWS);
    const last = Math.ceil((this.#list.scrollTop + this.#list.clientHeight) / ROW_HEIGHT) + SPARE_ROWS;
    this.#rows.replaceChildren(...this.#shown.slice(first, last).map((frame, index) => this.row(frame, first + index)));
    const chosen = this.#chosen === undefined ? null : document.getElementById(`frame-${this.#chosen}`);
    if (chosen === null) this.#list.removeAttribute("aria-activedescendant");
    else this.#list.setAttribute("aria-activedescendant", chosen.id);
    this.#list.dataset["empty"] = this.#shown.length > 0 ? "" : this.emptyText();
  }

  private emptyText(): string {
    return this.#log.frames.length === 0 ? "No frames yet." : "No frame passes the filter.";
  }

  private row(frame: LoggedFrame, index: number): HTMLElement {
    const { number, at, direction, kind, summary, size } = frame;
    const row = element(
      "div",
      {
        class: "wire-row",
        role: "option",
        id: `frame-${number}`,
        "data-number": String(number),
        "data-kind": kind,
        "aria-selected": String(number === this.#chosen),
        "aria-setsize": String(this.#shown.length),
        "aria-posinset": String(index + 1),
      },
      element("span", { class: "at" }, timeText(at)),
      element(
        "span",
        { class: "who", "data-frame": String(frame.frame) },
        frame.frame === 0 ? "TV" : String(frame.frame),
      ),
      element(
        "span",
        { class: `way ${direction}`, "aria-label": direction === "up" ? "to the server" : "from the server" },
        ARROWS[direction],
      ),
      element("span", { class: `tag kind-${kind}` }, kind),
      element("span", { class: "summary" }, summary),
      element("span", { class: "size" }, kind === "socket" ? "" : bytesText(size)),
    );
    row.style.top = `${index * ROW_HEIGHT}px`;
    return row;
  }

  private steer(event: KeyboardEvent): void {
    const page = Math.max(1, Math.floor(this.#list.clientHeight / ROW_HEIGHT) - 1);
    const steps: Readonly<Record<string, number>> = {
      ArrowDown: 1,
      ArrowUp: -1,
      PageDown: page,
      PageUp: -page,
      Home: -Infinity,
      End: Infinity,
    };
    const step = steps[event.key];
    if (step === undefined || this.#shown.length === 0) return;
    event.preventDefault();
    const at = this.#shown.findIndex(({ number }) => number === this.#chosen);
    const from = at === -1 ? (step > 0 ? -1 : this.#shown.length) : at;
    const index = Math.min(this.#shown.length - 1, Math.max(0, from + step));
    const frame = this.#shown[index];
    if (frame === undefined) return;
    const top = index * ROW_HEIGHT;
    const { scrollTop, clientHeight } = this.#list;
    if (top < scrollTop) this.#list.scrollTop = top;
    else if (top + ROW_HEIGHT > scrollTop + clientHeight) this.#list.scrollTop = top + ROW_HEIGHT - clientHeight;
    this.#isFollowing = index === this.#shown.length - 1;
    this.choose(frame.number);
  }

  private choose(number: number): void {
    this.#chosen = number;
    this.showDetail(this.#log.frames.find((frame) => frame.number === number));
    this.render();
  }

  private showDetail(frame: LoggedFrame | undefined): void {
    if (frame === undefined) {
      this.#detail.replaceChildren(element("p", { class: "hint" }, "Choose a frame to see all of it."));
      return;
    }
    const { at, direction, kind, size, data, role } = frame;
    const who = frame.frame === 0 ? "TV" : `Phone ${frame.frame}`;
    const way = direction === "up" ? `${who} → server` : `server → ${who}`;
    const decoded = decodeFrame({ role, direction, data, size }, new PulseNumbers());
    const length = typeof data === "string" ? new TextEncoder().encode(data).length : data.length;
    const isWhole = length >= size;
    this.#detail.replaceChildren(
      element(
        "p",
        { class: "about" },
        `${way} · ${timeText(at)} · ${kind === "socket" ? "socket" : `${size} bytes, ${typeof data === "string" ? "text" : "binary"}`}`,
      ),
      ...(kind === "socket"
        ? [element("pre", {}, frame.summary)]
        : [
            ...(isWhole ? [] : [element("p", { class: "hint" }, `Its first ${length} bytes:`)]),
            element("pre", {}, isWhole || typeof data === "string" ? prettyValue(decoded.value) : ""),
            ...(typeof data === "string" || decoded.value === data
              ? []
              : [element("h3", {}, "Bytes"), element("pre", { class: "hex" }, hexDump(data))]),
          ]),
    );
    this.#detail.scrollTop = 0;
  }

  private renderCounter(): void {
    const { frames, bytes } = this.#meter.lastSecond(performance.now());
    const skipped = this.#log.isPaused ? ` · paused, ${this.#log.skipped} not kept` : "";
    this.#counter.textContent = `${frames} frames/s · ${bytesText(bytes)}/s · ${this.#meter.frames} frames, ${bytesText(this.#meter.bytes)} in all${skipped}`;
  }
}

function timeText(at: number): string {
  const date = new Date(at);
  const parts = [date.getHours(), date.getMinutes(), date.getSeconds()].map((part) => String(part).padStart(2, "0"));
  return `${parts.join(":")}.${String(date.getMilliseconds()).padStart(3, "0")}`;
}
