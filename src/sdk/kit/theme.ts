/** What all elements look like: colours, type and focus, out of the custom properties that a page may set. */

/** The text of a style sheet. The build takes the white space out. */
export const css = String.raw;

/**
 * `--cw-…` belong to the page, `--…` of one word to the elements. `KitElement` sets the class
 * `dark`, by the page's `color-scheme` or the person's preference.
 */
export const THEME = css`
  :host {
    display: block;
  }
  :host([hidden]) {
    display: none !important; /* whatever else an attribute of the element makes of it */
  }
  .frame {
    --accent: var(--cw-accent, #d33a22);
    --ink: var(--cw-ink, #17232b);
    --paper: var(--cw-paper, #fffaf3);
    --line: var(--cw-line, #17232b26);
    --radius: var(--cw-radius, 0.9em);
    --font: var(
      --cw-font,
      ui-rounded,
      "SF Pro Rounded",
      "Hiragino Maru Gothic ProN",
      "Nunito",
      "Segoe UI",
      Roboto,
      system-ui,
      sans-serif
    );
    position: relative;
    color: var(--ink);
    font-family: var(--font);
    line-height: 1.3;
    text-align: start;
    overflow-wrap: break-word;
    word-break: normal;
    -webkit-tap-highlight-color: transparent;
    -webkit-text-size-adjust: 100%;
  }
  .dark {
    --accent: var(--cw-accent, #ff8a73);
    --ink: var(--cw-ink, #f7f1e8);
    --paper: var(--cw-paper, #14222b);
    --line: var(--cw-line, #f7f1e833);
  }
  *,
  *::before,
  *::after {
    box-sizing: border-box;
  }
  [hidden] {
    display: none !important;
  }
  p,
  h2,
  ul,
  ol {
    margin: 0;
    padding: 0;
    list-style: none;
  }
  button,
  input {
    font: inherit;
    color: inherit;
    letter-spacing: inherit;
    margin: 0;
  }
  button {
    -webkit-appearance: none;
    appearance: none;
    border: 0;
    background: none;
    padding: 0;
    min-width: 44px;
    min-height: 44px;
    cursor: pointer;
    touch-action: manipulation;
  }
  .primary {
    padding: 0.6em 1.6em;
    border-radius: var(--radius);
    background: var(--accent);
    color: var(--on-accent);
    font-weight: 800;
    transition: transform 0.1s;
  }
  .primary:active {
    transform: scale(0.97);
  }
  .primary[aria-disabled="true"] {
    background: var(--line);
    color: var(--ink);
    cursor: default;
    transform: none;
  }
  .heard {
    position: absolute;
    width: 1px;
    height: 1px;
    overflow: hidden;
    clip: rect(0 0 0 0);
    white-space: nowrap;
  }
  :focus {
    outline: none;
  }
  :focus-visible {
    outline: 3px solid var(--accent);
    outline: max(3px, 0.14em) solid var(--accent);
    outline-offset: 3px;
  }
  @media (prefers-reduced-motion: reduce) {
    *,
    *::before,
    *::after {
      animation: none !important;
      transition: none !important;
    }
  }
`;
