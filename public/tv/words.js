/** What the launcher says, in the language of the browser. The server's file holds that one alone. */
import { LANGUAGE, WORDS } from "../../words.js";

const IS_RIGHT_TO_LEFT = LANGUAGE.direction === "rtl";

/** The text of this name, with `{name}` replaced by `values.name`. A name in Latin letters keeps its place in a sentence that is read from right to left. */
export function say(name, values = {}) {
  return WORDS[name].replace(/\{(\w+)\}/g, (_, key) => {
    const value = String(values[key] ?? "");
    return IS_RIGHT_TO_LEFT && value !== "\n" ? `\u2068${value}\u2069` : value;
  });
}

/** Sets the page's language, and the texts that its elements name: `data-say` for what is in it, `data-label` for what it is called. */
export function translatePage() {
  document.documentElement.lang = LANGUAGE.tag;
  document.documentElement.dir = LANGUAGE.direction;
  document.title = `${say("evening")} · Couchwire`;
  for (const element of document.querySelectorAll("[data-say]")) element.textContent = say(element.dataset.say);
  for (const element of document.querySelectorAll("[data-label]")) {
    element.setAttribute("aria-label", say(element.dataset.label));
  }
}
