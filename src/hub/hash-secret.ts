/** How secrets are stored and compared: what stands in the memory, or in a log, gives no seat to its reader. */
import { hash } from "node:crypto";

/** The SHA-256 of a text, fit for an address. */
export function hashSecret(secret: string): string {
  return hash("sha256", secret, "base64url");
}
