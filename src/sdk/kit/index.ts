/** What the elements of `ui/` and `controls/` share: `kit.js`, which both import. */
export { ConnectionElement } from "./connection-element.ts";
export type { ShownConnection } from "./connection-element.ts";
export { define } from "./define.ts";
export { noteJoined, readProfile, rememberProfile, wasJoined } from "./device-profile.ts";
export type { DeviceProfile } from "./device-profile.ts";
export { KitElement } from "./kit-element.ts";
export type { Release } from "./kit-element.ts";
export { LANGUAGES, translate } from "./language.ts";
export type { Language, Translations } from "./language.ts";
export { moveFocus } from "./move-focus.ts";
export { node, picture, setAttributes, setText } from "./node.ts";
export type { Attributes } from "./node.ts";
export { css } from "./theme.ts";
export { QrElement, typedAddress } from "./qr-element.ts";
export type { InvitingRoom } from "./qr-element.ts";
export { sentenceOfClose, sentenceOfFailure } from "./trouble.ts";
export type { Sentence } from "./trouble.ts";
export { WORDS } from "./words.ts";
