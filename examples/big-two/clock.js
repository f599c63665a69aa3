/** The bar that runs out with the time of a turn or a pause. */
import { byId } from "./page.js";

const TICK_MS = 200;
let endsAt = 0;
let wholeMs = 1;
let onSecond = () => {};

/** Shows how much time is left. @param {number} msLeft @param {number} ms all of the time @param {(seconds: number) => void} [tell] called as the seconds go by */
export function runClock(msLeft, ms, tell = () => {}) {
  endsAt = Date.now() + msLeft;
  wholeMs = ms;
  onSecond = tell;
  byId("clock").hidden = false;
  draw();
}

export function stopClock() {
  endsAt = 0;
  byId("clock").hidden = true;
}

function draw() {
  if (endsAt === 0) return;
  const left = Math.max(0, endsAt - Date.now());
  byId("bar").style.transform = `scaleX(${Math.min(1, left / wholeMs)})`;
  byId("clock").classList.toggle("late", left < wholeMs / 4);
  onSecond(Math.ceil(left / 1000));
}

setInterval(draw, TICK_MS);
