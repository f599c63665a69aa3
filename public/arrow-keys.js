/** Moves the focus with the arrow keys of a remote, to what is nearest in that direction on the screen. */

const DIRECTIONS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const FOCUSABLE = "a[href], button:not([disabled]), input:not([disabled]), [tabindex='0']";
/** How much farther away something counts that lies aside. */
const ASIDE = 3;

/** `root` is where the focus moves. Returns a function that ends it. */
export function moveFocusByArrows(root = document) {
  function pressed(event) {
    const direction = DIRECTIONS[event.key];
    if (direction === undefined || event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey) return;
    const from = document.activeElement;
    // In a field with text in it the arrows move the cursor.
    if (from instanceof HTMLInputElement && from.value !== "" && direction[0] !== 0) return;
    const targets = [...root.querySelectorAll(FOCUSABLE)].filter(isShown);
    const isInside = targets.includes(from);
    // On a computer the arrows scroll, as long as the focus is nowhere.
    if (!isInside && !document.documentElement.classList.contains("is-tv")) return;
    const next = isInside ? nearest(from, targets, direction) : targets[0];
    if (next === undefined) return;
    event.preventDefault();
    next.focus();
    next.scrollIntoView({ block: "nearest", inline: "nearest" });
  }
  document.addEventListener("keydown", pressed);
  return () => document.removeEventListener("keydown", pressed);
}

/** What is in the same list goes before all else. */
function nearest(from, targets, direction) {
  const list = from.closest("ul");
  const inList = list === null ? [] : targets.filter((target) => list.contains(target));
  return nearestOf(from, inList, direction) ?? nearestOf(from, targets, direction);
}

function nearestOf(from, targets, [x, y]) {
  const start = middleOf(from);
  let best;
  let bestDistance = Infinity;
  for (const target of targets) {
    if (target === from) continue;
    const to = middleOf(target);
    const ahead = (to.x - start.x) * x + (to.y - start.y) * y;
    const aside = Math.abs((to.x - start.x) * y) + Math.abs((to.y - start.y) * x);
    if (ahead <= 1 || !isAhead(from, target, x, y)) continue;
    const distance = ahead + aside * ASIDE;
    if (distance < bestDistance) [best, bestDistance] = [target, distance];
  }
  return best;
}

/** Whether the target begins past the middle of where the focus is: its neighbour in the same row is not below it. */
function isAhead(from, target, x, y) {
  const a = from.getBoundingClientRect();
  const b = target.getBoundingClientRect();
  if (x > 0) return b.left >= (a.left + a.right) / 2;
  if (x < 0) return b.right <= (a.left + a.right) / 2;
  if (y > 0) return b.top >= (a.top + a.bottom) / 2;
  return b.bottom <= (a.top + a.bottom) / 2;
}

function middleOf(element) {
  const { left, right, top, bottom } = element.getBoundingClientRect();
  return { x: (left + right) / 2, y: (top + bottom) / 2 };
}

function isShown(element) {
  const { width, height } = element.getBoundingClientRect();
  return width > 0 && height > 0 && getComputedStyle(element).visibility !== "hidden";
}
