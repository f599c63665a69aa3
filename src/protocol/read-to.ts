/**
 * Reads `to` and `to_str`, the frequent commands of a host, in place: without a map of fields and without a check before the
 * decoding. It knows the encodings that hosts write and answers `undefined` to every other one, which `decodeCborCommand` then reads.
 * The tests hold both to the same results.
 */
import { MAJOR, SIMPLE } from "./cbor-format.ts";
import { CborCursor } from "./cbor-reader.ts";
import { encodeCbor } from "./cbor-writer.ts";
import type { PlayerId, Recipients, ToCommand, ToStrCommand } from "./commands.ts";
import { isUtf8 } from "./utf8.ts";

/** `cmd`, `to` and `data`, and perhaps `volatile`. */
const MIN_ENTRIES = 3;
const MAX_ENTRIES = 4;
/** A longer list of recipients is left to the general way, which limits it. */
const MOST_RECIPIENTS = 255;
/** An id has at most 32 bits. */
const MOST_ID = 2 ** 32 - 1;
/** RFC 8746: a typed array of uint8, as some encoders write all bytes. */
const UINT8_ARRAY_TAG = 64;

const KEY_CMD = encodeCbor("cmd");
const KEY_TO = encodeCbor("to");
const KEY_DATA = encodeCbor("data");
const KEY_VOLATILE = encodeCbor("volatile");
const TO = encodeCbor("to");
const TO_STR = encodeCbor("to_str");
const TRUE = (MAJOR.simple << 5) | SIMPLE.true;
const FALSE = (MAJOR.simple << 5) | SIMPLE.false;

/** The command, its `data` a view of the frame; `undefined` where it is another one, or not written as usual, or wrong. */
export function readTo(frame: Uint8Array): ToCommand | ToStrCommand | undefined {
  const cursor = new CborCursor(frame);
  if (readHead(cursor) !== MAJOR.map) return undefined;
  const entries = cursor.argument; // 0 where it is indefinite
  if (entries < MIN_ENTRIES || entries > MAX_ENTRIES) return undefined;
  let cmd: "to" | "to_str" | undefined;
  let to: Recipients | undefined;
  let dataMajor: number | undefined;
  let dataAt = 0;
  let dataLength = 0;
  let isVolatile: boolean | undefined;

  for (let entry = 0; entry < entries; entry++) {
    if (cmd === undefined && skip(cursor, KEY_CMD)) {
      cmd = skip(cursor, TO) ? "to" : skip(cursor, TO_STR) ? "to_str" : undefined;
      if (cmd === undefined) return undefined;
    } else if (to === undefined && skip(cursor, KEY_TO)) {
      to = readRecipients(cursor);
      if (to === undefined) return undefined;
    } else if (dataMajor === undefined && skip(cursor, KEY_DATA)) {
      dataMajor = readStringHead(cursor);
      if (dataMajor === undefined) return undefined;
      dataAt = cursor.at;
      dataLength = cursor.argument;
      cursor.at += dataLength;
    } else if (isVolatile === undefined && skip(cursor, KEY_VOLATILE)) {
      const value = frame[cursor.at++];
      if (value !== TRUE && value !== FALSE) return undefined;
      isVolatile = value === TRUE;
    } else return undefined; // another field, or one twice
  }

  if (cmd === undefined || to === undefined || dataMajor !== (cmd === "to" ? MAJOR.bytes : MAJOR.text))
    return undefined;
  if (cmd === "to_str" && !isUtf8(frame, dataAt, dataAt + dataLength)) return undefined;
  const data = new Uint8Array(frame.buffer, frame.byteOffset + dataAt, dataLength);
  return isVolatile === true ? { cmd, to, data, volatile: true } : { cmd, to, data };
}

/** Reads one head and returns its major type; `undefined` where there is none. */
function readHead(cursor: CborCursor): number | undefined {
  return cursor.next() ? cursor.major : undefined;
}

/** Moves past these bytes where they are next; stays where it is otherwise. */
function skip(cursor: CborCursor, item: Uint8Array): boolean {
  const { bytes, at } = cursor;
  for (let index = 0; index < item.length; index++) if (bytes[at + index] !== item[index]) return false;
  cursor.at = at + item.length;
  return true;
}

/** Reads the head of a string that is there in one piece, and returns its major type. */
function readStringHead(cursor: CborCursor): number | undefined {
  let major = readHead(cursor);
  if (major === MAJOR.tag) {
    if (cursor.argument !== UINT8_ARRAY_TAG) return undefined;
    major = readHead(cursor);
    if (major !== MAJOR.bytes) return undefined;
  }
  const isString = major === MAJOR.bytes || major === MAJOR.text;
  return isString && !cursor.isIndefinite && cursor.argument <= cursor.left ? major : undefined;
}

function readRecipients(cursor: CborCursor): Recipients | undefined {
  if (readHead(cursor) !== MAJOR.array || cursor.isIndefinite) return undefined;
  const count = cursor.argument;
  if (count > MOST_RECIPIENTS) return undefined;
  if (count === 0) return "everybody";
  const ids: PlayerId[] = [];
  for (let index = 0; index < count; index++) {
    if (readHead(cursor) !== MAJOR.unsigned || cursor.argument > MOST_ID) return undefined;
    ids.push(cursor.argument);
  }
  return ids;
}
