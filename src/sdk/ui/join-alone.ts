/** `/sdk/join.js`: the form to join by itself, with all that it needs and nothing of the TV's, so that the phones of the launcher load half as much. */
import { define } from "../kit/define.ts";
import { JoinElement } from "./join-element.ts";

export { AVATARS, avatarSvg } from "./avatars.ts";

define("cw-join", JoinElement);
