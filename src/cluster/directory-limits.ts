/** What every directory accepts, whatever it is made of. */
import type { NodeId } from "./ports.ts";

export const MAX_KEY_BYTES = 600;
/** Fits in one message of NATS as it comes (1 MiB), with what is written beside it. */
export const MAX_RECORD_BYTES = 512 * 1_024;
/** Aliases of one entry. One more takes the place of the oldest. */
export const MAX_ALIASES = 16;
/** Leases for which the name of a node is taken after its own is over, so that no late message brings the old life back. */
export const NAME_KEPT_LEASES = 10;

/**
 * Calls of one node to the directory's server at once. The server answers one after the other, so that more of them only make the lease of another node wait:
 * where 100 nodes ask at once, these take it a tenth of a second or two.
 */
export const MAX_RUNNING_CALLS = 64;

const NODE_ID = /^[A-Za-z0-9_-]{1,64}$/;
const LONE_SURROGATE = /\p{Surrogate}/u;

const utf8 = new TextEncoder();

export function checkNode(node: NodeId): void {
  if (NODE_ID.test(node)) return;
  throw new RangeError(
    `The name of a node is 1 to 64 letters, digits, "_" and "-", not ${JSON.stringify(node.slice(0, 80))}.`,
  );
}

/** Two keys that differ stay two everywhere: half a surrogate pair has no UTF-8. */
export function checkKey(key: string, what: "key" | "alias" = "key"): void {
  const bytes = key.length > MAX_KEY_BYTES ? Infinity : utf8.encode(key).length;
  if (bytes >= 1 && bytes <= MAX_KEY_BYTES && !LONE_SURROGATE.test(key)) return;
  const wrong = LONE_SURROGATE.test(key) ? "one with half a character" : `one of ${utf8.encode(key).length}`;
  throw new RangeError(`The ${what} of an entry is 1 to ${MAX_KEY_BYTES} bytes of text, not ${wrong}.`);
}

export function checkRecord(key: string, record: Uint8Array): void {
  if (record.length <= MAX_RECORD_BYTES) return;
  throw new RangeError(
    `The record of ${JSON.stringify(key)} has ${record.length} bytes; a directory takes up to ${MAX_RECORD_BYTES}.`,
  );
}

export function checkFence(fence: number): void {
  if (Number.isSafeInteger(fence) && fence >= 0) return;
  throw new RangeError(`A fence is a whole number from 0, not ${fence}.`);
}

/** Why a node that has no lease is refused. */
export function noLease(node: NodeId): Error {
  return new Error(`Node ${node} has no lease in the directory: it takes a new name and enrols before it claims.`);
}

/** Milliseconds without any answer after which the server of a directory counts as away: early enough to ask once more within a lease. */
export function directoryTimeoutMs(leaseMs: number): number {
  return Math.min(Math.max(leaseMs / 2, 500), 2_000);
}
