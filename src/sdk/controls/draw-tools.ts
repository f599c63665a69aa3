/** The tools of a `<cw-draw>`: its colours, its pens and the rubber, of which one is taken; undo and clear. */
import { translate, type Language } from "../kit/language.ts";
import { node, picture, setAttributes } from "../kit/node.ts";
import { css } from "../kit/theme.ts";
import { CONTROL_WORDS, ICONS } from "./base.ts";

const WIDTHS = [0.008, 0.02, 0.05];
const RUBBER_WIDTH = 0.08;

export const DRAW_TOOLS_STYLE = css`
  .tools {
    width: 100%;
    max-width: 30em;
  }
  .row {
    display: grid;
    grid-template-columns: repeat(auto-fit, minmax(44px, 1fr));
    justify-items: center;
  }
  [role="radiogroup"] {
    display: contents;
  }
  .icon {
    display: flex;
  }
  .row button {
    position: relative;
    width: 100%;
    max-width: 56px;
    height: 46px;
    display: flex;
    align-items: center;
    justify-content: center;
    border-radius: 0.7em;
  }
  .row button svg {
    width: 24px;
  }
  .row button[aria-disabled="true"] {
    opacity: 0.35;
    cursor: default;
  }
  .dot {
    border-radius: 50%;
    background: currentColor;
  }
  .swatch {
    width: 30px;
    height: 30px;
    border-radius: 50%;
    box-shadow:
      inset 0 0 0 2px rgba(0, 0, 0, 0.15),
      0 0 0 1px var(--line);
  }
  .dark .swatch {
    box-shadow: 0 0 0 2px rgba(255, 255, 255, 0.55);
  }
  [aria-checked="true"] {
    box-shadow: inset 0 0 0 2.5px var(--ink);
  }
`;

interface Tool {
  readonly button: HTMLButtonElement;
  readonly color: string | undefined;
  readonly width: number | undefined;
}

/** What the sheet of the tools does. */
export interface DrawToolsPort {
  undo(): void;
  clear(): void;
  /** A tool was taken. */
  taken(): void;
}

/** What of the sheet the tools show. */
export interface DrawToolsState {
  /** The colours that there are. */
  readonly colors: readonly string[];
  readonly isDisabled: boolean;
  readonly isEmpty: boolean;
  /** There is something to take back. */
  readonly isUndoable: boolean;
}

export class DrawTools {
  readonly element = node("div", { class: "tools" });
  readonly #port: DrawToolsPort;
  #choices: readonly Tool[] = [];
  #commands: readonly HTMLButtonElement[] = [];
  #color: string | undefined;
  #width = WIDTHS[1] ?? 0;
  #isRubber = false;

  constructor(port: DrawToolsPort) {
    this.#port = port;
  }

  /** What a stroke is drawn with, on a sheet of this colour. */
  pen(paper: string, colors: readonly string[]): { readonly color: string; readonly width: number } {
    return this.#isRubber
      ? { color: paper, width: RUBBER_WIDTH }
      : { color: this.#color ?? colors[0] ?? paper, width: this.#width };
  }

  /** Makes the buttons, in this language. */
  build(ofSheet: readonly string[], language: Language): void {
    const format = new Intl.NumberFormat(language.tag);
    const colors = ofSheet.map((color, index) => {
      const swatch = node("span", { class: "swatch" });
      swatch.style.background = color;
      const label = translate(CONTROL_WORDS.colorNumber, language, { n: format.format(index + 1) });
      return this.tool(label, swatch, { color }, () => {
        this.#color = color;
        this.#isRubber = false;
      });
    });
    const pens = WIDTHS.map((width, index) => {
      const size = `${6 + index * 6}px`;
      const dot = node("span", { class: "dot" });
      Object.assign(dot.style, { width: size, height: size });
      const label = translate(CONTROL_WORDS.widthNumber, language, { n: format.format(index + 1) });
      return this.tool(label, dot, { width }, () => {
        this.#width = width;
        this.#isRubber = false;
      });
    });
    const rubber = this.tool(
      translate(CONTROL_WORDS.rubber, language),
      picture(ICONS.rubber, "icon"),
      { width: 0 },
      () => {
        this.#isRubber = true;
      },
    );
    const command = (name: "undo" | "clear"): HTMLButtonElement => {
      const button = node("button", {
        type: "button",
        "aria-label": translate(CONTROL_WORDS[name], language),
        "data-tool": name,
      });
      button.append(picture(ICONS[name], "icon"));
      button.addEventListener("click", () => button.getAttribute("aria-disabled") !== "true" && this.#port[name]());
      return button;
    };
    this.#commands = [command("undo"), command("clear")];
    this.#choices = [...colors, ...pens, rubber];
    this.element.replaceChildren(
      node("div", { class: "row" }, group(translate(CONTROL_WORDS.color, language), colors)),
      node(
        "div",
        { class: "row" },
        group(translate(CONTROL_WORDS.pen, language), [...pens, rubber]),
        ...this.#commands,
      ),
    );
  }

  /** Shows which tool is taken, and what can be done now. */
  show({ colors, isDisabled, isEmpty, isUndoable }: DrawToolsState): void {
    const color = this.#color ?? colors[0];
    for (const { button, color: ownColor, width } of this.#choices) {
      const isTaken =
        ownColor === undefined ? width === (this.#isRubber ? 0 : this.#width) : !this.#isRubber && ownColor === color;
      setAttributes(button, { "aria-checked": String(isTaken) });
      button.disabled = isDisabled;
    }
    for (const button of this.#commands) {
      const isOff = button.dataset.tool === "undo" ? !isUndoable : isEmpty;
      setAttributes(button, { "aria-disabled": String(isOff || isDisabled) });
    }
  }

  private tool(label: string, face: Node, kind: Partial<Tool>, take: () => void): Tool {
    const button = node("button", { type: "button", role: "radio", "aria-label": label }, face);
    button.addEventListener("click", () => {
      take();
      this.#port.taken();
    });
    return { button, color: undefined, width: undefined, ...kind };
  }
}

function group(label: string, tools: readonly Tool[]): HTMLElement {
  return node("span", { role: "radiogroup", "aria-label": label }, ...tools.map(({ button }) => button));
}
