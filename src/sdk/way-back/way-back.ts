/**
 * `<cw-way-back>`: leads from a game back to the launcher of an evening. On the phone with the remote it is a tab at the edge that opens a sheet;
 * on the TV it is nothing until the key Escape or Back of a remote opens the same choice.
 */
import { KitElement, type Release } from "../kit/kit-element.ts";
import { node } from "../kit/node.ts";
import { css } from "../kit/theme.ts";
import { WORDS } from "../kit/words.ts";

const STYLES = css`
  :host {
    display: block;
    position: static;
  }
  .tab {
    position: fixed;
    top: calc(max(10px, env(safe-area-inset-top)) + 34px);
    right: 0;
    z-index: 2147483646;
    display: flex;
    align-items: center;
    justify-content: flex-end;
    width: 44px;
    height: 48px;
    padding: 0;
    opacity: 0.75;
  }
  .tab span {
    display: flex;
    align-items: center;
    justify-content: center;
    width: 30px;
    height: 44px;
    border-radius: 14px 0 0 14px;
    background: #14222b;
    color: #fff;
    box-shadow: 0 0 0 1.5px #fff8;
  }
  .tab svg {
    width: 18px;
    height: 18px;
    fill: currentColor;
  }
  .tab:focus-visible,
  .tab:hover {
    opacity: 1;
  }
  .cover {
    position: fixed;
    top: 0;
    right: 0;
    bottom: 0;
    left: 0;
    z-index: 2147483647;
    display: flex;
    align-items: flex-end;
    justify-content: center;
    background: #0009;
    font-size: 18px;
  }
  .sheet {
    display: grid;
    gap: 0.7em;
    width: 100%;
    max-width: 30em;
    padding: 1.3em 1.2em max(1.3em, env(safe-area-inset-bottom));
    border-radius: 1.2em 1.2em 0 0;
    background: var(--paper);
    color: var(--ink);
    text-align: center;
  }
  .sheet h2 {
    margin: 0;
    font-size: 1.3em;
    line-height: 1.2;
  }
  .sheet p {
    margin: 0 0 0.4em;
  }
  .sheet button {
    min-height: 52px;
    padding: 0.6em 1em;
    border-radius: var(--radius);
    font-weight: 800;
  }
  .quiet {
    box-shadow: inset 0 0 0 2px var(--line);
  }
  .tv .cover {
    align-items: center;
    font-size: 18px;
    font-size: max(18px, min(2.0834vw, 3.704vh));
  }
  .tv .sheet {
    width: auto;
    min-width: 18em;
    padding: 1.3em 1.6em;
    border-radius: 1em;
  }
`;

/** Four squares: the shelf of games. */
const ICON =
  '<svg viewBox="0 0 20 20" aria-hidden="true"><rect x="1" y="1" width="8" height="8" rx="2"/><rect x="11" y="1" width="8" height="8" rx="2"/><rect x="1" y="11" width="8" height="8" rx="2"/><rect x="11" y="11" width="8" height="8" rx="2"/></svg>';

/** Names and codes of the key by which a TV's remote goes back: webOS (461) and Tizen (10009) have only codes in their older browsers. */
const BACK_KEYS: ReadonlySet<string> = new Set(["Escape", "GoBack", "BrowserBack", "XF86Back"]);
const BACK_KEY_CODES: ReadonlySet<number> = new Set([461, 10_009]);

export class WayBack extends KitElement {
  /** Whether this is the TV. */
  isTv = false;
  /** Leads back to the games. */
  goBack: () => void = () => undefined;
  private sheet: HTMLElement | undefined;
  /** What had the focus before the sheet. */
  private focused: Element | null = null;

  constructor() {
    super(STYLES);
  }

  protected override listen(): readonly Release[] {
    if (!this.isTv) return [];
    // The game comes first: a key that it has used for itself is not ours.
    const pressed = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.repeat || !isBackKey(event)) return;
      event.preventDefault();
      if (this.sheet === undefined) this.open();
      else this.close();
    };
    window.addEventListener("keydown", pressed);
    return [() => window.removeEventListener("keydown", pressed)];
  }

  protected override draw(): void {
    this.frame.classList.toggle("tv", this.isTv);
    this.sheet = undefined;
    this.frame.replaceChildren();
    if (this.isTv) return;
    const icon = node("span");
    icon.innerHTML = ICON;
    const tab = node("button", { class: "tab", type: "button", "aria-label": this.say(WORDS.remote) }, icon);
    tab.addEventListener("click", () => this.open());
    this.frame.append(tab);
  }

  private open(): void {
    this.focused = document.activeElement;
    const back = node("button", { class: "primary", type: "button" }, this.say(WORDS.backToGames));
    const stay = node("button", { class: "quiet", type: "button" }, this.say(WORDS.goOn));
    const title = node("h2", { id: "title" }, this.say(WORDS.backTitle));
    const note = node("p", { id: "note" }, this.say(WORDS.backNote));
    const sheet = node(
      "div",
      { class: "sheet", role: "dialog", "aria-modal": "true", "aria-labelledby": "title", "aria-describedby": "note" },
      title,
      note,
      back,
      stay,
    );
    const cover = node("div", { class: "cover" }, sheet);
    back.addEventListener("click", () => {
      this.close();
      this.goBack();
    });
    stay.addEventListener("click", () => this.close());
    cover.addEventListener("click", (event) => {
      if (event.target === cover) this.close();
    });
    // The game hears no key while the sheet is open.
    cover.addEventListener("keydown", (event) => this.pressed(event, [back, stay]));
    this.sheet = cover;
    this.frame.append(cover);
    back.focus();
  }

  private pressed(event: KeyboardEvent, buttons: readonly HTMLButtonElement[]): void {
    event.stopPropagation();
    if (isBackKey(event)) {
      event.preventDefault();
      this.close();
    } else if (event.key === "Tab" || event.key.startsWith("Arrow")) {
      event.preventDefault();
      const focused = event.target;
      buttons.find((button) => button !== focused)?.focus();
    }
  }

  private close(): void {
    this.sheet?.remove();
    this.sheet = undefined;
    const focused = this.focused;
    if (focused instanceof HTMLElement && focused !== this) focused.focus();
    else this.frame.querySelector("button")?.focus();
  }
}

// `keyCode` is deprecated, and all that older TVs tell.
function isBackKey(event: KeyboardEvent): boolean {
  return BACK_KEYS.has(event.key) || BACK_KEY_CODES.has(event.keyCode);
}
