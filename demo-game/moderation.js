/**
 * Names that this game does not show, on the TV, on other phones or in a stream: a short list, for a sofa. A server with strangers asks more of `onJoin`
 * (docs/STREAMING.md).
 */

/** Rude wherever they stand, also within a longer word. */
const ANYWHERE = [
  "fuck",
  "bitch",
  "whore",
  "asshole",
  "arsehole",
  "nigger",
  "nigga",
  "faggot",
  "hitler",
  "bullshit",
  "dumbass",
  "wanker",
  "arschloch",
  "wichser",
  "hurensohn",
  "fotze",
  "mierda",
  "cabron",
  "salope",
  "connard",
  "encule",
];
/** Rude as a word of their own: harmless words have them inside, such as Scunthorpe and Matsushita. */
const ALONE = [
  "shit",
  "shithead",
  "cunt",
  "cock",
  "twat",
  "slut",
  "tits",
  "rape",
  "rapist",
  "penis",
  "porn",
  "nazi",
  "fag",
  "arse",
  "ass",
  "puta",
  "puto",
  "merde",
  "pute",
  "scheisse",
  "nutte",
];

/** Digits and signs that stand for letters. */
const SWAPS = { 0: "o", 1: "i", 3: "e", 4: "a", 5: "s", 7: "t", 8: "b", "@": "a", $: "s", "!": "i", "|": "i" };

/** What a rude name becomes. A player keeps the same one. */
const NICE_NAMES = ["Sunny Potato", "Brave Muffin", "Happy Noodle", "Tiny Walrus", "Lucky Turnip", "Jolly Teapot"];

/** The word, with each letter as often as it may be written: "fuuuck". */
const stretched = (word) => word.replace(/(.)\1*/g, (run, letter) => `${letter}{${run.length},}`);
const anywhere = new RegExp(ANYWHERE.map(stretched).join("|"));
const alone = new RegExp(`^(?:${ALONE.map(stretched).join("|")})$`);

/** In small letters without accents, with letters for the digits that look like them, and with one blank for all between words. */
function plain(text) {
  const letters = text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().replace(/ß/g, "ss");
  return letters
    .replace(/[0134578@$!|]/g, (sign) => SWAPS[sign])
    .replace(/[^\p{L}\p{N}]+/gu, " ")
    .trim();
}

/** Whether the name is one that is not shown. @param {string} name */
export function isRude(name) {
  const words = plain(name).split(" ");
  const joined = words.join("");
  return anywhere.test(joined) || [joined, ...words].some((word) => alone.test(word));
}

/** @param {number} id of the player */
export const niceName = (id) => NICE_NAMES[id % NICE_NAMES.length];
