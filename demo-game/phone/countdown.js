import { element } from "../element.js";

/** A countdown. It is only shown: the TV decides when the time is up. */
export function countdown(seconds) {
  let deadline = 0;
  const node = element("span", { class: "countdown", role: "timer" });
  const show = () => {
    const left = Math.max(0, Math.ceil((deadline - performance.now()) / 1000));
    node.textContent = String(left);
    node.setAttribute("aria-label", `${left} seconds left`);
    node.classList.toggle("is-short", left <= 10);
  };
  /** Takes the seconds that the TV says; they differ after the TV was away. */
  const update = (message) => {
    deadline = performance.now() + message.seconds * 1000;
    show();
  };
  const timer = setInterval(show, 250);
  update({ seconds });
  return { element: node, update, close: () => clearInterval(timer) };
}
