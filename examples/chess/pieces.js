/** The pieces, drawn for this game. Each is a path in a square of 45. */
const BASE =
  "M11 35.5h23v-2.2c0-1.6-1.4-2.3-3-2.3h-17c-1.6 0-3 .7-3 2.3zM9 40.5h27v-2.4c0-1.6-1-2.6-2.6-2.6h-21.8c-1.6 0-2.6 1-2.6 2.6z";

const SHAPES = {
  p: `<circle cx="22.5" cy="13.5" r="5.7"/><path d="M17.3 19h10.4l-1 2.6h-8.4z"/><path d="M19 21.6h7c.4 4 1.8 7 4.8 9.4h-16.6c3-2.4 4.4-5.4 4.8-9.4z"/><path d="${BASE}"/>`,
  r: `<path d="M11.5 8h5v3.2h3.5v-3.2h5v3.2h3.5v-3.2h5v7.5l-3.3 2.7h-15.4l-3.3-2.7z"/><path d="M15.6 18.2h13.8l1.4 12.8h-16.6z"/><path d="${BASE}"/>`,
  n: `<path d="M14 31c-.2-5.6 5.2-8.2 5.8-12.4-1.7 1-3.3 1.3-4.6 1.7-1.3.4-2 2-3.6 1.9-1.5-.1-2.8-1.8-2.4-3.2.9-3 3.6-7.6 6.6-10.3.2-1.6.3-3 1.2-4.2l3 2.4c8.4.2 13.3 7.6 13 24.1z"/><circle class="mark" cx="18.3" cy="13.1" r="1.2"/><path d="${BASE}"/>`,
  b: `<circle cx="22.5" cy="6.6" r="2.5"/><path d="M22.5 9.1c5 3.4 7.6 7.5 7.6 11.3 0 2.2-1 3.8-2.6 5.1h-10c-1.6-1.3-2.6-2.9-2.6-5.1 0-3.8 2.6-7.9 7.6-11.3z"/><path class="line" d="M22.5 14v7M19.2 17.4h6.6"/><path d="M16.4 25.5h12.2l2.2 5.5h-16.6z"/><path d="${BASE}"/>`,
  q: `<circle cx="8.4" cy="13" r="2.1"/><circle cx="15.6" cy="9.3" r="2.1"/><circle cx="22.5" cy="7.9" r="2.3"/><circle cx="29.4" cy="9.3" r="2.1"/><circle cx="36.6" cy="13" r="2.1"/><path d="M9.2 15l5 7.6 1.6-11.3 4.3 10.4 2.4-11.5 2.4 11.5 4.3-10.4 1.6 11.3 5-7.6-3.2 12.6h-20.2z"/><path d="M12.6 27.6h19.8l-1.6 3.4h-16.6z"/><path d="${BASE}"/>`,
  k: `<path d="M21.2 3.5h2.6v2.7h2.8v2.6h-2.8v3.4h-2.6v-3.4h-2.8v-2.6h2.8z"/><path d="M22.5 12.2c3 0 4.2 2 4 4.3 2-2 8.7-2.2 9.2 2.7.3 3.4-2.7 5-3.5 8.4h-19.4c-.8-3.4-3.8-5-3.5-8.4.5-4.9 7.2-4.7 9.2-2.7-.2-2.3 1-4.3 4-4.3z"/><path d="M12.8 27.6h19.4l-1.4 3.4h-16.6z"/><path d="${BASE}"/>`,
};

export const PIECE_NAMES = { p: "pawn", n: "knight", b: "bishop", r: "rook", q: "queen", k: "king" };

/** @param {string} letter as in FEN: capitals are white */
export function pieceSvg(letter) {
  const type = letter.toLowerCase();
  const side = letter === type ? "black" : "white";
  return `<svg class="piece ${side}" viewBox="0 0 45 45" aria-hidden="true">${SHAPES[type]}</svg>`;
}
