/** Cards as elements. */
import { cardName, SUIT_SIGNS } from "./rules.js";
import { element } from "./page.js";

const SUIT_NAMES = { D: "diamonds", C: "clubs", H: "hearts", S: "spades" };
const RANK_NAMES = { J: "jack", Q: "queen", K: "king", A: "ace" };
/** Without it some phones draw suits as emoji. */
const AS_TEXT = "\uFE0E";

/** A card face up. @param {string} card @param {"span" | "button"} [tag] */
export function faceUp(card, tag = "span") {
  const [rank, suit] = [card.slice(0, -1), card.slice(-1)];
  const node = element(tag, "", `card suit-${suit}`);
  const corner = element("span", "", "corner");
  corner.append(element("b", rank), element("i", SUIT_SIGNS[suit] + AS_TEXT));
  node.append(corner, element("i", SUIT_SIGNS[suit] + AS_TEXT, "pip"));
  node.dataset.card = card;
  node.title = cardName(card);
  node.setAttribute("aria-label", `${RANK_NAMES[rank] || rank} of ${SUIT_NAMES[suit]}`);
  if (tag === "span") node.setAttribute("role", "img");
  return node;
}

/** So many cards face down, a small fan. */
export function faceDown(count) {
  const fan = element("span", "", "fan");
  fan.append(...Array.from({ length: count }, () => element("span", "", "back")));
  fan.setAttribute("aria-hidden", "true");
  return fan;
}

/** A play on the table, its lowest card first. */
export function played(cards) {
  const node = element("div", "", cards.length === 5 ? "played five" : "played");
  node.append(...cards.map((card) => faceUp(card)));
  return node;
}
