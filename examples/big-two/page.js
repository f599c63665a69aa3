/** What the pages of the TV and of the phones both need. */
export const byId = (id) => document.getElementById(id);

/** An element with a text. What players wrote gets into the page as text, never as HTML. */
export function element(name, text = "", className = "") {
  return Object.assign(document.createElement(name), { textContent: text, className });
}

/** Shows a sentence at the bottom of the page; "" takes it away. */
export function notify(sentence) {
  if (byId("notice").textContent !== sentence) byId("notice").textContent = sentence;
  byId("notice").hidden = sentence === "";
}

/** A colour for each seat. */
export const SEAT_COLORS = ["#f2a541", "#5bb8e8", "#e5739d", "#7fc96b"];

/** The round picture of a player: its first letter on the colour of its seat. */
export function avatar(name, seat) {
  const node = element("span", [...name.trim()][0] || "?", "avatar");
  node.style.background = SEAT_COLORS[seat % SEAT_COLORS.length];
  node.setAttribute("aria-hidden", "true");
  return node;
}

export function countOf(cards) {
  return cards === 1 ? "1 card" : `${cards} cards`;
}
