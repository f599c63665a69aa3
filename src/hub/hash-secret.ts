/** Secrets are stored and compared as hashes, so that a memory dump or a log gives no seat away. */
import { hash } from "node:crypto";

/** The SHA-256 of a text as base64url. */
export function hashSecret(secret: string): string {
  return hash("sha256", secret, "base64url");
}
