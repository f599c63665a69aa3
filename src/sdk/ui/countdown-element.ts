/** `<cw-countdown>`: the seconds up to a deadline, in a ring that runs out. */
import { wholeOf } from "../kit/countdown-note.ts";
import { KitElement, type Release } from "../kit/kit-element.ts";
import { node, setText } from "../kit/node.ts";
import { css } from "../kit/theme.ts";
import type { TimedRoom } from "./ports.ts";
import { UI_WORDS } from "./words.ts";

declare global {
  interface HTMLElementTagNameMap {
    "cw-countdown": CountdownElement;
  }
}

/** The last seconds, which are shown larger. */
const LAST_SECONDS = 5;
/** A screen reader says these, beside the first and the end. */
const HEARD_SECONDS: ReadonlySet<number> = new Set([60, 30, 10]);
/** As many digits as fit into the ring side by side; longer texts are set smaller. */
const RING_DIGITS = 3;
/** Of the ring, in its drawing. */
const CIRCUMFERENCE = 276.5;

const STYLES = css`
  :host {
    display: inline-block;
    font-size: 40px;
    font-size: clamp(40px, calc(2.6vw + 2.8vh), 200px);
  }
  .frame {
    width: 2.6em;
    height: 2.6em;
    border-radius: 50%;
    background: var(--paper);
  }
  svg {
    position: absolute;
    width: 100%;
    height: 100%;
    transform: rotate(-90deg);
  }
  circle {
    fill: none;
    stroke: var(--line);
    stroke-width: 9;
  }
  .left {
    stroke: var(--accent);
    stroke-linecap: round;
    stroke-dasharray: 276.5;
    transition: stroke-dashoffset 1s linear;
  }
  .is-new .left {
    transition: none;
  }
  .number {
    position: absolute;
    top: 0;
    left: 0;
    display: flex;
    align-items: center;
    justify-content: center;
    width: 100%;
    height: 100%;
    font-size: calc(var(--fit) * 1em);
    font-weight: 900;
    line-height: 1;
    font-variant-numeric: tabular-nums;
  }
  .is-empty {
    background: none;
  }
  .is-empty svg {
    opacity: 0;
  }
  .is-last .number {
    font-size: 1.35em;
    animation: beat 1s infinite;
  }
  @keyframes beat {
    from {
      transform: scale(1.25);
    }
    40% {
      transform: none;
    }
  }
  :host([look="number"]) .frame {
    width: auto;
    height: auto;
    background: none;
  }
  :host([look="number"]) svg {
    display: none;
  }
  :host([look="number"]) .number {
    --fit: 1;
    position: static;
  }
`;

/** `<cw-countdown>`: the seconds up to a deadline of the room's clock. It fires `end`. */
export class CountdownElement extends KitElement {
  static readonly observedAttributes = ["seconds"];
  #room: TimedRoom | undefined;
  #key = "";
  #deadline: number | undefined;
  /** What a full ring stands for, where the attribute `seconds` does not say it. */
  #fullMs = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #hasEnded = true;
  readonly #ring = node("span", { "aria-hidden": "true" });
  readonly #number = node("span", { class: "number", role: "timer" });
  readonly #heard = node("span", { class: "heard", role: "status" });

  constructor() {
    super(STYLES);
    this.#ring.innerHTML =
      '<svg viewBox="0 0 100 100"><circle cx="50" cy="50" r="44"/><circle class="left" cx="50" cy="50" r="44"/></svg>';
    this.frame.append(this.#ring, this.#number, this.#heard);
  }

  /** Counts to the deadline that stands in the shared state under `key`: on the TV that of `room.countdown(ms)`, on a phone the same. */
  bind(room: TimedRoom, key: string): void {
    this.#room = room;
    this.#key = key;
    this.rebind();
  }

  /** The end, in milliseconds of the room's clock (`room.now()`); `undefined` shows nothing. */
  get deadline(): number | undefined {
    return this.#deadline;
  }

  set deadline(deadline: number | undefined) {
    if (deadline === this.#deadline) return;
    this.#deadline = deadline;
    const leftMs = deadline === undefined ? 0 : deadline - this.now();
    this.#fullMs = deadline === undefined ? 0 : wholeOf(this.#key, deadline, leftMs);
    this.#hasEnded = deadline === undefined;
    this.frame.classList.add("is-new");
    setText(this.#heard, "");
    if (leftMs > 0) this.hear(Math.ceil(leftMs / 1_000));
    this.draw();
  }

  protected override listen(): readonly Release[] {
    const state = this.#room?.room?.state ?? this.#room?.state;
    const read = (): void => {
      const value = state?.get(this.#key);
      this.deadline = typeof value === "number" ? value : undefined;
    };
    if (state !== undefined) read();
    return [() => clearTimeout(this.#timer), ...(state === undefined ? [] : [state.on(this.#key, read)])];
  }

  protected override draw(): void {
    clearTimeout(this.#timer);
    const deadline = this.#deadline;
    const leftMs = deadline === undefined ? 0 : Math.max(0, deadline - this.now());
    const seconds = Math.ceil(leftMs / 1_000);
    const { classList } = this.frame;
    classList.toggle("is-last", leftMs > 0 && seconds <= LAST_SECONDS);
    classList.toggle("is-empty", deadline === undefined);
    const text = deadline === undefined ? "" : clockText(seconds);
    setText(this.#number, text);
    this.frame.style.setProperty("--fit", String(Math.min(1, RING_DIGITS / Math.max(1, text.length))));
    const fullMs = Number(this.getAttribute("seconds")) * 1_000 || this.#fullMs;
    // The ring runs to where it will be when the second is over.
    const isNew = classList.contains("is-new");
    const aheadMs = isNew ? leftMs : Math.max(0, leftMs - 1_000);
    const part = fullMs > 0 ? Math.min(1, aheadMs / fullMs) : 0;
    this.#ring
      .querySelector<SVGElement>(".left")
      ?.style.setProperty("stroke-dashoffset", String(CIRCUMFERENCE * (1 - part)));
    if (HEARD_SECONDS.has(seconds)) this.hear(seconds);
    if (leftMs > 0) {
      // A new ring is drawn once as it is, and then runs.
      this.#timer = setTimeout(
        () => {
          classList.remove("is-new");
          this.draw();
        },
        isNew ? 30 : ((leftMs - 1) % 1_000) + 1,
      );
    } else if (!this.#hasEnded) {
      // Later, since a page binds first and listens then: a deadline may have passed while the page was loaded again.
      this.#timer = setTimeout(() => {
        this.#hasEnded = true;
        setText(this.#heard, this.say(UI_WORDS.timeUp));
        this.tell("end");
      }, 0);
    }
  }

  private now(): number {
    return this.#room?.now() ?? Date.now();
  }

  private hear(seconds: number): void {
    const format = new Intl.NumberFormat(this.language.tag, { style: "unit", unit: "second", unitDisplay: "long" });
    setText(this.#heard, format.format(seconds));
  }
}

/** Seconds or minutes, less the hours in them. */
const padded = (number: number): string => String(Math.floor(number) % 60).padStart(2, "0");

/** `99`, `2:30`, `1:00:00`. */
function clockText(seconds: number): string {
  if (seconds < 100) return String(seconds);
  const hours = Math.floor(seconds / 3_600);
  const minutes = hours > 0 ? `${hours}:${padded(seconds / 60)}` : String(Math.floor(seconds / 60));
  return `${minutes}:${padded(seconds)}`;
}
