/** A drawing as data: strokes in the order drawn, of which the last may be taken back. Any size shows it: places go from 0 to 1. */

/** What `<cw-draw>` sends: a piece of a stroke, or that something is taken back. */
export interface DrawStroke {
  /** Of the stroke; pieces of one stroke have the same. */
  readonly id: number;
  /** x, y, x, y, … from 0 to 1 of the sheet's width and height: those that are new since the last piece. */
  readonly points: readonly number[];
  readonly color: string;
  /** Of the sheet's width. */
  readonly width: number;
  /** How hard a pen pressed at each point, from 0 to 1; only pens that feel it. */
  readonly pressures?: readonly number[];
  /** The stroke is complete. */
  readonly end?: true;
  /** The sheet is emptied. It can be taken back like a stroke. */
  readonly clear?: true;
  /** The stroke of this id is taken back, or the emptying. */
  readonly undo?: true;
}

interface Stroke {
  readonly id: number;
  readonly color: string;
  readonly width: number;
  readonly points: number[];
  readonly pressures: number[];
  isClear: boolean;
  isComplete: boolean;
}

export const MAX_POINTS = 50_000;
const MAX_STROKES = 5_000;
const MAX_COLOR_LENGTH = 64;
const MAX_WIDTH = 0.5;
/** Of its full width: the line of a pen that hardly presses. */
const FAINT = 0.35;

export class Sheet {
  #strokes: Stroke[] = [];
  #pointCount = 0;

  /** Adds a piece. What is no such piece is left out, and what a full sheet has no room for. `false`: nothing was added. */
  add(data: unknown): boolean {
    const piece = parsePiece(data);
    if (piece === undefined) return false;
    if (piece.undo === true) return this.remove(piece.id);
    let stroke = this.#strokes.find(({ id }) => id === piece.id);
    if (this.#pointCount + piece.points.length / 2 > MAX_POINTS) return false;
    if (stroke === undefined) {
      if (this.#strokes.length >= MAX_STROKES) return false;
      const { id, color, width } = piece;
      stroke = { id, color, width, points: [], pressures: [], isClear: piece.clear === true, isComplete: false };
      this.#strokes.push(stroke);
    }
    stroke.points.push(...piece.points);
    stroke.pressures.push(...(piece.pressures ?? []));
    this.#pointCount += piece.points.length / 2;
    if (piece.end === true || piece.clear === true) stroke.isComplete = true;
    return true;
  }

  /** What can be taken back next. */
  get lastId(): number | undefined {
    return this.#strokes[this.#strokes.length - 1]?.id;
  }

  get isEmpty(): boolean {
    const last = this.#strokes[this.#strokes.length - 1];
    return last === undefined || last.isClear;
  }

  get isFull(): boolean {
    return this.#pointCount >= MAX_POINTS || this.#strokes.length >= MAX_STROKES;
  }

  empty(): void {
    this.#strokes = [];
    this.#pointCount = 0;
  }

  /** All of it, as pieces that `add` takes. */
  get pieces(): DrawStroke[] {
    return this.#strokes.map(({ id, points, color, width, pressures, isClear, isComplete }) => ({
      id,
      points: [...points],
      color,
      width,
      ...(pressures.length > 0 && { pressures: [...pressures] }),
      ...(isClear ? { clear: true } : isComplete && { end: true }),
    }));
  }

  /** Draws what is complete, or what is still being drawn, on a canvas of this many pixels. */
  paint(context: CanvasRenderingContext2D, width: number, height: number, which: "complete" | "open" | "all"): void {
    const from = this.#strokes.map(({ isClear }) => isClear).lastIndexOf(true) + 1;
    for (const stroke of this.#strokes.slice(from)) {
      if (which === "all" || stroke.isComplete === (which === "complete")) paintStroke(context, stroke, width, height);
    }
  }

  private remove(id: number): boolean {
    const gone = this.#strokes.find((stroke) => stroke.id === id);
    if (gone === undefined) return false;
    this.#strokes = this.#strokes.filter((stroke) => stroke !== gone);
    this.#pointCount -= gone.points.length / 2;
    return true;
  }
}

/** Curves through the middles between the points, so that fast lines have no corners. */
function paintStroke(context: CanvasRenderingContext2D, stroke: Stroke, width: number, height: number): void {
  const { points, pressures } = stroke;
  const count = points.length / 2;
  const place = (index: number): [number, number] => [
    (points[index * 2] ?? 0) * width,
    (points[index * 2 + 1] ?? 0) * height,
  ];
  const between = (index: number): [number, number] => {
    const [x, y] = place(index);
    const [nextX, nextY] = place(index + 1);
    return [(x + nextX) / 2, (y + nextY) / 2];
  };
  const thickness = (index: number): number =>
    stroke.width * width * (FAINT + (1 - FAINT) * (pressures.length === 0 ? 1 : (pressures[index] ?? 1)));
  if (count === 0) return;
  context.strokeStyle = stroke.color;
  context.fillStyle = stroke.color;
  context.lineCap = "round";
  context.lineJoin = "round";
  context.lineWidth = thickness(0);
  context.beginPath();
  if (count === 1) {
    context.arc(...place(0), thickness(0) / 2, 0, Math.PI * 2);
    context.fill();
    return;
  }
  context.moveTo(...place(0));
  for (let index = 1; index < count - 1; index++) {
    context.quadraticCurveTo(...place(index), ...between(index));
    if (pressures.length === 0) continue;
    context.stroke(); // Each piece of a pen's line has a width of its own.
    context.beginPath();
    context.moveTo(...between(index));
    context.lineWidth = thickness(index + 1);
  }
  context.lineTo(...place(count - 1));
  context.stroke();
}

/** What comes from a phone is checked: it is a guest's. */
function parsePiece(data: unknown): DrawStroke | undefined {
  if (typeof data !== "object" || data === null) return undefined;
  const { id, points, color, width, pressures, end, clear, undo }: Record<string, unknown> = { ...data };
  if (typeof id !== "number" || !isNumbers(points) || points.length % 2 !== 0) return undefined;
  if (undo === true) return { id, points: [], color: "", width: 0, undo };
  if (typeof color !== "string" || color.length > MAX_COLOR_LENGTH || typeof width !== "number") return undefined;
  if (!(width >= 0 && width <= MAX_WIDTH)) return undefined;
  return {
    id,
    points,
    color,
    width,
    ...(isNumbers(pressures) && { pressures }),
    ...(end === true && { end }),
    ...(clear === true && { clear }),
  };
}

function isNumbers(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((one) => typeof one === "number" && Number.isFinite(one));
}
