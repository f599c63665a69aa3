/** `<cw-tilt>`: the phone itself is the stick. */
import type { Release } from "../kit/kit-element.ts";
import type { Translations } from "../kit/language.ts";
import { node, picture, setText } from "../kit/node.ts";
import { css } from "../kit/theme.ts";
import { deflect } from "./direction.ts";
import { ICONS } from "./icons.ts";
import { JoystickElement } from "./joystick.ts";
import { tiltBetween, tiltOf, type Pose } from "./pose.ts";
import { CONTROL_WORDS } from "./words.ts";

declare global {
  interface HTMLElementTagNameMap {
    "cw-tilt": TiltElement;
  }
}

/** Degrees from the middle to the edge. */
const DEFAULT_RANGE = 25;
const DEAD_ZONE = 0.08;
/** A device that tells nothing for so long has no sensor. */
const SENSOR_MS = 1_500;

const STYLE = css`
  :host {
    height: auto;
    min-height: 12rem;
  }
  .frame {
    display: flex;
    flex-direction: column;
    gap: 0.6em;
  }
  .pad {
    flex: 1 1 auto;
    height: 12rem;
  }
  .news {
    text-align: center;
    font-weight: 600;
  }
  .start {
    align-self: center;
    font-size: 1.1em;
  }
  .center {
    align-self: center;
    display: flex;
    align-items: center;
    gap: 0.4em;
    padding: 0.4em 1em;
    border: 2px solid var(--line);
    border-radius: var(--radius);
    background: var(--paper);
    font-weight: 700;
  }
  .center span {
    display: flex;
  }
  .center svg {
    width: 1.3em;
  }
`;

/** What the sensor is doing; `thumb`: there is none, and a thumb plays instead. */
type Mode = "off" | "asking" | "waiting" | "tilting" | "thumb";

/** iOS: pages may read the sensor only after the person has said so, upon a tap. */
type RequestPermission = () => Promise<string>;

/**
 * Sends `{ x, y }` from −1 to 1 as `<cw-joystick>` does: right and towards the player are positive. The pose in which the phone is held
 * first is the middle. Where there is no sensor it is a joystick, and says why. Attribute: `range` (25), in degrees from the middle to the edge.
 */
export class TiltElement extends JoystickElement {
  readonly #news = node("div", { class: "news", role: "status" });
  readonly #start = node("button", { type: "button", class: "primary start", hidden: true });
  readonly #word = node("span");
  readonly #center = node("button", { type: "button", class: "center", hidden: true });
  #mode: Mode = "off";
  #why: Translations = CONTROL_WORDS.tiltMissing;
  #middle: Pose | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    super(STYLE);
    this.#center.append(picture(ICONS.center, ""), this.#word);
    this.frame.append(this.#news, this.#start, this.#center);
    this.#start.addEventListener("click", () => void this.ask());
    this.#center.addEventListener("click", () => this.calibrate());
  }

  /** What plays: `tilting`, or `thumb` where there is no sensor; before that `asking` for a tap, or `waiting` for the sensor. */
  get mode(): Mode {
    return this.#mode;
  }

  /** The pose of now is the middle. */
  calibrate(): void {
    this.#middle = undefined;
    this.center();
  }

  protected override isGripped(): boolean {
    return super.isGripped() && this.#mode === "thumb";
  }

  protected override words(): Translations {
    return CONTROL_WORDS.tilt;
  }

  protected override listen(): readonly Release[] {
    const turned = (): void => this.calibrate();
    window.addEventListener("orientationchange", turned);
    this.begin();
    return [
      ...super.listen(),
      () => window.removeEventListener("orientationchange", turned),
      () => window.removeEventListener("deviceorientation", this.#sensed),
      () => clearTimeout(this.#timer),
    ];
  }

  protected override draw(): void {
    super.draw();
    const { disabled } = this;
    setText(this.#start, this.say(CONTROL_WORDS.tiltStart));
    setText(this.#word, this.say(CONTROL_WORDS.tiltCenter));
    this.#start.hidden = this.#mode !== "asking";
    this.#start.disabled = disabled;
    this.#center.hidden = this.#mode !== "tilting";
    this.#center.disabled = disabled;
    setText(this.#news, this.#mode === "thumb" ? this.say(this.#why) : "");
  }

  private begin(): void {
    if (!window.isSecureContext) this.useThumb(CONTROL_WORDS.tiltNeedsHttps);
    else if (typeof DeviceOrientationEvent === "undefined") this.useThumb(CONTROL_WORDS.tiltMissing);
    else void this.ask();
  }

  /** Asks for the sensor where the browser wants that. What it has answered before it answers without a tap. */
  private async ask(): Promise<void> {
    try {
      const answer = (await permission()) ?? "granted";
      if (!this.isConnected) return;
      if (answer === "granted") this.sense();
      else this.useThumb(CONTROL_WORDS.tiltDenied);
    } catch {
      this.become("asking"); // It wants a tap.
    }
  }

  private sense(): void {
    this.#middle = undefined;
    this.become("waiting");
    window.addEventListener("deviceorientation", this.#sensed);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.useThumb(CONTROL_WORDS.tiltMissing), SENSOR_MS);
  }

  private useThumb(why: Translations): void {
    this.#why = why;
    this.become("thumb");
  }

  private become(mode: Mode): void {
    this.#mode = mode;
    if (this.isConnected) this.draw();
  }

  readonly #sensed = ({ beta, gamma }: DeviceOrientationEvent): void => {
    if (beta === null || gamma === null) return; // A laptop says that it has nothing to say.
    if (this.#mode !== "tilting") {
      clearTimeout(this.#timer);
      this.become("tilting");
    }
    if (this.disabled || document.visibilityState === "hidden") return;
    const pose = tiltOf(beta, gamma, screenAngle());
    this.#middle ??= pose;
    const { x, y } = tiltBetween(this.#middle, pose);
    const range = this.numberOf("range", DEFAULT_RANGE, 5, 90);
    const { axis } = this.base.dataset;
    this.point(deflect(axis === "y" ? 0 : x / range, axis === "x" ? 0 : y / range, DEAD_ZONE));
  };
}

/** The browser's answer; `undefined` where it does not ask. */
async function permission(): Promise<string | undefined> {
  const request: RequestPermission | undefined = Reflect.get(DeviceOrientationEvent, "requestPermission");
  return request?.call(DeviceOrientationEvent);
}

/** Degrees by which the screen is turned. Safari has had `screen.orientation` since 16.4. */
function screenAngle(): number {
  const angle: unknown =
    Reflect.get(screen, "orientation") === undefined ? Reflect.get(window, "orientation") : screen.orientation.angle;
  return typeof angle === "number" ? angle : 0;
}
