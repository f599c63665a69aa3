import { element } from "../element.js";

/**
 * A drawing pad for fingers, pens and mice. It keeps the picture as strokes, so undo leaves the last one out. It draws on
 * a canvas of a fixed size, upright as a phone is, so every phone sends 640 × 800 pixels.
 */
const WIDTH = 640;
const HEIGHT = 800;
const PAPER = "#ffffff";

/** @typedef {{ color: string, size: number, points: [number, number][] } | "clear"} Stroke */

/** @param {Stroke[]} strokes what is on the paper already */
export function createPad(strokes = []) {
  const canvas = element("canvas", {
    class: "pad",
    width: WIDTH,
    height: HEIGHT,
    role: "img",
    "aria-label": "Your drawing",
  });
  const context = canvas.getContext("2d");
  let current = null;
  let pointer = null;
  let color = "#221a3f";
  let size = 10;
  let changed = null;

  function wipe() {
    context.fillStyle = PAPER;
    context.fillRect(0, 0, WIDTH, HEIGHT);
  }

  /** Draws one stroke as a curve through the middles between its points: fast movements show no corners. */
  function paint(stroke) {
    const { points } = stroke;
    context.strokeStyle = stroke.color;
    context.fillStyle = stroke.color;
    context.lineWidth = stroke.size;
    context.lineCap = "round";
    context.lineJoin = "round";
    const [[x, y]] = points;
    context.beginPath();
    if (points.length === 1) {
      context.arc(x, y, stroke.size / 2, 0, Math.PI * 2);
      context.fill();
      return;
    }
    context.moveTo(x, y);
    for (let index = 1; index < points.length - 1; index++) {
      const [x1, y1] = points[index];
      const [x2, y2] = points[index + 1];
      context.quadraticCurveTo(x1, y1, (x1 + x2) / 2, (y1 + y2) / 2);
    }
    context.lineTo(...points[points.length - 1]);
    context.stroke();
  }

  /** Draws all strokes since the last clearing. */
  function repaint() {
    wipe();
    for (const stroke of strokes.slice(strokes.lastIndexOf("clear") + 1)) paint(stroke);
  }

  function place(event) {
    const box = canvas.getBoundingClientRect();
    const across = ((event.clientX - box.left) / box.width) * WIDTH;
    const down = ((event.clientY - box.top) / box.height) * HEIGHT;
    return [Math.round(across), Math.round(down)];
  }

  canvas.addEventListener("pointerdown", (event) => {
    if (pointer !== null || (event.pointerType === "mouse" && event.button !== 0)) return;
    pointer = event.pointerId;
    canvas.setPointerCapture(pointer);
    current = { color, size, points: [place(event)] };
    strokes.push(current);
    paint(current);
    changed?.();
    event.preventDefault();
  });
  canvas.addEventListener("pointermove", (event) => {
    if (event.pointerId !== pointer) return;
    // A fast pen reports several places at once.
    const events = event.getCoalescedEvents?.() ?? [];
    for (const each of events.length > 0 ? events : [event]) current.points.push(place(each));
    paint(current);
  });
  const lift = (event) => {
    if (event.pointerId !== pointer) return;
    pointer = null;
    current = null;
    repaint();
    changed?.();
  };
  canvas.addEventListener("pointerup", lift);
  canvas.addEventListener("pointercancel", lift);
  // Older iOS scrolls and zooms in spite of `touch-action: none`.
  for (const type of ["touchstart", "touchmove", "gesturestart"]) {
    canvas.addEventListener(type, (event) => event.preventDefault(), { passive: false });
  }

  repaint();
  return {
    element: canvas,
    set color(value) {
      color = value;
    },
    set size(value) {
      size = value;
    },
    get strokes() {
      return strokes;
    },
    get isBlank() {
      return strokes.length === 0 || strokes[strokes.length - 1] === "clear";
    },
    get canUndo() {
      return strokes.length > 0;
    },
    onChange(listener) {
      changed = listener;
    },
    undo() {
      strokes.pop();
      repaint();
      changed?.();
    },
    clear() {
      if (strokes.length === 0 || strokes[strokes.length - 1] === "clear") return;
      strokes.push("clear");
      repaint();
      changed?.();
    },
    /** The picture as the bytes of a PNG. */
    async bytes() {
      const blob = await new Promise((resolve) => {
        canvas.toBlob(resolve, "image/png");
      });
      return new Uint8Array(await blob.arrayBuffer());
    },
  };
}
