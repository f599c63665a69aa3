/**
 * Controls for phones, as custom elements: each is bound to a player's room and sends an event of the game. Importing this makes them
 * known to the page.
 * @module
 */
import { define } from "../kit/define.ts";
import { CwDpad, CwJoystick, CwTilt } from "./base.ts";
import { CwButton } from "./button.ts";
import { CwChoice } from "./choice.ts";
import { CwDraw } from "./draw.ts";
import { CwSwipe } from "./swipe.ts";
import { CwText } from "./text.ts";

export { canVibrate, CwDpad, CwJoystick, CwTilt, setVibration, vibrate } from "./base.ts";
export type { ControlTarget, Release, StickPosition } from "./base.ts";
export { CwButton } from "./button.ts";
export type { ButtonPress } from "./button.ts";
export { CwChoice } from "./choice.ts";
export type { ChoiceOption } from "./choice.ts";
export { CwDraw } from "./draw.ts";
export type { DrawingOptions } from "./draw.ts";
export type { DrawStroke } from "./sheet.ts";
export { CwSwipe } from "./swipe.ts";
export type { Swipe } from "./swipe.ts";
export { CwText } from "./text.ts";

define("cw-button", CwButton);
define("cw-choice", CwChoice);
define("cw-dpad", CwDpad);
define("cw-draw", CwDraw);
define("cw-joystick", CwJoystick);
define("cw-swipe", CwSwipe);
define("cw-text", CwText);
define("cw-tilt", CwTilt);
