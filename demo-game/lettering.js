import { drawing } from "./element.js";

/**
 * An alphabet of marker strokes, one a letter, as `[width, path]` on a grid 20 high; capitals stand between 2 and 18.
 * Headings look drawn, and the same on every machine, without a font file.
 */
const LETTERS = {
  A: [11.4, "M1 18L6 2L10.6 18M3 12.6L9 12.2"],
  B: [10.6, "M1.5 2V18M1.5 2.2C11 .8 11 9 2 9.6C12.6 8.8 12.4 19 1.5 17.8"],
  C: [10.6, "M10 4.8C7 .2 1 2.6 1 10C1 17.6 7 19.8 10.2 15.4"],
  D: [11.2, "M1.5 2V18M1.5 2.1C13.6 1.4 13.6 18.6 1.5 17.9"],
  E: [9, "M8.6 2.2L1.5 2V18L8.8 17.6M1.5 9.8L7.4 9.6"],
  F: [8.8, "M8.8 2L1.5 2.2V18M1.5 10L7.6 9.6"],
  G: [11.2, "M10 4.6C7 .2 1 2.6 1 10C1 17.6 7 19.4 10.4 15.6V10.8H6.8"],
  H: [11, "M1.5 2V18M9.8 2V18M1.5 10.2L9.8 9.6"],
  I: [3, "M1.5 2V18"],
  J: [8.4, "M7.2 2V13C7.2 19.2 1 19.2 1 14"],
  K: [10.4, "M1.5 2V18M9.6 2L1.8 11M4.4 8.6L10 18"],
  L: [8.4, "M1.5 2V17.8L8 17.6"],
  M: [14, "M1.2 18L2.4 2L7.1 11.8L11.8 2L13 18"],
  N: [11.2, "M1.5 18V2L9.9 18V2"],
  O: [12.4, "M6.3 2C-.6 2-.6 18 6.3 18C13 18 13 2 6.3 2Z"],
  P: [10, "M1.5 18V2.2C12.4 .6 12.2 11.8 1.8 11"],
  Q: [12.8, "M6.3 2C-.6 2-.6 18 6.3 18C13 18 13 2 6.3 2ZM8 13.8L12 18.8"],
  R: [10.4, "M1.5 18V2.2C12.4 .6 12 10.8 1.8 10.6M5 10.7L10 18"],
  S: [10.4, "M9.2 4.4C7.2 .8 1.2 1.4 1.2 5.8C1.2 10.4 9.6 8.8 9.6 13.8C9.6 19.2 2.4 19.2 .9 15.2"],
  T: [10.4, "M.9 2.2L9.8 2M5.4 2.2V18"],
  U: [11.2, "M1.4 2V12C1.4 20 9.8 20 9.8 12V2"],
  V: [11, "M.9 2L5.7 18L10.3 2"],
  W: [15.2, "M.9 2L4 18L7.7 6.8L11.4 18L14.4 2"],
  X: [10.6, "M1 2L9.8 18M9.8 2L1 18"],
  Y: [10.6, "M.9 2L5.4 10M10 2L5.4 10V18"],
  Z: [10.4, "M1.2 2.2H9.4L1 17.8H9.8"],
  0: [10.6, "M5.3 2C-.6 2-.6 18 5.3 18C11 18 11 2 5.3 2Z"],
  1: [6, "M1 5.4L4.6 2V18"],
  2: [10.2, "M1.2 5.6C1.6 .6 9.4 .8 9.2 6C9 10 3.6 13 1.2 17.8H9.6"],
  3: [10.2, "M1.2 3.6C4 .6 9.2 1.8 8.8 5.8C8.6 8.8 6 9.4 4 9.6C7 9.4 9.6 10.8 9.4 13.8C9.2 18.8 3 19.4 .9 15.6"],
  4: [10.4, "M7.2 18V2L1 13H9.8"],
  5: [10.2, "M8.8 2.2H2.4L1.8 9C5 7.2 9.6 8.6 9.4 13C9.2 19 2.6 19.2 .9 15.4"],
  6: [10.6, "M8.6 3.6C4.4 .4 1 6 1.1 12.4C1.2 19.6 9.6 19.4 9.6 13.4C9.6 8.2 3 7.6 1.2 12"],
  7: [10.2, "M1 2.2H9.4L4 18"],
  8: [10.8, "M5.4 9.4C.6 8.6 1 2 5.4 2C9.8 2 10.2 8.6 5.4 9.4C-.4 10.2 .2 18 5.4 18C10.6 18 11.2 10.2 5.4 9.4Z"],
  9: [10.6, "M9.4 8C7.8 12 1.2 11.6 1.2 6.8C1.2 .8 9.4 .6 9.5 7.6C9.6 14 6.6 19.6 2 16.6"],
  "!": [4, "M2 2L2.1 11.8M2.1 17.4V17.5"],
  "?": [10, "M1.2 5.4C1.6 .4 9.2 .8 9 6C8.8 9.6 5 9.4 5 12.4M5 17.4V17.5"],
  "+": [9.4, "M1 10.4H8.6M4.8 6.6V14.2"],
  "-": [7, "M1 10.4H6"],
  ".": [3, "M1.5 17.4V17.5"],
  ",": [3.6, "M2.4 16.8L1.2 20"],
  "'": [3, "M1.8 2L1.4 5"],
  " ": [4, ""],
};

const GAP = 3.4;
/** How far each letter leans and hops, in turn: regular enough to read, irregular enough to look drawn. */
const WOBBLE = [-3, 2, -1.5, 3, -2.5, 1, 2.5, -2];

/**
 * A word in marker letters, as an SVG that screen readers know as the text. Size it with CSS (`height`).
 * @param {string} text letters, digits and `! ? + - . , '`; others are left out
 * @param {{ colors?: string[], calm?: boolean }} [options] colours taken in turn; `calm` keeps the letters upright
 */
export function lettering(text, { colors = ["#fffdf6"], calm = false } = {}) {
  let x = 4;
  let outlines = "";
  let strokes = "";
  let index = 0;
  for (const character of text.toUpperCase()) {
    const letter = LETTERS[character];
    if (!letter) continue;
    const [width, path] = letter;
    const lean = calm ? 0 : WOBBLE[index % WOBBLE.length];
    const place = `transform="translate(${x.toFixed(1)} ${(lean / 4).toFixed(2)}) rotate(${lean} ${width / 2} 10)"`;
    outlines += `<path d="${path}" ${place}/>`;
    strokes += `<path d="${path}" ${place} stroke="${colors[index % colors.length]}"/>`;
    x += width + GAP;
    if (character !== " ") index++;
  }
  const width = (x - GAP + 4).toFixed(1);
  const shared = 'fill="none" stroke-linecap="round" stroke-linejoin="round"';
  const node = drawing(
    `<svg xmlns="http://www.w3.org/2000/svg" class="lettering" viewBox="0 -3.5 ${width} 28.5" role="img">` +
      `<g ${shared} stroke="#221a3f" stroke-width="7.2" transform="translate(0 1.5)">${outlines}</g>` +
      `<g ${shared} stroke="#221a3f" stroke-width="7.2">${outlines}</g>` +
      `<g ${shared} stroke-width="3.8">${strokes}</g></svg>`,
  );
  node.setAttribute("aria-label", text);
  return node;
}
