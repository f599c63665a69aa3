/** The keyboard of a frame: the shortcut that chooses another frame, and the first control that takes the keys. */

/** The frame that a shortcut chooses: Ctrl+Shift or Alt with a digit; 0 is the TV. `undefined` for every other key. */
export function frameOfShortcut({ code, altKey, ctrlKey, shiftKey, metaKey }: KeyboardEvent): number | undefined {
  const digit = /^(?:Digit|Numpad)(\d)$/.exec(code)?.[1];
  const isShortcut = !metaKey && ((ctrlKey && shiftKey && !altKey) || (altKey && !ctrlKey && !shiftKey));
  return digit !== undefined && isShortcut ? Number(digit) : undefined;
}

const CONTROLS =
  "button:not(:disabled), input:not(:disabled):not([type=hidden]), select:not(:disabled), textarea:not(:disabled), a[href], [tabindex]:not([tabindex='-1'])";

/** Gives the page the keyboard; its first control where none has the focus. */
export function takeKeyboard(): void {
  window.focus();
  if (document.activeElement === null || document.activeElement === document.body) firstControl(document)?.focus();
}

function firstControl(root: Document | ShadowRoot): HTMLElement | undefined {
  for (const element of root.querySelectorAll<HTMLElement>("*")) {
    if (element.offsetParent === null && element.getClientRects().length === 0) continue; // not shown
    if (element.matches(CONTROLS)) return element;
    const inside = element.shadowRoot === null ? undefined : firstControl(element.shadowRoot);
    if (inside !== undefined) return inside;
  }
  return undefined;
}
