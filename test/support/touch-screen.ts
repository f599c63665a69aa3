/** Real fingers on a page, through the DevTools protocol: the browser makes touch and pointer events of them as it does on a phone. */
import type { Page } from "playwright-core";

export interface Place {
  readonly x: number;
  readonly y: number;
}

export interface TouchScreen {
  /** Puts a finger down; the others stay where they are. */
  press(finger: number, place: Place): Promise<void>;
  move(finger: number, place: Place): Promise<void>;
  lift(finger: number): Promise<void>;
  /** The system takes all fingers away, as for a call that comes in. */
  cancel(): Promise<void>;
}

export async function touchScreenOf(page: Page): Promise<TouchScreen> {
  const session = await page.context().newCDPSession(page);
  const down = new Map<number, Place>();
  /** `touchEnd` takes the fingers that are lifted, the others those that are down. */
  const dispatch = async (
    type: "touchStart" | "touchMove" | "touchEnd",
    fingers: Iterable<readonly [number, Place]>,
  ) => {
    const touchPoints = [...fingers].map(([id, { x, y }]) => ({ id, x, y }));
    await session.send("Input.dispatchTouchEvent", { type, touchPoints });
  };
  return {
    press(finger, place) {
      down.set(finger, place);
      return dispatch("touchStart", down);
    },
    move(finger, place) {
      down.set(finger, place);
      return dispatch("touchMove", down);
    },
    async lift(finger) {
      const place = down.get(finger);
      down.delete(finger);
      if (place !== undefined) await dispatch("touchEnd", [[finger, place]]);
    },
    async cancel() {
      down.clear();
      await session.send("Input.dispatchTouchEvent", { type: "touchCancel", touchPoints: [] });
    },
  };
}

/** A place in an element's box, from 0 to 1 each way. */
export async function placeIn(page: Page, selector: string, x = 0.5, y = 0.5): Promise<Place> {
  const box = await page.locator(selector).boundingBox();
  if (box === null) throw new Error(`${selector} is not shown.`);
  return { x: box.x + box.width * x, y: box.y + box.height * y };
}
