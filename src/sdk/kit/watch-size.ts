/** Elements that fit what they show to their own size. */
import type { Release } from "./kit-element.ts";

/**
 * Calls `fit` in the next frame after the element has got another size. In the observer's own turn, what `fit` changes may change that size again, such as
 * by a scroll bar that comes: browsers report this to the page as an error.
 */
export function watchSize(element: Element, fit: () => void): Release {
  let frame = 0;
  const observer = new ResizeObserver(() => {
    cancelAnimationFrame(frame);
    frame = requestAnimationFrame(() => fit());
  });
  observer.observe(element);
  return () => {
    cancelAnimationFrame(frame);
    observer.disconnect();
  };
}
