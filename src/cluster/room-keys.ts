/** What rooms are called in the directory, and what is written there of them. */

/** A room is found by its code, an open one by its name too; hosts by the hash of their session. */
export const keyOfCode = (code: string): string => `${CODE}${code}`;
export const keyOfName = (name: string): string => `${NAME}${name}`;
export const sessionAlias = (of: "host" | "opener", sessionHash: string): string => `${of}:${sessionHash}`;
/** The name in the key of an open room. */
export const nameIn = (key: string): string | undefined => (key.startsWith(NAME) ? key.slice(NAME.length) : undefined);
export const isCodeKey = (key: string): boolean => key.startsWith(CODE);
export const codeOf = (key: string): string => key.slice(CODE.length);

const CODE = "code:";
const NAME = "name:";

/** The first byte of what is written under a key. */
const RECORD = 1;
const COMPANION = 2;
const OPENING = 3;
const LIVING = 4;

const utf8 = new TextEncoder();
const text = new TextDecoder();

export type RoomEntry =
  | { readonly is: "record"; readonly bytes: Uint8Array }
  | { readonly is: "opening" | "living" }
  | { readonly is: "unreadable" };

/** Written under a name whose room is about to open. */
export const OPENING_ENTRY = Uint8Array.of(OPENING);

/** Written under the code or name of a room that cannot be opened again. Nothing is written under a code that no room has. */
const LIVING_ENTRY = Uint8Array.of(LIVING);

export function recordEntry(record: Uint8Array | undefined): Uint8Array {
  if (record === undefined) return LIVING_ENTRY;
  const entry = new Uint8Array(record.length + 1);
  entry[0] = RECORD;
  entry.set(record, 1);
  return entry;
}

/** Written under the code of an open room that has a name: its record is under the name. */
export function companionEntry(key: string): Uint8Array {
  return Uint8Array.of(COMPANION, ...utf8.encode(key));
}

export function companionOf(entry: Uint8Array): string | undefined {
  return entry[0] === COMPANION ? text.decode(entry.subarray(1)) : undefined;
}

export function readEntry(entry: Uint8Array): RoomEntry {
  if (entry[0] === OPENING) return { is: "opening" };
  if (entry[0] === LIVING) return { is: "living" };
  return entry[0] === RECORD ? { is: "record", bytes: entry.subarray(1) } : { is: "unreadable" };
}
