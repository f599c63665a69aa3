/** The secrets that sign tokens, as the option `jwtSecret` writes them: several, separated by commas. The first signs, all verify. */
import { failure, success, type Result } from "./result.ts";

/** HS256 makes tags of 32 bytes: a shorter secret is the weakest part (RFC 7518, section 3.2). */
export const MIN_SECRET_BYTES = 32;

const utf8 = new TextEncoder();

/** Returns the secrets, or the sentence that says which one is too short. The sentence quotes no secret. */
export function parseTokenSecrets(text: string): Result<readonly string[], string> {
  const secrets = text.split(",").map((part) => part.trim());
  const short = secrets.findIndex((secret) => utf8.encode(secret).length < MIN_SECRET_BYTES);
  if (short === -1) return success(secrets);
  return failure(`Secret ${short + 1} of ${secrets.length} has fewer than ${MIN_SECRET_BYTES} bytes.`);
}
