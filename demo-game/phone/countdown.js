import { element } from "../element.js";

/** Seconds that run down. Only for the eye: when time is up, the TV says so. */
export function countdown(seconds) {
  const deadline = performance.now() + seconds * 1000;
  const node = element("span", { class: "countdown", role: "timer" });
  const show = () => {
    const left = Math.max(0, Math.ceil((deadline - performance.now()) / 1000));
    node.textContent = String(left);
    node.setAttribute("aria-label", `${left} seconds left`);
    node.classList.toggle("is-short", left <= 10);
  };
  const timer = setInterval(show, 250);
  show();
  return { element: node, close: () => clearInterval(timer) };
}
