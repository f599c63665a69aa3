/** A browser a few years younger than its age: what came after Chromium 87 and Safari 14.1 is taken away, in scripts and in styles. */
import type { BrowserContext } from "playwright-core";

/** Methods and functions by the name of what they hang on. */
const NEWER: Readonly<Record<string, readonly string[]>> = {
  "Array.prototype": ["at", "findLast", "findLastIndex", "toReversed", "toSorted", "toSpliced", "with"],
  "Object.getPrototypeOf(Uint8Array.prototype)": ["at", "findLast", "findLastIndex", "toReversed", "toSorted", "with"],
  "String.prototype": ["at", "isWellFormed", "toWellFormed"],
  Array: ["fromAsync"],
  Object: ["groupBy", "hasOwn"],
  Map: ["groupBy"],
  Promise: ["try", "withResolvers"],
  "Set.prototype": ["union", "intersection", "difference", "isSubsetOf"],
  URL: ["canParse", "parse"],
  "Crypto.prototype": ["randomUUID"],
  AbortSignal: ["any", "timeout"],
  "AbortSignal.prototype": ["reason", "throwIfAborted"],
  "Navigator.prototype": ["locks", "wakeLock", "userActivation"],
  "Element.prototype": ["checkVisibility", "setHTMLUnsafe"],
  "HTMLElement.prototype": ["showPopover", "hidePopover", "inert"],
  "HTMLDialogElement.prototype": ["show", "showModal"],
  globalThis: ["BroadcastChannel", "CompressionStream", "Iterator", "reportError", "scheduler", "structuredClone"],
};

/** Declarations that such a browser skips. */
const NEWER_DECLARATION =
  /[\s;{](?:aspect-ratio|text-wrap|container-type|accent-color|translate|rotate|scale):[^;{}]*;|\soverflow-wrap:\s*anywhere;|\s[\w-]+:[^;{}]*\d(?:[dsl]v[hw]|cq[whib])\b[^;{}]*;/g;
/** Rules that it skips for one selector that it does not know. */
const NEWER_RULE = /[^{};]*:(?:has|is|where|focus-visible)\b[^{};]*\{[^{}]*\}/g;

/** Before the first page of the context. */
export async function age(context: BrowserContext): Promise<void> {
  const deletions = Object.entries(NEWER).map(
    ([owner, names]) => `for (const name of ${JSON.stringify(names)}) delete (${owner})[name];`,
  );
  await context.addInitScript(deletions.join("\n"));
  await context.route("**/*.css", async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: olderStyles(await response.text()) });
  });
}

function olderStyles(text: string): string {
  return text
    .replaceAll("@supports not (aspect-ratio: 1)", "@supports (display: block)")
    .replace(NEWER_DECLARATION, (found) => found.slice(0, 1))
    .replace(NEWER_RULE, "");
}
