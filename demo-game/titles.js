import { tidyText } from "./characters.js";

/** Tidies titles, and compares them. */
export const TITLE_LENGTH = 40;
/** So many full stops at the end may follow a title of full length. */
const MOST_DOTS = 10;

/** A title as it is shown: in lower case and without a full stop, so that the typing does not give its author away. */
export function tidyTitle(text) {
  const words = tidyText(text, TITLE_LENGTH + MOST_DOTS, " ").toLowerCase();
  return tidyText(words.replace(/[.\s]+$/u, ""), TITLE_LENGTH);
}

/** The part of a title that decides whether two are the same: articles, accents and commas do not count. */
export function essence(title) {
  const plain = tidyTitle(title).normalize("NFD").replace(/\p{M}/gu, "");
  const words = plain
    .replace(/[^\p{L}\p{N}]+/gu, " ")
    .trim()
    .split(" ");
  return words.filter((word) => !["a", "an", "the"].includes(word)).join(" ") || plain;
}
