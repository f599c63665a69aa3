import { drawing } from "./element.js";

/**
 * The faces of the players. A face is five digits, such as "30412": colour, body, eyes, mouth, top. It travels in a
 * message as five characters, and any five digits make a face.
 */
const INK = "#221a3f";
export const COLORS = ["#ff6b57", "#ffb81f", "#3ecf8e", "#39a9ff", "#b07bff", "#ff7fc0", "#8bd450", "#ff9350"];

const PEAR = "M50 14C68 14 74 34 80 54C90 84 72 92 50 92C28 92 10 84 20 54C26 34 32 14 50 14Z";
const BODIES = [
  "M50 16C80 16 88 40 86 64C84 88 70 92 50 92C30 92 16 88 14 64C12 40 20 16 50 16Z",
  PEAR,
  "M22 26C36 16 64 16 78 26C88 36 86 76 80 86C68 94 32 94 20 86C14 76 12 36 22 26Z",
  "M50 22C66 8 90 26 84 50C92 72 76 94 50 90C24 94 8 72 16 50C10 26 34 8 50 22Z",
  "M50 18C76 18 92 46 88 66C84 90 66 88 58 92C52 88 46 88 40 92C32 88 16 90 12 66C8 46 24 18 50 18Z",
  "M34 18C54 12 84 18 86 46C88 74 76 92 52 92C26 92 12 78 14 52C15 34 20 22 34 18Z",
];

const line = `fill="none" stroke="${INK}" stroke-width="4.5" stroke-linecap="round" stroke-linejoin="round"`;
const eye = (x, y, radius, dx = 0, dy = 0) =>
  `<circle cx="${x}" cy="${y}" r="${radius}" fill="#fff" stroke="${INK}" stroke-width="4"/>` +
  `<circle cx="${x + dx}" cy="${y + dy}" r="${radius * 0.42}" fill="${INK}"/>`;

const EYES = [
  eye(37, 46, 10, 2, 1) + eye(63, 46, 10, 2, 1),
  eye(50, 44, 15, 0, 3),
  eye(36, 47, 12, 3, -3) + eye(64, 44, 8, 2, -2),
  `<circle cx="37" cy="46" r="5.5" fill="${INK}"/><circle cx="63" cy="46" r="5.5" fill="${INK}"/>`,
  `<path d="M29 48C32 40 41 40 44 48M56 48C59 40 68 40 71 48" ${line}/>`,
  `${eye(37, 47, 10, 0, 3)}${eye(63, 47, 10, 0, 3)}<path d="M24 40C32 34 42 35 48 41M52 41C58 35 68 34 76 40" ${line}/>`,
  `${eye(37, 46, 10, 3, 0)}<path d="M54 46L72 46" ${line}/>`,
  eye(28, 46, 8, 1, 2) + eye(50, 42, 9, 0, 2) + eye(72, 46, 8, -1, 2),
];

const MOUTHS = [
  `<path d="M34 66C40 78 60 78 66 66" ${line}/>`,
  `<path d="M34 64H66C66 82 34 82 34 64Z" fill="${INK}" stroke="${INK}" stroke-width="4" stroke-linejoin="round"/><path d="M42 76C46 70 54 70 58 76C54 79 46 79 42 76Z" fill="#ff7f8f"/>`,
  `<path d="M36 66H64V75C58 79 42 79 36 75Z" fill="#fff" stroke="${INK}" stroke-width="4" stroke-linejoin="round"/><path d="M45.500 67V77M54.500 67V77" stroke="${INK}" stroke-width="3"/>`,
  `<ellipse cx="50" cy="70" rx="7" ry="8" fill="${INK}"/>`,
  `<path d="M34 72C38 64 42 76 48 70C54 64 58 76 66 68" ${line}/>`,
  `<path d="M36 66C44 74 56 74 64 66" ${line}/><path d="M54 71V81C54 85 62 85 62 80V68Z" fill="#ff7f8f" stroke="${INK}" stroke-width="4" stroke-linejoin="round"/>`,
];

const shape = `stroke="${INK}" stroke-width="4.500" stroke-linejoin="round" stroke-linecap="round"`;
const TOPS = [
  "",
  `<path d="M30 24C22 18 20 8 22 2C30 4 38 10 40 18ZM70 24C78 18 80 8 78 2C70 4 62 10 60 18Z" fill="#fff3d6" ${shape}/>`,
  `<path d="M40 20C38 12 34 8 30 6M60 20C62 12 66 8 70 6" ${line}/><circle cx="29" cy="6" r="5" fill="#ffe066" ${shape}/><circle cx="71" cy="6" r="5" fill="#ffe066" ${shape}/>`,
  `<path d="M50 18C46 10 48 4 54 0M42 20C36 14 34 8 36 2M58 20C64 14 68 10 70 4" ${line}/>`,
  `<path d="M22 30C22 6 78 6 78 30C60 24 40 24 22 30Z" fill="#ff5a45" ${shape}/><circle cx="50" cy="7" r="6" fill="#fff" ${shape}/>`,
  `<path d="M50 16C40 4 28 6 28 16C28 26 42 26 50 16C58 26 72 26 72 16C72 6 60 4 50 16Z" fill="#ff5fa8" ${shape}/>`,
  `<path d="M50 20C50 10 56 0 72 2C72 14 62 18 50 20Z" fill="#56c85a" ${shape}/>`,
  `<path d="M34 24L52 -2L66 24C56 18 44 18 34 24Z" fill="#7a5cff" ${shape}/><path d="M44 12L58 9" stroke="#ffe066" stroke-width="4"/>`,
];

const CROWN = `<path d="M28 24L23 3L38 13L50 -2L62 13L77 3L72 24C58 18 42 18 28 24Z" fill="#ffd43b" ${shape}/>`;

const WOBBLY_MOUTH = "4";

const PARTS = [COLORS, BODIES, EYES, MOUTHS, TOPS];

/** Five random digits; `like` keeps that face's colour. */
export function randomFace(like, random = Math.random) {
  const digits = PARTS.map((part) => Math.floor(random() * part.length));
  if (like) digits[0] = Number(like[0]);
  return digits.join("");
}

/** The same face in another colour. */
export const withColor = (face, color) => String(color) + face.slice(1);

/** The same face when things have gone wrong. */
export const worried = (face) => face.slice(0, 3) + WOBBLY_MOUTH + face[4];

export const isFace = (value) => typeof value === "string" && /^\d{5}$/.test(value);

export const colorOf = (face) => COLORS[Number(face[0]) % COLORS.length];

/** A face as an SVG, with a crown for the winners of the last game. Screen readers skip it: the name stands beside it. */
export function avatar(face, { isCrowned = false } = {}) {
  const [color, body, eyes, mouth, top] = PARTS.map((part, index) => part[Number(face[index]) % part.length]);
  const shine = body === PEAR ? 33 : 24;
  return drawing(
    `<svg xmlns="http://www.w3.org/2000/svg" class="avatar" viewBox="-2 -6 104 104" aria-hidden="true">` +
      `<path d="${body}" fill="${color}" stroke="${INK}" stroke-width="5" stroke-linejoin="round"/>` +
      `<path d="M${shine} 46C${shine} 36 ${shine + 5} 30 ${shine + 12} 27" fill="none" stroke="#fff" stroke-opacity=".55" stroke-width="5" stroke-linecap="round"/>` +
      `${eyes}${mouth}${isCrowned ? CROWN : top}</svg>`,
  );
}
