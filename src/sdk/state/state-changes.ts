/** Changes of a state: keys with their values as JSON, and how frames carry them. */
import { invalid, quote } from "../invalid-argument.ts";
import { isArrayBuffer, toJson } from "../payload.ts";

/** Keys with their new values as JSON text; `null` deletes the key. */
export type JsonChanges = ReadonlyMap<string, string | null>;

/** Keys with the JSON text that they had before they changed; `undefined` where there was none. */
export type JsonBefore = ReadonlyMap<string, string | undefined>;

/** Bytes of a key. A key of the checkpoint, which names the player as well, may have 128. */
const MAX_KEY_BYTES = 100;
/** Keys that begin so are the SDK's own (P5.10.3). */
export const RESERVED_PREFIX = "cw:";

const utf8 = new TextEncoder();

export function bytesOf(text: string): number {
  return utf8.encode(text).length;
}

export function isReserved(key: string): boolean {
  return key.startsWith(RESERVED_PREFIX);
}

/** What is wrong with a key, as the end of a sentence about it. */
export function problemOfKey(key: unknown): string | undefined {
  if (typeof key !== "string") return `has to be text; this is ${quote(key)}.`;
  const bytes = bytesOf(key);
  if (bytes >= 1 && bytes <= MAX_KEY_BYTES && !/\p{Surrogate}/u.test(key)) return undefined;
  return `may have 1 to ${MAX_KEY_BYTES} bytes of text; this has ${bytes}.`;
}

/**
 * A game's changes as JSON.
 * @throws {CouchwireError} `invalid_argument` at a key or value that a state cannot hold
 */
export function jsonChanges(entries: Iterable<readonly [string, unknown]>): JsonChanges {
  const changes = new Map<string, string | null>();
  for (const [key, value] of entries) {
    const problem = problemOfKey(key);
    if (problem !== undefined) throw invalid(`A key of the state ${problem}`);
    if (isArrayBuffer(value) || ArrayBuffer.isView(value)) {
      throw invalid(`The state holds what JSON can hold; ${quote(key)} is bytes, and those travel with \`send\`.`);
    }
    if (typeof value === "number" && !Number.isFinite(value)) {
      throw invalid(`The state holds what JSON can hold; ${quote(key)} is ${value}.`);
    }
    const json = toJson(
      value,
      `The state holds what JSON can hold, and null deletes a key; ${quote(key)} is ${typeof value}.`,
    );
    changes.set(key, json === "null" ? null : json);
  }
  return changes;
}

/** As the `set` of a frame: `{"round":2,"winner":null}`. */
export function writeChanges(changes: Iterable<readonly [string, string | null]>): string {
  return `{${[...changes].map(([key, json]) => `${JSON.stringify(key)}:${json ?? "null"}`).join(",")}}`;
}

/** Reads the `set` of a frame; `undefined` where it is no object, or nested too deep to be written again. */
export function readChanges(set: unknown): JsonChanges | undefined {
  if (typeof set !== "object" || set === null || Array.isArray(set)) return undefined;
  const entries: [string, unknown][] = Object.entries(set);
  try {
    return new Map(entries.map(([key, value]) => [key, value === null ? null : JSON.stringify(value)]));
  } catch {
    return undefined;
  }
}

/** The value that JSON text stands for. */
export function valueOf(json: string | null | undefined): unknown {
  return json === undefined || json === null ? undefined : JSON.parse(json);
}
