import { tidyText } from "./characters.js";

/** What a title may be, and when two of them are the same. */
export const TITLE_LENGTH = 40;
/** More full stops than this at the end are no typing error. */
const MOST_DOTS = 10;

/** A title as everybody sees it: in lower case and without a full stop, so that nobody's typing gives them away. */
export function tidyTitle(text) {
  const words = tidyText(text, TITLE_LENGTH + MOST_DOTS, " ").toLowerCase();
  return tidyText(words.replace(/[.\s]+$/u, ""), TITLE_LENGTH);
}

/** What two titles have in common if they are the same to a person: articles, accents and commas do not count. */
export function essence(title) {
  const plain = tidyTitle(title).normalize("NFD").replace(/\p{M}/gu, "");
  const words = plain
    .replace(/[^\p{L}\p{N}]+/gu, " ")
    .trim()
    .split(" ");
  return words.filter((word) => !["a", "an", "the"].includes(word)).join(" ") || plain;
}
