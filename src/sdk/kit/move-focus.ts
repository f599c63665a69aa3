/** Arrow keys and TV remotes: moves the focus to the button that lies in the direction of the key. */

const DIRECTIONS: Readonly<Record<string, readonly [x: number, y: number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** Sideways distance counts more than distance ahead: a row is left only where it ends. */
const SIDEWAYS = 3;

/** `true` where the key was an arrow key and there is something to focus. */
export function moveFocus(within: HTMLElement, key: string): boolean {
  const direction = DIRECTIONS[key];
  if (direction === undefined) return false;
  const buttons = buttonsIn(within);
  const focused = buttons.find((button) => button.matches(":focus"));
  const next = focused === undefined ? buttons[buttons.length - 1] : nearest(focused, buttons, direction);
  next?.focus();
  return next !== undefined;
}

/** Goes to the next button, from the last one to the first, as Tab does in a dialog; `step` −1 goes back. */
export function cycleFocus(within: HTMLElement, step: 1 | -1): void {
  const buttons = buttonsIn(within);
  const at = buttons.findIndex((button) => button.matches(":focus"));
  buttons[(at + step + buttons.length) % buttons.length]?.focus();
}

/** Those that are on the screen, also within a `<cw-qr>`. */
function buttonsIn(within: ParentNode): readonly HTMLElement[] {
  return [...within.querySelectorAll<HTMLElement>("button, cw-qr")].flatMap((found) => {
    if (found.shadowRoot !== null) return buttonsIn(found.shadowRoot);
    return found.getClientRects().length > 0 ? found : [];
  });
}

function nearest(
  from: HTMLElement,
  buttons: readonly HTMLElement[],
  [x, y]: readonly [x: number, y: number],
): HTMLElement | undefined {
  let best: HTMLElement | undefined;
  let least = Infinity;
  const start = middleOf(from);
  for (const button of buttons) {
    const end = middleOf(button);
    const ahead = (end.x - start.x) * x + (end.y - start.y) * y;
    const aside = Math.abs((end.x - start.x) * y) + Math.abs((end.y - start.y) * x);
    const distance = ahead + SIDEWAYS * aside;
    if (ahead > 1 && distance < least) {
      best = button;
      least = distance;
    }
  }
  return best;
}

function middleOf(element: HTMLElement): { readonly x: number; readonly y: number } {
  const { left, top, width, height } = element.getBoundingClientRect();
  return { x: left + width / 2, y: top + height / 2 };
}
