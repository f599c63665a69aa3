/**
 * Reads CBOR (RFC 8949) as the server writes it: definite lengths, no tags, text keys. A general library would be larger than
 * the whole SDK.
 */
import { CborCursor, fromHalf, MAJOR, SIMPLE } from "../protocol/cbor-cursor.ts";
import { failure, success, type Result } from "../protocol/result.ts";

/** What can be read: JSON's values, and bytes. */
export type CborValue =
  | null
  | boolean
  | number
  | string
  | Uint8Array<ArrayBuffer>
  | readonly CborValue[]
  | { readonly [key: string]: CborValue | undefined };

/** How deep arrays and maps may be nested in what is read. */
const MAX_DEPTH = 32;

/** A byte order mark is the sender's text, and stays. */
const fromUtf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The first item of `bytes`, or what is wrong with it. Never throws; what stands behind the item is not looked at. */
export function decodeCbor(bytes: Uint8Array): Result<CborValue, string> {
  try {
    return success(readItem(new CborCursor(bytes), MAX_DEPTH));
  } catch (error) {
    if (error instanceof Unreadable) return failure(error.message);
    throw error;
  }
}

/** Ends the recursion of `readItem`; caught where it began. */
class Unreadable extends Error {}

function readItem(cursor: CborCursor, depth: number): CborValue {
  if (depth === 0) throw new Unreadable(`The CBOR is nested deeper than ${MAX_DEPTH} levels`);
  if (!cursor.next() || cursor.isIndefinite) throw new Unreadable("The frame is not CBOR, or ends too early");
  const { major, argument } = cursor;
  if (major !== MAJOR.simple && !Number.isSafeInteger(argument)) throw new Unreadable("A number is beyond 2^53 - 1");
  switch (major) {
    case MAJOR.unsigned:
      return argument;
    case MAJOR.negative:
      return -1 - argument;
    case MAJOR.bytes:
      return readContent(cursor).slice();
    case MAJOR.text:
      return readText(readContent(cursor));
    case MAJOR.array:
      return Array.from({ length: countItems(cursor, 1) }, () => readItem(cursor, depth - 1));
    case MAJOR.map:
      // fromEntries makes own properties of all keys, `__proto__` too.
      return Object.fromEntries(
        Array.from({ length: countItems(cursor, 2) }, () => {
          const key = readItem(cursor, depth - 1);
          if (typeof key !== "string") throw new Unreadable("The keys of a CBOR map have to be text");
          return [key, readItem(cursor, depth - 1)] as const;
        }),
      );
    case MAJOR.simple:
      return readSimple(cursor);
    default:
      throw new Unreadable("CBOR tags are not part of this wire");
  }
}

/** How many items or entries follow; each takes at least so many bytes, so a false claim costs nothing. */
function countItems(cursor: CborCursor, leastBytes: number): number {
  const { argument } = cursor;
  if (argument * leastBytes > cursor.left) throw new Unreadable("The CBOR claims more than the frame holds");
  return argument;
}

function readContent(cursor: CborCursor): Uint8Array {
  const length = countItems(cursor, 1);
  cursor.at += length;
  return cursor.bytes.subarray(cursor.at - length, cursor.at);
}

function readText(content: Uint8Array): string {
  try {
    return fromUtf8.decode(content);
  } catch {
    throw new Unreadable("The CBOR has text that is not valid UTF-8");
  }
}

function readSimple(cursor: CborCursor): CborValue {
  const { info, bytes, at } = cursor;
  const view = new DataView(bytes.buffer, bytes.byteOffset, at);
  switch (info) {
    case SIMPLE.false:
      return false;
    case SIMPLE.true:
      return true;
    case SIMPLE.null:
    case SIMPLE.undefined:
      return null;
    case SIMPLE.float16:
      return fromHalf(view.getUint16(at - 2));
    case SIMPLE.float32:
      return view.getFloat32(at - 4);
    case SIMPLE.float64:
      return view.getFloat64(at - 8);
    default:
      throw new Unreadable("The CBOR has a simple value that is not assigned");
  }
}
