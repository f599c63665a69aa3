/** A bar between two panes: drag it, or move it with the arrow keys. */
import { element } from "./elements.ts";

export interface SplitterOptions {
  /** Its name, under which the place is kept. */
  readonly name: string;
  readonly label: string;
  /** `vertical`: the bar stands upright, between left and right. */
  readonly direction: "vertical" | "horizontal";
  /** The share of the first pane, from 0 to 1. */
  readonly start: number;
  /** Sets the panes. */
  readonly apply: (share: number) => void;
}

const [LEAST, MOST, STEP] = [0.15, 0.85, 0.02];

export function splitter({ name, label, direction, start, apply }: SplitterOptions): HTMLElement {
  const key = `couchwire:playground:${name}`;
  const bar = element("div", {
    class: `splitter ${direction}`,
    role: "separator",
    tabindex: "0",
    "aria-label": label,
    "aria-orientation": direction,
    "aria-valuemin": String(LEAST * 100),
    "aria-valuemax": String(MOST * 100),
  });
  let share = start;
  const move = (wanted: number): void => {
    share = Math.min(MOST, Math.max(LEAST, wanted));
    bar.setAttribute("aria-valuenow", String(Math.round(share * 100)));
    apply(share);
  };
  const keep = (): void => {
    try {
      localStorage.setItem(key, String(share));
    } catch {
      // Where nothing is stored the panes are as at first next time.
    }
  };
  bar.addEventListener("pointerdown", (event) => {
    const area = bar.parentElement?.getBoundingClientRect();
    if (area === undefined) return;
    event.preventDefault();
    bar.setPointerCapture(event.pointerId);
    document.body.classList.add("is-dragging"); // the frames would take the pointer's events
    const drag = ({ clientX, clientY }: PointerEvent): void =>
      move(direction === "vertical" ? (clientX - area.left) / area.width : (clientY - area.top) / area.height);
    const end = (): void => {
      bar.removeEventListener("pointermove", drag);
      document.body.classList.remove("is-dragging");
      keep();
    };
    bar.addEventListener("pointermove", drag);
    bar.addEventListener("lostpointercapture", end, { once: true });
  });
  bar.addEventListener("keydown", (event) => {
    const [less, more] = direction === "vertical" ? ["ArrowLeft", "ArrowRight"] : ["ArrowUp", "ArrowDown"];
    if (event.key !== less && event.key !== more) return;
    event.preventDefault();
    move(share + (event.key === more ? STEP : -STEP));
    keep();
  });
  bar.addEventListener("dblclick", () => {
    move(start);
    keep();
  });
  move(keptShare(key) ?? start);
  return bar;
}

function keptShare(key: string): number | undefined {
  try {
    const share = Number.parseFloat(localStorage.getItem(key) ?? "");
    return Number.isFinite(share) ? share : undefined;
  } catch {
    return undefined; // The browser blocks storage.
  }
}
