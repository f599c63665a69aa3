/** Keys that play a control from anywhere in its page, as long as the control can be seen and no text is being typed. */

export interface Keyboard {
  /** By `KeyboardEvent.code`, so WASD are the same places on every layout. `false`: the key is not the control's. */
  press(code: string): boolean;
  lift(code: string): void;
}

const TYPED_INTO = "textarea,select,input:not([type=button]):not([type=checkbox]):not([type=radio])";
const PRESSED_BY_KEY = "a,button,summary,input,[role=button],[role=radio],[role=checkbox],[role=switch],[role=tab]";

/** Whether something else in the page is meant by the key: text that is typed, a button that has the focus. */
function isTaken(event: KeyboardEvent, control: HTMLElement): boolean {
  const [target] = event.composedPath();
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target.matches(TYPED_INTO)) return true;
  const isOwn = target === control || target.getRootNode() === control.shadowRoot;
  return !isOwn && (event.code === "Space" || event.code === "Enter") && target.matches(PRESSED_BY_KEY);
}

/** Returns what ends it. A key that is down when the window loses the keyboard counts as lifted. */
export function watchKeyboard(control: HTMLElement, keyboard: Keyboard, isEnabled: () => boolean): () => void {
  const down = new Set<string>();
  const lift = (code: string): void => {
    if (down.delete(code)) keyboard.lift(code);
  };
  const liftAll = (): void => {
    for (const code of down) lift(code);
  };
  const pressed = (event: KeyboardEvent): void => {
    const { code } = event;
    if (down.has(code)) event.preventDefault();
    if (down.has(code) || event.repeat || event.defaultPrevented || event.isComposing) return;
    if (event.ctrlKey || event.metaKey || event.altKey || isTaken(event, control)) return;
    if (!isEnabled() || control.getClientRects().length === 0) return;
    if (!keyboard.press(code)) return;
    down.add(code);
    event.preventDefault();
  };
  const lifted = (event: KeyboardEvent): void => {
    const { code } = event;
    if (down.has(code)) event.preventDefault(); // Firefox presses a button when Space is lifted.
    // macOS does not tell what is lifted while Command is down.
    if (code.startsWith("Meta")) liftAll();
    else lift(code);
  };
  window.addEventListener("keydown", pressed);
  window.addEventListener("keyup", lifted);
  window.addEventListener("blur", liftAll);
  return () => {
    window.removeEventListener("keydown", pressed);
    window.removeEventListener("keyup", lifted);
    window.removeEventListener("blur", liftAll);
    liftAll();
  };
}
