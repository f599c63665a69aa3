/**
 * What bots draw: strokes for the pad, a few shapes for each kind of thing that a prompt may name. A hand that is not quite steady makes
 * no two alike.
 */
const WIDTH = 640;
const HEIGHT = 800;
/** The shapes are made for a square, which lies in the middle of the sheet. */
const TOP = (HEIGHT - WIDTH) / 2;
const [INK, RED, YELLOW, GREEN, BLUE, PINK, BROWN] = [
  "#221a3f",
  "#f0402c",
  "#ffc21a",
  "#27ae60",
  "#2f80ff",
  "#ff7fc0",
  "#a3643a",
];
const [FINE, PEN, BRUSH] = [5, 12, 30];

/** @typedef {{ color: string, size: number, points: [number, number][] }} Stroke */

const line = (color, size, ...points) => ({ color, size, points });
const dot = (x, y, color = INK, size = BRUSH) => line(color, size, [x, y]);

/** Part of an ellipse; `from` and `to` are turns, clockwise from the right. */
function arc(color, size, cx, cy, rx, ry = rx, from = 0, to = 1) {
  const points = Array.from({ length: 25 }, (_, index) => {
    const angle = (from + (index / 24) * (to - from)) * 2 * Math.PI;
    return [cx + rx * Math.cos(angle), cy + ry * Math.sin(angle)];
  });
  return { color, size, points };
}

/** Eyes and a mouth; `mood` bends the mouth down or up. */
const face = (x, y, width, mood = 1) => [
  dot(x - width / 2, y, INK, 24),
  dot(x + width / 2, y, INK, 24),
  mood > 0
    ? arc(RED, PEN, x, y + width * 0.5, width * 0.5, width * 0.35, 0.05, 0.45)
    : arc(RED, PEN, x, y + width * 0.95, width * 0.45, width * 0.35, 0.55, 0.95),
];

const ground = () => line(GREEN, BRUSH, [30, 560], [320, 566], [610, 560]);

const beast = (color) => [
  ground(),
  arc(color, BRUSH, 330, 370, 170, 100),
  ...[220, 290, 380, 450].map((x) => line(color, BRUSH, [x, 450], [x, 550])),
  arc(color, BRUSH, 170, 250, 85, 75),
  line(color, PEN, [110, 200], [105, 130], [160, 178]),
  line(color, PEN, [190, 175], [245, 130], [240, 205]),
  line(color, BRUSH, [490, 340], [560, 270], [550, 220]),
  ...face(165, 235, 70),
];

const bird = (color) => [
  ground(),
  arc(color, BRUSH, 320, 380, 120, 140),
  arc(color, BRUSH, 320, 190, 75),
  line(YELLOW, PEN, [385, 180], [460, 205], [385, 225], [385, 180]),
  arc(INK, PEN, 300, 380, 60, 80, 0.75, 1.25),
  line(YELLOW, PEN, [280, 515], [280, 560], [240, 565]),
  line(YELLOW, PEN, [360, 515], [360, 560], [320, 565]),
  dot(335, 175),
];

const fish = (color) => [
  arc(color, BRUSH, 290, 320, 190, 120),
  line(color, BRUSH, [470, 320], [590, 220], [590, 420], [470, 320]),
  arc(color, PEN, 300, 200, 60, 50, 0.5, 1),
  dot(190, 280),
  arc(RED, PEN, 150, 350, 45, 30, 0, 0.45),
  ...[
    [80, 200, 14],
    [60, 140, 20],
    [95, 80, 26],
  ].map(([x, y, radius]) => arc(BLUE, FINE, x, y, radius)),
  line(GREEN, PEN, [520, 620], [545, 560], [520, 510], [550, 460]),
];

const crawler = (color) => [
  ...[-1, 1].flatMap((side) =>
    [0, 1, 2, 3].map((leg) =>
      line(
        color,
        PEN,
        [320 + side * 80, 330 + leg * 18],
        [320 + side * (190 + leg * 14), 260 + leg * 70],
        [320 + side * (230 + leg * 8), 380 + leg * 55],
      ),
    ),
  ),
  arc(color, BRUSH, 320, 320, 120, 110),
  ...face(320, 300, 80),
];

const shell = (color) => [
  ground(),
  line(GREEN, BRUSH, [130, 530], [540, 530]),
  line(GREEN, BRUSH, [140, 525], [130, 330]),
  line(INK, PEN, [120, 320], [80, 240]),
  line(INK, PEN, [140, 320], [170, 235]),
  arc(color, BRUSH, 360, 390, 150, 130),
  arc(color, PEN, 360, 390, 95, 80, 0.1, 1),
  arc(color, PEN, 360, 390, 45, 38, 0.2, 1.1),
  arc(RED, PEN, 120, 390, 40, 25, 0.05, 0.45),
  dot(78, 235, INK, 26),
  dot(172, 230, INK, 26),
];

const round = (color) => [
  arc(color, BRUSH, 320, 300, 190, 185),
  ...face(320, 270, 110, -1),
  line(INK, PEN, [240, 480], [220, 580], [170, 585]),
  line(INK, PEN, [400, 480], [420, 580], [470, 585]),
  line(INK, PEN, [130, 300], [50, 230]),
  line(INK, PEN, [510, 300], [590, 230]),
];

const box = (color) => [
  ground(),
  line(color, BRUSH, [150, 180], [490, 180], [490, 540], [150, 540], [150, 180]),
  ...face(320, 300, 120),
  line(INK, PEN, [150, 330], [70, 400]),
  line(INK, PEN, [490, 330], [570, 400]),
  line(YELLOW, PEN, [220, 180], [220, 100], [270, 100]),
];

const house = () => [
  ground(),
  line(BROWN, BRUSH, [140, 550], [140, 300], [500, 300], [500, 550]),
  line(RED, BRUSH, [110, 310], [320, 120], [530, 310]),
  line(BLUE, PEN, [280, 550], [280, 420], [360, 420], [360, 550]),
  line(YELLOW, PEN, [180, 350], [240, 350], [240, 410], [180, 410], [180, 350]),
  line(YELLOW, PEN, [400, 350], [460, 350], [460, 410], [400, 410], [400, 350]),
];

const wheels = (color) => [
  line(INK, PEN, [20, 560], [620, 560]),
  line(
    color,
    BRUSH,
    [70, 470],
    [80, 360],
    [200, 350],
    [250, 240],
    [430, 240],
    [480, 350],
    [570, 370],
    [580, 470],
    [70, 470],
  ),
  arc(INK, BRUSH, 190, 490, 60),
  arc(INK, BRUSH, 460, 490, 60),
  line(BLUE, PEN, [270, 340], [300, 270], [400, 270], [430, 340], [270, 340]),
];

const person = (color) => [
  ground(),
  arc(INK, PEN, 320, 160, 80, 85),
  ...face(320, 145, 60),
  line(color, BRUSH, [320, 260], [320, 420]),
  line(color, BRUSH, [320, 290], [200, 350], [150, 270]),
  line(color, BRUSH, [320, 290], [440, 350], [500, 280]),
  line(INK, BRUSH, [320, 420], [250, 550]),
  line(INK, BRUSH, [320, 420], [395, 550]),
];

/** Which words ask for which shapes. The first that is found counts. */
const KINDS = [
  [fish, /fish|shark|whale|seal|mermaid|submarine/],
  [bird, /penguin|duck|chicken|owl|flamingo|pigeon|parrot|woodpecker|swan|bird|bat|fairy|kite|plane|rocket/],
  [crawler, /octopus|spider|crab|ants|bees|moth|mosquito|jellyfish|jelly|cactus|itch|elbows|alien/],
  [shell, /snail|tortoise|caterpillar|noodle|spaghetti|volcano|snow globe/],
  [wheels, /\bcar\b|bicycle|traffic|bus|parking|train|rush hour|vacuum/],
  [house, /house|castle|school|library|camping|igloo|door|wardrobe|kitchen|bathroom|wedding|lift/],
  [
    box,
    /toaster|fridge|piano|robot|computer|keyboard|book|letter box|bathtub|chair|lamp|mirror|clock|suitcase|tin|door|statue|pencil|cake|sandwich|brick/,
  ],
  [
    beast,
    /\b(cat|dog|cow|horse|sheep|wolf|lion|zebra|llama|yak|camel|rhino|elephant|bear|mouse|hamster|hedgehog|squirrel|raccoon|beaver|mole|giraffe|kangaroo|dinosaur|unicorn|dragons?|werewolf|sloth|frog|cats)\b/,
  ],
  [
    round,
    /egg|potato|lemon|melon|meatball|onion|moon|sun|balloon|pancake|biscuit|pizza|pea|popcorn|snowball|snowman|cheese|cloud|broccoli|pickle|carrot|waffle|tree|sock|shoe|hat|mountain|ghost|monster|boomerang/,
  ],
];
const PALETTE = [RED, YELLOW, GREEN, BLUE, PINK, BROWN];
const WOBBLE = 7;

const within = (value, end) => Math.min(end - 8, Math.max(8, Math.round(value)));

/** @returns {Stroke[]} a drawing of this prompt */
export function strokesFor(prompt, random = Math.random) {
  const [shapes] = KINDS.find(([, words]) => words.test(prompt)) ?? [person];
  const color = PALETTE[Math.floor(random() * PALETTE.length)];
  const wobble = () => (random() - 0.5) * 2 * WOBBLE;
  const [right, down] = [wobble(), wobble()];
  return shapes(color).map(({ color: ink, size, points }) => ({
    color: ink,
    size,
    points: points.map(([x, y]) => [within(x + right + wobble(), WIDTH), within(y + TOP + down + wobble(), HEIGHT)]),
  }));
}
