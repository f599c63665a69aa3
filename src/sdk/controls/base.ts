/**
 * What the controls are made of, and those that point somewhere. The build makes a file of its own of it, `controls-base.js`, which
 * `controls.js` loads: together they would be larger than one file should be.
 */
export type { Release } from "../kit/kit-element.ts";
export { Control } from "./control.ts";
export type { ControlEventName, ControlTarget } from "./control.ts";
export { CENTER, deflect, isSame } from "./direction.ts";
export type { StickPosition } from "./direction.ts";
export { DpadElement } from "./dpad.ts";
export { keepDraft } from "./draft.ts";
export type { Draft } from "./draft.ts";
export { calmPage, grip } from "./grip.ts";
export type { LetGo } from "./grip.ts";
export { canVibrate, setVibration, vibrate } from "./haptics.ts";
export { ICONS } from "./icons.ts";
export { JoystickElement } from "./joystick.ts";
export { watchKeyboard } from "./keyboard.ts";
export { TiltElement } from "./tilt.ts";
export { CONTROL_WORDS } from "./words.ts";
