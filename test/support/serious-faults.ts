import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Page } from "playwright-core";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const MAX_HTML = 80;

interface Violation {
  readonly id: string;
  readonly impact: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
}

/** What axe finds serious or critical on the page once it has come to rest, a line each. Frames are pages of their own. */
export async function seriousFaults(page: Page): Promise<string[]> {
  // A screen that is fading in has little contrast.
  await page.evaluate(() => {
    const ending = document.getAnimations().filter(({ effect }) => effect?.getComputedTiming().endTime !== Infinity);
    return Promise.allSettled(ending.map(({ finished }) => finished));
  });
  await page.evaluate(AXE);
  const violations: readonly Violation[] = await page.evaluate(
    "axe.run({ iframes: false }).then(({ violations }) => JSON.parse(JSON.stringify(violations)))",
  );
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => `${id}: ${nodes.map(place).join(", ")}`);
}

const place = ({ html, failureSummary }: Violation["nodes"][number]): string =>
  `${html.slice(0, MAX_HTML)} (${failureSummary})`;
