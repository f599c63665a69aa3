import { element } from "../element.js";

/** Seconds that run down. Only for the eye: when time is up, the TV says so. */
export function countdown(seconds) {
  let deadline = 0;
  const node = element("span", { class: "countdown", role: "timer" });
  const show = () => {
    const left = Math.max(0, Math.ceil((deadline - performance.now()) / 1000));
    node.textContent = String(left);
    node.setAttribute("aria-label", `${left} seconds left`);
    node.classList.toggle("is-short", left <= 10);
  };
  /** The TV knows better, for instance when it has been away. */
  const update = (message) => {
    deadline = performance.now() + message.seconds * 1000;
    show();
  };
  const timer = setInterval(show, 250);
  update({ seconds });
  return { element: node, update, close: () => clearInterval(timer) };
}
