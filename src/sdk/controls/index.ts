/**
 * Controls for phones, as custom elements: each is bound to a player's room and sends an event of the game. Importing this makes them
 * known to the page.
 * @module
 */
import { define } from "../kit/define.ts";
import { DpadElement, JoystickElement, TiltElement } from "./base.ts";
import { ButtonElement } from "./button.ts";
import { ChoiceElement } from "./choice.ts";
import { DrawElement } from "./draw.ts";
import { SwipeElement } from "./swipe.ts";
import { TextElement } from "./text.ts";

export { canVibrate, DpadElement, JoystickElement, TiltElement, setVibration, vibrate } from "./base.ts";
export type { ControlEventName, ControlTarget, Release, StickPosition } from "./base.ts";
export { ButtonElement } from "./button.ts";
export type { ButtonPress } from "./button.ts";
export { ChoiceElement } from "./choice.ts";
export type { ChoiceOption } from "./choice.ts";
export { DrawElement } from "./draw.ts";
export type { DrawingOptions } from "./draw.ts";
export { gamepads } from "./gamepads.ts";
export type { GamepadRoom, Gamepads, GamepadsOptions } from "./gamepads.ts";
export type { DrawStroke } from "./sheet.ts";
export { SwipeElement } from "./swipe.ts";
export type { Swipe } from "./swipe.ts";
export { TextElement } from "./text.ts";

define("cw-button", ButtonElement);
define("cw-choice", ChoiceElement);
define("cw-dpad", DpadElement);
define("cw-draw", DrawElement);
define("cw-joystick", JoystickElement);
define("cw-swipe", SwipeElement);
define("cw-text", TextElement);
define("cw-tilt", TiltElement);
