/**
 * Ink on the easels of the TV: one blot for each stroke, in the stroke's colour. It shows that a drawing grows, and not what it is.
 */

/** Blots on one easel; a longer drawing shows its last strokes. */
export const MOST_INK = 40;

/** In the order of the colours on the phone. */
const INKS = ["#221a3f", "#f0402c", "#ffc21a", "#27ae60", "#2f80ff", "#ff7fc0", "#a3643a"];
/** Turning by this angle each time never lands in the same direction twice, as the seeds of a sunflower do. */
const GOLDEN_ANGLE = 2.399_963;

/** The colours in a phone's message; what is none is left out. */
export function readInk(colors) {
  if (!Array.isArray(colors)) return [];
  return colors.slice(-MOST_INK).filter((index) => INKS[index] !== undefined);
}

/** The blots of these colours, as SVG for a square of 100; `seed` tells one easel from another. */
export function blots(colors, seed) {
  return colors
    .map((color, index) => {
      const turn = index * GOLDEN_ANGLE + seed;
      const reach = 7 * Math.sqrt(index);
      const x = 50 + reach * Math.cos(turn);
      const y = 50 + reach * Math.sin(turn) * 0.8;
      const size = 7 + ((index * 7 + seed * 3) % 6);
      const drop = size * 0.32;
      const [dx, dy] = [Math.cos(turn * 3) * size * 1.5, Math.sin(turn * 3) * size * 1.5];
      return `<g class="blot" fill="${INKS[color]}"><path d="${blob(x, y, size, turn)}"/><circle cx="${round(x + dx)}" cy="${round(y + dy)}" r="${round(drop)}"/></g>`;
    })
    .join("");
}

/** A round spot with an uneven edge. */
function blob(x, y, size, turn) {
  const points = Array.from({ length: 8 }, (_, corner) => {
    const angle = (corner / 8) * 2 * Math.PI + turn;
    const reach = size * (1 + 0.16 * Math.sin(corner * 2.3 + turn * 5));
    return [x + reach * Math.cos(angle), y + reach * Math.sin(angle)];
  });
  const middles = points.map(([x1, y1], corner) => {
    const [x2, y2] = points[(corner + 1) % 8];
    return [(x1 + x2) / 2, (y1 + y2) / 2];
  });
  const [startX, startY] = middles[7];
  const curves = points.map(([cx, cy], corner) => `Q${round(cx)} ${round(cy)} ${middles[corner].map(round).join(" ")}`);
  return `M${round(startX)} ${round(startY)}${curves.join("")}Z`;
}

const round = (value) => Number(value.toFixed(1));
