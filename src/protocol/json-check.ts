/** The check of a host's JSON before it is parsed: the same limits as for CBOR, counted in one pass over the text. */
import { MAX_CONTAINERS, MAX_DEPTH } from "./cbor-check.ts";

/** What is over the limits in this JSON text, or `undefined`. Whether it is JSON at all is the parser's to say. */
export function jsonLimitProblem(text: string): string | undefined {
  let depth = 0;
  let containers = 0;
  let isInString = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (isInString) {
      if (character === "\\") at += 1;
      else if (character === '"') isInString = false;
    } else if (character === '"') {
      isInString = true;
    } else if (character === "[" || character === "{") {
      if (++depth > MAX_DEPTH) return `The JSON is nested deeper than ${MAX_DEPTH} levels`;
      if (++containers > MAX_CONTAINERS) return `The JSON has more than ${MAX_CONTAINERS} arrays and objects`;
    } else if (character === "]" || character === "}") {
      depth -= 1;
    }
  }
  return undefined;
}
