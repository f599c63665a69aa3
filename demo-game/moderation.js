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
  "connard",
  "encule",
];
/** Rude as a word of their own: harmless names have them inside, such as Scunthorpe, Matsushita and Salopek. */
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
  "salope",
  "cabron",
  "scheisse",
  "nutte",
];

/** What stands for letters. A number is not read so: "Player 455" is one. */
const SIGNS = { "@": "a", $: "s", "!": "i", "|": "i" };
const DIGITS = { 0: "o", 1: "i", 3: "e", 4: "a", 5: "s", 7: "t", 8: "b" };

/** What a rude name becomes. A player keeps the same one. */
const NICE_NAMES = ["Sunny Potato", "Brave Muffin", "Happy Noodle", "Tiny Walrus", "Lucky Turnip", "Jolly Teapot"];

/** The word, with each letter as often as it may be written: "fuuuck". */
const stretched = (word) => word.replace(/(.)\1*/g, (run, letter) => `${letter}{${run.length},}`);
const anywhere = new RegExp(ANYWHERE.map(stretched).join("|"));
const alone = new RegExp(`^(?:${ALONE.map(stretched).join("|")})$`);

/** Its words in small letters without accents. Letters that stand alone one after the other are one word: "f u c k". */
function wordsOf(text) {
  const small = text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().replace(/ß/g, "ss");
  const words = [];
  let isSpelling = false;
  for (const part of small.split(/[^\p{L}\p{N}@$!|]+/u).filter(Boolean)) {
    const isOne = [...part].length === 1;
    if (isOne && isSpelling) words.push(words.pop() + part);
    else words.push(part);
    isSpelling = isOne;
  }
  return words;
}

/** The word with letters for the signs that look like them, and for the digits where it has other letters. */
function asLetters(word) {
  const letters = word.replace(/[@$!|]/g, (sign) => SIGNS[sign]);
  return /\p{L}/u.test(word) ? letters.replace(/[0134578]/g, (digit) => DIGITS[digit]) : letters;
}

/** Whether the name is one that is not shown. Each word is looked at by itself: "Rabbit Chan" is a name. @param {string} name */
export function isRude(name) {
  return wordsOf(name)
    .map(asLetters)
    .some((word) => anywhere.test(word) || alone.test(word));
}

/** @param {number} id of the player */
export const niceName = (id) => NICE_NAMES[id % NICE_NAMES.length];
