/** How secrets are kept and compared: who reads the memory, or a log, cannot come back as somebody else. */
import { hash } from "node:crypto";

/** The SHA-256 of a text, fit for an address. */
export function digest(secret: string): string {
  return hash("sha256", secret, "base64url");
}
