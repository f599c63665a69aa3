/** The keys of the HTTP API, as the option `apiKey` writes them: several, separated by commas, which all count. */
import { failure, success, type Result } from "./result.ts";

/** A shorter key could be guessed by many machines together. */
export const MIN_API_KEY_LENGTH = 16;
/** Longer keys are no safer, and a header has to hold one. */
export const MAX_API_KEY_LENGTH = 512;

/** What a header carries unchanged: ASCII without spaces. */
const KEY = new RegExp(`^[!-~]{${MIN_API_KEY_LENGTH},${MAX_API_KEY_LENGTH}}$`);

/** Returns the keys, or the sentence that says which one is wrong. The sentence quotes no key. */
export function parseApiKeys(text: string): Result<readonly string[], string> {
  const keys = text.split(",").map((part) => part.trim());
  const wrong = keys.findIndex((key) => !KEY.test(key));
  if (wrong === -1) return success(keys);
  return failure(
    `Key ${wrong + 1} of ${keys.length} does not have ${MIN_API_KEY_LENGTH} to ${MAX_API_KEY_LENGTH} characters of ASCII without spaces.`,
  );
}
