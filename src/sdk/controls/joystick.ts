/** `<cw-joystick>`: a stick for a thumb. */
import type { Release } from "../kit/kit-element.ts";
import type { Translations } from "../kit/language.ts";
import { node, setAttributes } from "../kit/node.ts";
import { css } from "../kit/theme.ts";
import { deflect, type StickPosition } from "./direction.ts";
import { calmPage, grip, type LetGo } from "./grip.ts";
import { ICONS } from "./icons.ts";
import { Stick } from "./stick.ts";
import { CONTROL_WORDS } from "./words.ts";

declare global {
  interface HTMLElementTagNameMap {
    "cw-joystick": JoystickElement;
  }
}

/** How far the middle of the knob goes, of the base's radius. */
const REACH = 0.6;
const DEFAULT_DEAD_ZONE = 0.1;
const MAX_DEAD_ZONE = 0.9;
const MAX_SIZE_PX = 320;

const STYLE = css`
  :host {
    height: 12rem;
  }
  .pad {
    position: relative;
    width: 100%;
    height: 100%;
    min-width: 44px;
    min-height: 44px;
    border-radius: var(--radius);
    touch-action: none;
    cursor: grab;
  }
  .pad.held {
    cursor: grabbing;
  }
  .base {
    position: absolute;
    left: 50%;
    top: 50%;
    width: var(--size);
    height: var(--size);
    margin: calc(var(--size) / -2);
    border-radius: 50%;
    border: 2px solid var(--line);
    background: radial-gradient(circle at 50% 42%, transparent 30%, var(--line) 130%), var(--paper);
    pointer-events: none;
  }
  .base svg {
    position: absolute;
    left: 43%;
    top: 43%;
    width: 14%;
    opacity: 0.55;
  }
  .base[data-axis="x"] svg:nth-child(-n + 2),
  .base[data-axis="y"] svg:nth-child(n + 3) {
    display: none;
  }
  .knob {
    position: absolute;
    left: 27%;
    top: 27%;
    width: 46%;
    height: 46%;
    border-radius: 50%;
    background:
      radial-gradient(circle at 50% 30%, rgba(255, 255, 255, 0.35), rgba(255, 255, 255, 0) 60%), var(--accent);
    box-shadow:
      inset 0 -0.35em 0.5em rgba(0, 0, 0, 0.22),
      0 0.25em 0.6em rgba(0, 0, 0, 0.35);
    transition: transform 0.12s ease-out;
  }
  .held .knob {
    transition: none;
  }
`;

/** Where the four arrows stand, in percent of an arrow's size. */
const ARROWS = [
  [ICONS.up, "0,-270%"],
  [ICONS.down, "0,270%"],
  [ICONS.left, "-270%,0"],
  [ICONS.right, "270%,0"],
] as const;

/**
 * Sends `{ x, y }` from −1 to 1, `y` down positive, and `{ x: 0, y: 0 }` when the thumb is lifted. Attributes: `floating` puts the
 * stick where the thumb comes down, `axis="x"` or `"y"` leaves it one way, `dead-zone` (0.1) is what does not count around the middle, and
 * `keys` (`arrows wasd`) are the keys that play it, `none` for no keys.
 */
export class JoystickElement extends Stick {
  protected readonly pad = node("div", { class: "pad", role: "application", tabindex: 0 });
  protected readonly base = node("div", { class: "base" });
  readonly #knob = node("div", { class: "knob" });
  readonly #lift: LetGo;
  /** In pixels. */
  #radius = 1;
  /** Where the thumb's stick has its middle, in the page. */
  #middle = { x: 0, y: 0 };

  static override readonly observedAttributes: readonly string[] = [
    ...Stick.observedAttributes,
    "floating",
    "axis",
    "dead-zone",
  ];

  constructor(styles = "") {
    super(STYLE + styles);
    this.base.innerHTML = ARROWS.map(([icon, at]) =>
      icon.replace("<svg", `<svg style="transform:translate(${at})"`),
    ).join("");
    this.base.append(this.#knob);
    this.pad.append(this.base);
    this.frame.append(this.pad);
    this.#lift = grip(
      this.pad,
      {
        start: (event) => this.start(event),
        move: (events) => this.follow(events[events.length - 1]),
        end: () => this.end(),
      },
      () => this.isGripped(),
    );
  }

  /** Whether a thumb may play it. */
  protected isGripped(): boolean {
    return !this.disabled;
  }

  /** What it is called where the page gives it no `label`. */
  protected words(): Translations {
    return CONTROL_WORDS.joystick;
  }

  protected override letGo(): void {
    this.#lift();
    super.letGo();
  }

  protected override listen(): readonly Release[] {
    const observer = new ResizeObserver(() => this.fit());
    observer.observe(this.pad);
    return [...super.listen(), calmPage(), () => observer.disconnect()];
  }

  protected override draw(): void {
    const name = this.getAttribute("label") ?? this.say(this.words());
    setAttributes(this.pad, {
      "aria-label": `${name}. ${this.say(CONTROL_WORDS.stickHelp)}`,
      "aria-disabled": String(this.disabled),
    });
    const axis = this.getAttribute("axis");
    this.base.dataset.axis = axis === "x" || axis === "y" ? axis : "";
    this.fit();
  }

  protected override fromKeys({ x, y }: StickPosition): StickPosition {
    return this.along(x, y, 0);
  }

  protected override show(): void {
    const { x, y } = this.value;
    const reach = this.#radius * REACH;
    this.#knob.style.transform = `translate(${x * reach}px, ${y * reach}px)`;
  }

  /** A position of the whole circle, or of the one axis. */
  protected along(x: number, y: number, deadZone: number): StickPosition {
    const { axis } = this.base.dataset;
    return deflect(axis === "y" ? 0 : x, axis === "x" ? 0 : y, deadZone);
  }

  private start({ clientX, clientY }: PointerEvent): void {
    this.tap();
    this.pad.classList.add("held");
    const { left, top, width, height } = this.pad.getBoundingClientRect();
    this.#middle = { x: left + width / 2, y: top + height / 2 };
    if (this.hasAttribute("floating")) {
      this.base.style.transform = `translate(${clientX - this.#middle.x}px, ${clientY - this.#middle.y}px)`;
      this.#middle = { x: clientX, y: clientY };
    }
    this.aim(clientX, clientY);
  }

  private follow(event: PointerEvent | undefined): void {
    if (event !== undefined) this.aim(event.clientX, event.clientY);
  }

  private aim(clientX: number, clientY: number): void {
    const reach = this.#radius * REACH;
    const deadZone = this.numberOf("dead-zone", DEFAULT_DEAD_ZONE, 0, MAX_DEAD_ZONE);
    this.point(this.along((clientX - this.#middle.x) / reach, (clientY - this.#middle.y) / reach, deadZone));
  }

  private end(): void {
    this.pad.classList.remove("held");
    this.base.style.transform = "";
    this.center();
  }

  /** The base is as large as its pad lets it be. */
  private fit(): void {
    const size = Math.min(this.pad.clientWidth, this.pad.clientHeight, MAX_SIZE_PX);
    if (size === 0) return; // It is not shown.
    this.#radius = size / 2;
    this.base.style.setProperty("--size", `${size}px`);
    this.show();
  }
}
