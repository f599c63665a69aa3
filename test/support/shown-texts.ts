/** What an element of a page has shown, text by text, also where a text is gone before a test looks. */
import type { Page } from "playwright-core";
import { WAIT_MS } from "./browser.ts";

export interface ShownTexts {
  /** Resolves when the element has shown this since the text that was last found. */
  shows(wanted: string | RegExp): Promise<void>;
}

interface Watched {
  /** Selectors: of an element, and of what is in its shadow. */
  readonly path: readonly string[];
  readonly callback: string;
}

let count = 0;

/** Notes what the page shows from now on, also after it was loaded again. */
export async function noteTexts(page: Page, ...path: readonly string[]): Promise<ShownTexts> {
  const texts: string[] = [];
  let found = 0;
  let look: (() => void) | undefined;
  const watched: Watched = { path, callback: `noteText${++count}` };
  await page.exposeFunction(watched.callback, (text: string) => {
    texts.push(text.replaceAll(/\s+/g, " ").trim());
    look?.();
  });
  await page.addInitScript(watchInPage, watched);
  await page.evaluate(watchInPage, watched);
  return {
    shows: (wanted) =>
      new Promise((resolve, reject) => {
        const giveUp = setTimeout(() => {
          const shown = JSON.stringify(texts.slice(found));
          reject(new Error(`${path.join(" ")} has not shown ${wanted}; it has shown ${shown}`));
        }, WAIT_MS);
        look = () => {
          const index = texts.findIndex((text, at) => at >= found && isLike(text, wanted));
          if (index < 0) return;
          found = index + 1;
          clearTimeout(giveUp);
          look = undefined;
          resolve();
        };
        look();
      }),
  };
}

function isLike(text: string, wanted: string | RegExp): boolean {
  return typeof wanted === "string" ? text.includes(wanted) : wanted.test(text);
}

/** Runs in the page: looks at each frame that is drawn. */
function watchInPage({ path, callback }: Watched): void {
  let last: string | undefined;
  const find = (): HTMLElement | null => {
    let root: ParentNode = document;
    let found: HTMLElement | null = null;
    for (const selector of path) {
      found = root.querySelector<HTMLElement>(selector);
      if (found === null) return null;
      root = found.shadowRoot ?? found;
    }
    return found;
  };
  const look = (): void => {
    const text = find()?.innerText;
    if (text !== undefined && text !== last) Reflect.get(window, callback)(text);
    last = text ?? last;
    requestAnimationFrame(look);
  };
  look();
}
