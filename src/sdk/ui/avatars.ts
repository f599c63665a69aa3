/** Twenty-four characters, drawn for 32 to 200 pixels: flat shapes on a round ground, and the same eyes for all of them. */

const INK = "#323";
const WHITE = "#fff";

const oval = (fill: string, x: number, y: number, width: number, height = width): string =>
  `<ellipse cx="${x}" cy="${y}" rx="${width}" ry="${height}" fill="${fill}"/>`;
const shape = (fill: string, path: string): string => `<path fill="${fill}" d="${path}"/>`;
const line = (color: string, width: number, path: string): string =>
  `<path fill="none" stroke="${color}" stroke-width="${width}" stroke-linecap="round" stroke-linejoin="round" d="${path}"/>`;
/** The shapes, and once more as in a mirror at the middle. */
const both = (...shapes: readonly string[]): string => {
  const half = shapes.join("");
  return `${half}<g transform="matrix(-1 0 0 1 100 0)">${half}</g>`;
};
const eye = (x: number, y: number, size = 4.6): string =>
  oval(INK, x, y, size, size * 1.2) + oval(WHITE, x + size * 0.34, y - size * 0.44, size * 0.36);
const eyes = (x: number, y: number, size?: number): string => eye(x, y, size) + eye(100 - x, y, size);
const smile = (y: number, width = 7): string => line(INK, 3, `M${50 - width} ${y}q${width} ${width} ${2 * width} 0`);
const cheeks = (color: string, x: number, y: number): string => both(oval(color, x, y, 5, 3.6));

/** By name: the colour of the ground, then what stands on it. */
const DRAWINGS = {
  fox: [
    "#277",
    both(shape("#e73", "M21 52L18 17Q34 21 46 34Z"), shape("#731", "M25 38L24 25Q32 28 37 34Z")),
    shape("#e73", "M50 87C28 82 16 64 20 46C28 29 72 29 80 46C84 64 72 82 50 87Z"),
    both(shape("#fed", "M50 87C30 82 18 68 19 55C35 54 47 64 50 79Z")),
    eyes(37, 55),
    oval(INK, 50, 80, 6, 5),
  ],
  owl: [
    "#fd6",
    shape("#649", "M19 20Q30 19 38 24Q50 21 62 24Q70 19 81 20Q78 30 81 38V58Q81 87 50 87Q19 87 19 58V38Q22 30 19 20Z"),
    shape("#b9d", "M33 68Q50 58 67 68Q66 84 50 84Q34 84 33 68Z"),
    both(oval(WHITE, 36, 48, 15)),
    eyes(38, 48, 6),
    shape("#f93", "M44 56Q50 52 56 56L50 68Z"),
  ],
  frog: [
    "#fcd",
    both(oval("#5b4", 32, 35, 14)),
    oval("#5b4", 50, 60, 35, 26),
    both(oval(WHITE, 32, 34, 9)),
    eyes(32, 35),
    both(oval("#383", 47, 53, 1.5)),
    line(INK, 3, "M31 64Q50 80 69 64"),
    cheeks("#f89", 25, 62),
  ],
  panda: [
    "#7c9",
    both(oval(INK, 25, 31, 12)),
    oval(WHITE, 50, 57, 33, 29),
    both(shape(INK, "M29 49C23 56 25 68 34 67C43 65 47 51 41 47C37 44 33 45 29 49Z")),
    both(oval(WHITE, 37, 56, 5)),
    both(oval(INK, 38, 57, 3)),
    oval(INK, 50, 66, 5, 3.5),
    smile(73, 5),
  ],
  cat: [
    "#fc4",
    both(shape("#334", "M20 54L18 18Q34 22 47 36Z"), shape("#f8a", "M25 39L24 27Q32 30 36 36Z")),
    oval("#334", 50, 59, 32, 27),
    both(oval("#ce6", 37, 55, 8, 8), oval(INK, 38, 55, 2.5, 7), line("#ccd", 2, "M27 67L13 64M27 71L14 74")),
    shape("#f8a", "M46 65H55L50 70Z"),
    line("#ccd", 2.5, "M41 73Q46 76 50 70Q54 76 59 73"),
  ],
  robot: [
    "#e54",
    line("#456", 3.5, "M50 30V18"),
    oval("#fc4", 50, 15, 6),
    both(shape("#456", "M9 50q0-4 4-4h8v22h-8q-4 0-4-4z")),
    shape("#cde", "M29 28h42q11 0 11 11v34q0 11-11 11H29q-11 0-11-11V39q0-11 11-11z"),
    shape("#235", "M33 38h34q7 0 7 7v12q0 7-7 7H33q-7 0-7-7V45q0-7 7-7z"),
    both(oval("#6ec", 39, 51, 5)),
    line("#456", 3, "M40 74h20"),
  ],
  octopus: [
    "#adf",
    shape(
      "#d59",
      "M50 14C72 14 80 30 80 48C80 62 88 64 88 73C88 82 76 84 72 77C70 87 60 89 57 80C54 89 46 89 43 80C40 89 30 87 28 77C24 84 12 82 12 73C12 64 20 62 20 48C20 30 28 14 50 14Z",
    ),
    oval("#f8b", 35, 29, 5, 4) + oval("#f8b", 46, 23, 3, 2.5),
    eyes(38, 50, 5),
    smile(60, 6),
    cheeks("#b37", 29, 60),
  ],
  rabbit: [
    "#79e",
    both(
      shape("#fee", "M29 48C18 32 15 7 27 6C40 6 46 28 45 46Z"),
      shape("#fab", "M31 38C25 26 23 14 28 13C34 14 38 26 38 38Z"),
    ),
    oval("#fee", 50, 63, 29, 25),
    eyes(39, 59),
    cheeks("#fab", 29, 68),
    oval("#e78", 50, 67, 4, 3),
    line(INK, 2.5, "M43 73Q47 76 50 71Q53 76 57 73"),
  ],
  lion: [
    "#adb",
    `<circle cx="50" cy="53" r="32" fill="#a52" stroke="#a52" stroke-width="16" stroke-linecap="round" stroke-dasharray="0 16.755"/>`,
    both(oval("#fc5", 31, 34, 8), oval("#a52", 31, 35, 4)),
    oval("#fc5", 50, 57, 26, 24),
    oval("#fec", 50, 68, 13, 9),
    eyes(39, 53),
    shape(INK, "M44 60H57L50 67Z"),
    smile(70, 5),
  ],
  penguin: [
    "#8de",
    shape("#235", "M50 12C76 12 83 40 83 60C83 80 68 88 50 88C32 88 17 80 17 60C17 40 24 12 50 12Z"),
    shape(WHITE, "M50 44C54 30 76 30 76 54C76 72 64 85 50 85C36 85 24 72 24 54C24 30 46 30 50 44Z"),
    eyes(38, 53),
    shape("#f92", "M41 61Q50 55 59 61L50 71Z"),
    cheeks("#fbb", 30, 64),
  ],
  pig: [
    "#75c",
    both(shape("#e78", "M21 48Q12 22 21 19Q37 22 44 35Z")),
    oval("#fab", 50, 58, 33, 28),
    eyes(34, 53),
    oval("#e78", 50, 66, 14, 10),
    both(oval("#935", 45, 66, 2.5, 4)),
    smile(79, 5),
  ],
  koala: [
    "#ce7",
    both(oval("#89a", 20, 39, 15), oval("#ecd", 20, 40, 9)),
    oval("#aab", 50, 58, 30, 28),
    eyes(36, 53),
    oval(INK, 50, 62, 8, 11),
    oval("#668", 48, 56, 2.5, 3),
    smile(77, 5),
  ],
  ghost: [
    "#44a",
    shape(
      WHITE,
      "M50 13C73 13 82 31 82 53V82c-5 8-11 8-16 0c-5 8-11 8-16 0c-5 8-11 8-16 0c-5 8-11 8-16 0V53C18 31 27 13 50 13Z",
    ),
    eyes(39, 45, 6),
    oval(INK, 50, 61, 5, 6),
    oval("#f78", 50, 64, 3.5, 3),
    cheeks("#ccf", 28, 57),
  ],
  alien: [
    "#325",
    both(line("#9e5", 3.5, "M40 30Q36 18 28 17"), oval("#fe6", 27, 16, 6)),
    shape("#9e5", "M50 25C76 25 87 42 81 58C75 75 60 87 50 87C40 87 25 75 19 58C13 42 24 25 50 25Z"),
    both(shape(INK, "M24 49C31 43 45 50 45 63C35 69 23 62 24 49Z")),
    oval(WHITE, 33, 53, 3) + oval(WHITE, 69, 53, 3),
    smile(75, 5),
  ],
  cactus: [
    "#fc7",
    line("#495", 13, "M34 62H21V46") + line("#495", 13, "M66 56H79V38"),
    shape("#495", "M31 84V36a19 19 0 0 1 38 0V84Z"),
    line("#374", 2.5, "M50 26V33M39 29V37M61 29V37"),
    both(oval("#f7a", 44, 16, 5)) + oval("#f7a", 50, 11, 5) + oval("#fd6", 50, 16, 4),
    eyes(42, 50),
    smile(59, 6),
    shape("#c63", "M25 75H75L69 92H31Z"),
    shape("#e75", "M23 71H77V79H23Z"),
  ],
  mushroom: [
    "#bed",
    shape("#fed", "M31 56H69C67 68 78 88 62 89H38C22 88 33 68 31 56Z"),
    shape("#d43", "M11 50C11 24 30 11 50 11C70 11 89 24 89 50C89 60 76 61 50 61C24 61 11 60 11 50Z"),
    oval(WHITE, 50, 25, 8) + both(oval(WHITE, 27, 40, 7)) + both(oval(WHITE, 45, 50, 4)),
    eyes(41, 71),
    smile(78, 5),
    cheeks("#fb9", 33, 79),
  ],
  tiger: [
    "#269",
    both(oval("#f93", 25, 33, 11), oval("#fed", 25, 34, 6)),
    oval("#f93", 50, 58, 33, 28),
    shape(INK, "M45 30H55L50 43Z") + both(shape(INK, "M33 34L40 31L42 42ZM17 55L31 58L18 62ZM20 68L32 69L24 75Z")),
    both(oval("#fed", 43, 69, 10, 8)),
    eyes(37, 54),
    shape("#d56", "M44 60H56L50 67Z"),
    line(INK, 2.5, "M42 73Q47 76 50 70Q53 76 58 73"),
  ],
  television: [
    "#4aa",
    line("#532", 3.5, "M50 28L37 12M50 28L66 10"),
    oval("#fc4", 36, 11, 4) + oval("#fc4", 67, 9, 4),
    shape("#532", "M24 80h10l-4 10h-6zM76 80H66l4 10h6z"),
    shape("#d74", "M22 28h56q9 0 9 9v38q0 9-9 9H22q-9 0-9-9V37q0-9 9-9z"),
    shape("#efe", "M28 36h30q9 0 9 9v22q0 9-9 9H28q-9 0-9-9V45q0-9 9-9z"),
    eye(34, 53) + eye(52, 53),
    line(INK, 3, "M36 63q7 7 14 0"),
    oval("#532", 77, 45, 4) + oval("#532", 77, 57, 4),
    line("#532", 2.5, "M73 67h8M73 73h8"),
  ],
  chick: [
    "#e68",
    shape("#fb2", "M43 30Q34 18 44 17Q46 8 53 12Q64 12 58 30Z"),
    oval("#fd4", 50, 57, 32, 30),
    eyes(36, 53),
    shape("#f82", "M41 61Q50 53 59 61Q50 66 41 61Z") + shape("#d62", "M41 61Q50 66 59 61L50 71Z"),
    cheeks("#fa7", 27, 64),
  ],
  unicorn: [
    "#b9f",
    both(shape(WHITE, "M27 44L24 21Q37 25 43 36Z"), shape("#fbc", "M29 37L28 28Q34 30 37 35Z")),
    shape(WHITE, "M50 28C73 28 79 44 75 60C73 80 64 89 50 89C36 89 27 80 25 60C21 44 27 28 50 28Z"),
    shape("#fc4", "M43 31L50 4L57 31Z") + line("#d91", 2.5, "M47 19L53 17M45 26L55 23"),
    oval("#f7a", 40, 33, 9, 8) + oval("#5be", 60, 33, 9, 8) + oval("#fd4", 50, 35, 8),
    shape("#fcd", "M34 74Q50 64 66 74Q64 86 50 86Q36 86 34 74Z"),
    both(oval("#b57", 45, 76, 2, 2.5)),
    eyes(36, 57),
  ],
  dinosaur: [
    "#fba",
    shape("#e64", "M27 36L30 17L42 28L50 8L58 28L70 17L73 36Z"),
    shape("#398", "M50 25C75 25 83 42 83 58C83 79 70 87 50 87C30 87 17 79 17 58C17 42 25 25 50 25Z"),
    shape("#bed", "M18 66C30 57 70 57 82 66C78 83 67 87 50 87C33 87 22 83 18 66Z"),
    both(oval(WHITE, 35, 47, 9)),
    eyes(37, 47),
    both(oval("#266", 46, 65, 2)),
    both(shape(WHITE, "M34 74H42L38 79Z")) + line(INK, 3, "M31 73Q50 76 69 73"),
  ],
  popcorn: [
    "#58e",
    oval("#fd9", 28, 40, 11) + oval("#fed", 41, 29, 12) + oval("#fd9", 58, 27, 12),
    oval("#fed", 72, 39, 11) + oval("#fd6", 50, 40, 11) + oval("#fed", 36, 43, 8) + oval("#fd9", 62, 43, 8),
    shape(WHITE, "M21 48H79L71 91H29Z"),
    both(shape("#d43", "M21 48H34L37 91H29Z")),
    eyes(43, 62),
    smile(71, 6),
  ],
  astronaut: [
    "#124",
    oval(WHITE, 16, 24, 2) + oval(WHITE, 84, 20, 2) + oval("#fd4", 76, 11, 1.5),
    both(oval("#e54", 14, 56, 6, 10)),
    oval("#eef", 50, 55, 36, 35),
    shape("#35a", "M50 32C71 32 78 41 78 54C78 69 67 76 50 76C33 76 22 69 22 54C22 41 29 32 50 32Z"),
    shape("#68d", "M28 50C28 42 35 38 44 37C38 40 33 44 32 52Z"),
    both(oval(WHITE, 40, 54, 5, 6)),
    line(WHITE, 3, "M44 64q6 6 12 0"),
  ],
  cyclops: [
    "#fa3",
    both(shape("#fec", "M28 38C19 30 17 18 20 11C32 15 41 24 43 32Z")),
    shape("#84c", "M50 24C77 24 85 44 83 62C83 80 68 88 50 88C32 88 17 80 17 62C15 44 23 24 50 24Z"),
    oval(WHITE, 50, 49, 17),
    oval("#2bd", 50, 50, 11),
    eye(50, 50, 6),
    shape(INK, "M32 70Q50 76 68 70Q64 84 50 84Q36 84 32 70Z"),
    both(shape(WHITE, "M38 72L46 73L42 79Z")),
  ],
} satisfies Readonly<Record<string, readonly [ground: string, ...shapes: string[]]>>;

/** The characters by name. A player's choice is a place in this list, from 0 to 23. */
export const AVATARS: readonly string[] = Object.keys(DRAWINGS);

/** The place in `AVATARS` for which a number stands: they go round. */
export function avatarPlace(index: number): number {
  const count = AVATARS.length;
  return Number.isFinite(index) ? ((Math.trunc(index) % count) + count) % count : 0;
}

/** A player of the TV, or a phone's own connection. */
interface CharacterOwner {
  readonly id?: number | undefined;
  readonly meta?: Readonly<Record<string, unknown>>;
}

/** The number of a player's character. A phone may say anything; one that has said no number has the character of its player's number. */
export function avatarOf({ id = 1, meta }: CharacterOwner): number {
  const avatar = meta?.["avatar"];
  return typeof avatar === "number" ? avatar : id - 1;
}

/**
 * A player's character, or that of a number, as the text of an SVG element without a size of its own: it fills what it is put into. Numbers past the end
 * begin again. A player whose `meta.avatar` is no number has the character that the lobby shows of it.
 */
export function avatarSvg(player: number | CharacterOwner): string {
  const index = typeof player === "object" && player !== null ? avatarOf(player) : player;
  const [ground, ...shapes] = Object.values(DRAWINGS)[avatarPlace(index)] ?? DRAWINGS.fox;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100" aria-hidden="true">${oval(ground, 50, 50, 50)}${shapes.join("")}</svg>`;
}
