/** Text from phones, cut to so many characters as people count them: a family of emoji is one. */

/** Room for forty of the longest emoji. A phone may send a million characters; the rest is cut off before the text is split. */
const MOST_UNITS = 1_000;
/** A letter with more accents than this is a prank. */
const MOST_ACCENTS = 7;
/** The longest emoji, two people of two colours who kiss, has ten parts. */
const MOST_EMOJI_PARTS = 10;

const EMOJI = /^\p{Extended_Pictographic}/u;
/** The zero-width joiner: part of an emoji between emoji, a control character everywhere else. */
const NO_PART_OF_EMOJI = /(?!\p{Extended_Pictographic}|\p{Emoji_Modifier}|\u200d|\ufe0f)./gsu;

const segmenter = typeof Intl.Segmenter === "function" ? new Intl.Segmenter() : null;

/** What people see as the characters of a text; where the browser cannot tell, its code points. */
export function charactersOf(text) {
  return segmenter ? Array.from(segmenter.segment(text), ({ segment }) => segment) : Array.from(text);
}

/**
 * At most `length` characters on one line, without control characters; `gap` takes their place.
 * @param {unknown} value anything that is not text is none
 */
export function tidyText(value, length, gap = "") {
  const text = typeof value === "string" ? value.trimStart().slice(0, MOST_UNITS).normalize("NFC") : "";
  const tidied = charactersOf(text).map((character) => tidyCharacter(character, gap));
  return charactersOf(tidied.join("").replace(/\s+/g, " ").trim()).slice(0, length).join("").trim();
}

function tidyCharacter(character, gap) {
  if (!EMOJI.test(character)) {
    const parts = Array.from(character.replace(/\s+/g, " ").replace(/\p{C}+/gu, gap));
    return parts.slice(0, 1 + MOST_ACCENTS).join("");
  }
  const parts = Array.from(character.replace(NO_PART_OF_EMOJI, ""));
  return parts
    .slice(0, MOST_EMOJI_PARTS)
    .join("")
    .replace(/\u200d+$/, "");
}
