/** What a finger, a mouse or a pen does to a surface: one of them at a time, and its end is always told. */

export interface Grip {
  /** It touches down. */
  readonly start: (event: PointerEvent) => void;
  /** It moves; the events are all places since the last time, of which a fast pen has several. */
  readonly move?: (events: readonly PointerEvent[]) => void;
  /** It is lifted (`event`), or taken away: by the system, or because the control lets go. */
  readonly end: (event?: PointerEvent) => void;
}

/** Ends what is held now, as if it were taken away. */
export type LetGo = () => void;

/**
 * Listens on `surface`. The pointer is captured, so it may leave the surface and is still heard; another finger on the same surface
 * is ignored, and a finger on another control is that control's. The browser neither scrolls, zooms, selects nor opens a menu.
 */
export function grip(surface: HTMLElement, { start, move, end }: Grip, isEnabled: () => boolean): LetGo {
  let held: number | undefined;
  const finish = (event?: PointerEvent): void => {
    if (held === undefined) return;
    const pointer = held;
    held = undefined;
    if (surface.hasPointerCapture(pointer)) surface.releasePointerCapture(pointer);
    end(event);
  };
  surface.addEventListener("pointerdown", (event) => {
    if (held !== undefined || event.button > 0 || !isEnabled()) return;
    held = event.pointerId;
    try {
      surface.setPointerCapture(held);
    } catch {
      // The finger is up already: its `pointerup` follows.
    }
    start(event);
  });
  surface.addEventListener("pointermove", (event) => {
    if (event.pointerId !== held) return;
    const all = typeof event.getCoalescedEvents === "function" ? event.getCoalescedEvents() : [];
    move?.(all.length > 0 ? all : [event]);
  });
  surface.addEventListener("pointerup", (event) => {
    if (event.pointerId === held) finish(event);
  });
  for (const type of ["pointercancel", "lostpointercapture"] as const) {
    surface.addEventListener(type, (event) => {
      if (event.pointerId === held) finish();
    });
  }
  // Older iOS scrolls, zooms and selects in spite of `touch-action: none`.
  for (const type of ["touchstart", "touchmove", "gesturestart", "contextmenu", "selectstart", "dragstart"]) {
    surface.addEventListener(type, (event) => event.cancelable && event.preventDefault(), { passive: false });
  }
  return () => finish();
}

/**
 * While a control is in the page, a thumb that slips off it does not reload the page by pulling, and two quick taps do not
 * zoom. The rule stands first in the page, so the page's own go before it. Returns what ends it for this control.
 */
export function calmPage(): () => void {
  const rule = document.getElementById(CALM_ID) ?? document.createElement("style");
  const count = (change: number): number => {
    const controls = Number(rule.dataset.controls ?? 0) + change;
    rule.dataset.controls = String(controls);
    return controls;
  };
  rule.id = CALM_ID;
  rule.textContent = "html{overscroll-behavior:none;touch-action:manipulation}";
  if (count(1) === 1) document.head.prepend(rule);
  return () => {
    if (count(-1) === 0) rule.remove();
  };
}

const CALM_ID = "couchwire-controls";
