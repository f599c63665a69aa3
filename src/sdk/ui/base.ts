/**
 * What the lobby and the form to join are made of, and the elements that need neither. The build makes a file of its own of it, `ui-base.js`, which `ui.js`
 * loads: together they would be larger than one file should be.
 */
export { avatarOf, AVATARS, avatarSvg } from "./avatars.ts";
export { CountdownElement } from "./countdown-element.ts";
export { LeaderboardElement } from "./leaderboard-element.ts";
export type { LeaderboardEntry } from "./leaderboard-element.ts";
export { ownCharacter } from "./own-characters.ts";
export { portrait, PORTRAIT_STYLES } from "./portrait.ts";
export { UI_WORDS } from "./words.ts";
