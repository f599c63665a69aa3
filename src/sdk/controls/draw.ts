/** `<cw-draw>`: a sheet to draw on, and on the TV a sheet that shows what is drawn. */
import type { Release } from "../kit/kit-element.ts";
import { node, setAttributes, setText } from "../kit/node.ts";
import { css } from "../kit/theme.ts";
import { CONTROL_WORDS, Control, calmPage, grip, keepDraft, type Draft, type LetGo } from "./base.ts";
import { DRAW_TOOLS_STYLE, DrawTools } from "./draw-tools.ts";
import { Sheet, type DrawStroke } from "./sheet.ts";

declare global {
  interface HTMLElementTagNameMap {
    "cw-draw": DrawElement;
  }
}

const COLORS = "#1d2330,#e23b2e,#f7b500,#1f9d55,#2f6fed,#c94fc0";
const PAPER = "#ffffff";
/** New points travel together, this often. */
const SEND_EVERY_MS = 50;
/** Of the sheet: points closer than this show no difference. */
const MIN_DISTANCE = 0.0015;
/** A longer stroke goes on as another one, for the line that is being drawn is painted whole. */
const MAX_STROKE_POINTS = 2_000;
const MAX_PIXEL_RATIO = 3;
const DEFAULT_BLOB_WIDTH = 1_024;
const MAX_BLOB_WIDTH = 4_096;
const MAX_COLORS = 24;
/** Of the sheet: how far an arrow key moves the pen, and with Shift. */
const KEY_STEP = 0.02;
const FINE_KEY_STEP = 0.005;
const ID_RANGE = 2 ** 40;

const STYLE = css`
  .frame {
    height: auto;
    display: flex;
    flex-direction: column;
    align-items: center;
    gap: 0.6em;
  }
  .sheet {
    position: relative;
    width: 100%;
    max-width: calc(var(--cw-draw-height, 60vh) * var(--ratio));
    border-radius: calc(var(--radius) * 0.7);
    background: var(--sheet);
    box-shadow:
      0 0 0 2px var(--line),
      0 0.2em 0.8em rgba(0, 0, 0, 0.18);
    overflow: hidden;
    touch-action: none;
    cursor: crosshair;
  }
  :host([readonly]) .sheet {
    max-width: none;
    touch-action: auto;
    cursor: default;
  }
  .sheet::before {
    content: "";
    display: block;
    padding-top: calc(100% / var(--ratio));
  }
  canvas {
    position: absolute;
    left: 0;
    top: 0;
    width: 100%;
    height: 100%;
    pointer-events: none;
  }
  .sheet:focus-visible {
    outline-offset: -3px;
  }
  .pen {
    position: absolute;
    width: 22px;
    height: 22px;
    margin: -11px;
    border: 2px solid #000;
    border-radius: 50%;
    box-shadow: 0 0 0 2px #fff;
    pointer-events: none;
  }
  .pen.down {
    background: rgba(0, 0, 0, 0.35);
  }
  @media (orientation: landscape) and (max-height: 520px) {
    .frame {
      flex-direction: row;
      flex-wrap: wrap;
      justify-content: center;
    }
    .sheet {
      flex: 1 1 12em;
      max-width: calc(var(--cw-draw-height, 84vh) * var(--ratio));
    }
    .tools {
      flex: 0 1 9em;
    }
    .news {
      flex: 1 0 100%;
    }
  }
  .news {
    text-align: center;
    font-weight: 700;
  }
`;

/** Options of `toBlob`. */
export interface DrawingOptions {
  /** In pixels; the height follows from the sheet's shape. @default 1024 */
  readonly width?: number;
  /** As canvases name it. @default "image/png" */
  readonly type?: string;
  /** What is behind the ink: a colour, or `transparent`. @default the sheet's own */
  readonly background?: string;
}

/**
 * Sends strokes while they are drawn, as pieces of points. On the TV `<cw-draw readonly>` shows them: `add(piece)`. Attributes: `ratio`
 * (`1`, or as `4:5`) is the sheet's shape; `colors` and `paper` are CSS colours; `tools="none"` shows no tools; `label`.
 */
export class DrawElement extends Control<DrawStroke> {
  readonly #sheet = new Sheet();
  readonly #done = node("canvas");
  readonly #open = node("canvas");
  readonly #pen = node("div", { class: "pen", hidden: true });
  readonly #paper = node("div", { class: "sheet" }, this.#done, this.#open, this.#pen);
  readonly #tools = new DrawTools({
    undo: () => this.undo(),
    clear: () => this.clear(),
    taken: () => {
      this.tap();
      this.lookAtTools();
    },
  });
  readonly #news = node("div", { class: "news", role: "status" });
  readonly #lift: LetGo;
  /** The complete strokes are not as the canvas shows them. */
  #isStale = true;
  #draft: Draft | undefined;
  #lastId = Math.floor(Math.random() * ID_RANGE);
  /** Of the stroke that is being drawn; `undefined` between strokes. */
  #stroke:
    | { readonly id: number; color: string; width: number; last: readonly [number, number]; count: number }
    | undefined;
  /** What of it is not sent yet. */
  #unsent: { points: number[]; pressures: number[] } = { points: [], pressures: [] };
  #timer: ReturnType<typeof setTimeout> | undefined;
  #frameRequest = 0;
  /** Where the keyboard's pen is. */
  #cursor: readonly [number, number] = [0.5, 0.5];

  static override readonly observedAttributes: readonly string[] = [
    "disabled",
    "label",
    "ratio",
    "colors",
    "paper",
    "tools",
    "readonly",
  ];

  constructor() {
    super(DRAW_TOOLS_STYLE + STYLE);
    this.frame.append(this.#paper, this.#tools.element, this.#news);
    this.#lift = grip(
      this.#paper,
      {
        start: (event) => this.begin(this.placeOf(event), pressureOf(event)),
        move: (events) => {
          for (const event of events) this.extend(this.placeOf(event), pressureOf(event));
        },
        end: () => this.finish(),
      },
      () => this.isDrawable,
    );
    this.#paper.addEventListener("keydown", (event) => this.pressKey(event));
    this.#paper.addEventListener("blur", () => {
      this.letGo();
      this.#pen.hidden = true;
    });
  }

  /** All strokes, as JSON can hold them. Setting them replaces the drawing and sends nothing. */
  get strokes(): DrawStroke[] {
    return this.#sheet.pieces;
  }

  set strokes(pieces: Iterable<unknown>) {
    this.letGo();
    this.#sheet.empty();
    for (const piece of pieces) this.#sheet.add(piece);
    this.keep();
    this.changed();
  }

  /** Whether there is nothing on the sheet. */
  get isEmpty(): boolean {
    return this.#sheet.isEmpty;
  }

  /** Shows a piece that another `<cw-draw>` has sent. `false` where it is none, or the sheet is full. */
  add(piece: unknown): boolean {
    const isAdded = this.#sheet.add(piece);
    if (isAdded) this.changed();
    return isAdded;
  }

  /** Takes the last stroke back, or the last emptying, and sends that. */
  undo(): void {
    this.letGo();
    const id = this.#sheet.lastId;
    if (id !== undefined) this.commit({ id, points: [], color: "", width: 0, undo: true });
  }

  /** Empties the sheet and sends that. It can be taken back. */
  clear(): void {
    this.letGo();
    if (!this.#sheet.isEmpty) this.commit({ id: this.nextId(), points: [], color: "", width: 0, clear: true });
  }

  /** Begins a new sheet, for the next round. Sends nothing. */
  reset(): void {
    this.strokes = [];
  }

  /** The drawing as a picture. */
  toBlob({ width = DEFAULT_BLOB_WIDTH, type = "image/png", background }: DrawingOptions = {}): Promise<Blob> {
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(Math.min(MAX_BLOB_WIDTH, Math.max(1, width)));
    canvas.height = Math.round(canvas.width / this.ratio);
    const context = canvas.getContext("2d");
    if (context !== null) {
      context.fillStyle = background ?? this.paperColor;
      context.fillRect(0, 0, canvas.width, canvas.height);
      this.#sheet.paint(context, canvas.width, canvas.height, "all");
    }
    return new Promise((resolve, reject) => {
      canvas.toBlob(
        (blob) => (blob === null ? reject(new Error("The browser made no picture.")) : resolve(blob)),
        type,
      );
    });
  }

  protected override letGo(): void {
    this.#lift();
    this.finish();
  }

  protected override listen(): readonly Release[] {
    const observer = new ResizeObserver(() => this.changed());
    observer.observe(this.#paper);
    this.#draft =
      this.target &&
      keepDraft(this.target, this.eventName, (text) => {
        if (!this.#sheet.isEmpty) return;
        const kept: unknown = JSON.parse(text);
        if (Array.isArray(kept)) this.strokes = kept;
      });
    return [
      ...super.listen(),
      ...(this.hasAttribute("readonly") ? [] : [calmPage()]),
      () => observer.disconnect(),
      () => this.#draft?.drop(),
      () => cancelAnimationFrame(this.#frameRequest),
    ];
  }

  protected override draw(): void {
    const { frame, ratio } = this;
    frame.style.setProperty("--ratio", String(ratio));
    frame.style.setProperty("--sheet", this.paperColor);
    const isReadonly = this.hasAttribute("readonly");
    const name = this.getAttribute("label") ?? this.say(CONTROL_WORDS.drawing);
    setAttributes(this.#paper, {
      role: isReadonly ? "img" : "application",
      tabindex: isReadonly ? undefined : 0,
      "aria-label": isReadonly ? name : `${name}. ${this.say(CONTROL_WORDS.drawHelp)}`,
    });
    this.#tools.element.hidden = isReadonly || this.getAttribute("tools") === "none";
    this.#tools.build(this.colors, this.language);
    this.changed();
  }

  private get isDrawable(): boolean {
    return !this.disabled && !this.hasAttribute("readonly");
  }

  private get ratio(): number {
    const [across = NaN, down = 1] = (this.getAttribute("ratio") ?? "1").split(/[:/]/).map(Number);
    const ratio = across / down;
    return ratio >= 0.2 && ratio <= 5 ? ratio : 1;
  }

  private get paperColor(): string {
    return this.getAttribute("paper") ?? PAPER;
  }

  private nextId(): number {
    return ++this.#lastId;
  }

  private placeOf({ clientX, clientY }: PointerEvent): readonly [number, number] {
    const { left, top, width, height } = this.#paper.getBoundingClientRect();
    return [part((clientX - left) / width), part((clientY - top) / height)];
  }

  private begin(place: readonly [number, number], pressure: number | undefined): void {
    this.finish();
    if (this.#sheet.isFull) {
      setText(this.#news, this.say(CONTROL_WORDS.full));
      return;
    }
    this.#stroke = { id: this.nextId(), ...this.#tools.pen(this.paperColor, this.colors), last: place, count: 0 };
    this.put(place, pressure);
  }

  private extend(place: readonly [number, number], pressure: number | undefined): void {
    const stroke = this.#stroke;
    if (stroke === undefined) return;
    const [x, y] = stroke.last;
    if (Math.hypot(place[0] - x, place[1] - y) < MIN_DISTANCE) return;
    if (stroke.count >= MAX_STROKE_POINTS) this.begin(stroke.last, pressure);
    this.put(place, pressure);
  }

  /** Adds a point to the stroke. It is sent with those that follow it at once. */
  private put(place: readonly [number, number], pressure: number | undefined): void {
    const stroke = this.#stroke;
    if (stroke === undefined) return;
    const { id, color, width } = stroke;
    const pressures = pressure === undefined ? [] : [pressure];
    if (!this.#sheet.add({ id, points: place, color, width, pressures })) {
      this.finish();
      return;
    }
    stroke.last = place;
    stroke.count++;
    this.#unsent.points.push(...place);
    this.#unsent.pressures.push(...pressures);
    this.#timer ??= setTimeout(() => this.sendPiece(false), SEND_EVERY_MS);
    this.paintSoon();
  }

  /** The stroke is complete. */
  private finish(): void {
    if (this.#stroke === undefined) return;
    const { id, color, width } = this.#stroke;
    this.#sheet.add({ id, points: [], color, width, end: true });
    this.sendPiece(true);
    this.#stroke = undefined;
    this.keep();
    this.changed();
  }

  private sendPiece(isEnd: boolean): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#stroke === undefined) return;
    const { id, color, width } = this.#stroke;
    const { points, pressures } = this.#unsent;
    this.#unsent = { points: [], pressures: [] };
    this.send({
      id,
      points,
      color,
      width,
      ...(pressures.length > 0 && { pressures }),
      ...(isEnd && { end: true }),
    });
  }

  /** What is no stroke: it shows here and there at once. */
  private commit(piece: DrawStroke): void {
    this.#sheet.add(piece);
    this.changed();
    this.keep();
    this.tap();
    this.send(piece);
  }

  private keep(): void {
    this.#draft?.save(this.#sheet.isEmpty ? "" : JSON.stringify(this.#sheet.pieces));
  }

  /** The strokes or the sheet's size have changed, not only the line that is being drawn. */
  private changed(): void {
    this.#isStale = true;
    if (!this.#sheet.isFull) setText(this.#news, "");
    this.lookAtTools();
    this.paintSoon();
  }

  private paintSoon(): void {
    cancelAnimationFrame(this.#frameRequest);
    this.#frameRequest = requestAnimationFrame(() => this.paint());
  }

  private paint(): void {
    const pixels = Math.min(MAX_PIXEL_RATIO, window.devicePixelRatio || 1);
    const width = Math.round(this.#paper.clientWidth * pixels);
    const height = Math.round(this.#paper.clientHeight * pixels);
    if (this.#isStale) this.paintOn(this.#done, width, height, "complete");
    this.paintOn(this.#open, width, height, "open");
    this.#isStale = false;
  }

  private paintOn(canvas: HTMLCanvasElement, width: number, height: number, which: "complete" | "open"): void {
    if (canvas.width !== width || canvas.height !== height) {
      canvas.width = width;
      canvas.height = height;
    }
    const context = canvas.getContext("2d");
    context?.clearRect(0, 0, width, height);
    if (context !== null) this.#sheet.paint(context, width, height, which);
  }

  private get colors(): string[] {
    return (this.getAttribute("colors") ?? COLORS)
      .split(/,(?![^(]*\))/)
      .map((color) => color.trim())
      .filter((color) => color !== "")
      .slice(0, MAX_COLORS);
  }

  private lookAtTools(): void {
    this.#tools.show({
      colors: this.colors,
      isDisabled: this.disabled,
      isEmpty: this.#sheet.isEmpty,
      isUndoable: this.#sheet.lastId !== undefined,
    });
  }

  /** The keyboard's pen: arrows move it, Space sets it down and lifts it. */
  private pressKey(event: KeyboardEvent): void {
    if (!this.isDrawable || event.altKey) return;
    if ((event.ctrlKey || event.metaKey) && event.code === "KeyZ") {
      event.preventDefault();
      this.undo();
      return;
    }
    const [x, y] = KEY_STEPS[event.key] ?? [0, 0];
    if (event.ctrlKey || event.metaKey || (x === 0 && y === 0 && event.code !== "Space")) return;
    event.preventDefault();
    if (event.code === "Space") {
      if (event.repeat) return;
      const isDown = this.#stroke !== undefined;
      if (isDown) this.finish();
      else this.begin(this.#cursor, undefined);
      setText(this.#news, this.say(isDown ? CONTROL_WORDS.penUp : CONTROL_WORDS.penDown));
    } else {
      const step = event.shiftKey ? FINE_KEY_STEP : KEY_STEP;
      const [left, top] = this.#cursor;
      this.#cursor = [part(left + x * step), part(top + y * step * this.ratio)];
      this.extend(this.#cursor, undefined);
    }
    const [left, top] = this.#cursor;
    Object.assign(this.#pen.style, { left: `${left * 100}%`, top: `${top * 100}%` });
    this.#pen.hidden = false;
    this.#pen.classList.toggle("down", this.#stroke !== undefined);
  }
}

const KEY_STEPS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
};

/** Four decimals are finer than any screen. */
function part(value: number): number {
  return Math.round(Math.min(1, Math.max(0, value)) * 10_000) / 10_000;
}

/** Fingers and mice press with a constant that says nothing. */
function pressureOf({ pointerType, pressure }: PointerEvent): number | undefined {
  return pointerType === "pen" && pressure > 0 ? Math.round(pressure * 100) / 100 : undefined;
}
