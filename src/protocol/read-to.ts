/**
 * Reads `to` and `to_str`, which are nearly all that a host says, in place: without a decoder, a check before it, and a map and
 * its fields after it. It knows the encodings that hosts really write, and
 * answers `undefined` to every other one; that is then for `decodeHostFrame`'s general way. The tests hold both to the same results.
 */
import { isUtf8 } from "./utf8.ts";
import { encodeCbor } from "./cbor-writer.ts";
import type { PlayerId, Recipients, ToCommand, ToStrCommand } from "./commands.ts";

/** RFC 8949, section 3: first bytes of items, as far as they are understood here. */
const MAP = 0xa0;
/** `cmd`, `to` and `data`, and perhaps `volatile`. */
const MIN_ENTRIES = 3;
const MAX_ENTRIES = 4;
const SMALL_ARRAY = 0x80;
const ARRAY_OF_BYTE_COUNT = 0x98;
const BYTES = 0x40;
const TEXT = 0x60;
const TAG_IN_ONE_BYTE = 0xd8;
const FALSE = 0xf4;
const TRUE = 0xf5;
/** In the low five bits of a first byte: the argument itself up to 23, or how many bytes of it follow. */
const ARGUMENT_BITS = 0x1f;
const LAST_SMALL = 23;
const ONE_BYTE = 24;
const TWO_BYTES = 25;
const FOUR_BYTES = 26;
/** RFC 8746: a typed array of uint8, as some encoders write all bytes. */
const UINT8_ARRAY_TAG = 64;

const KEY_CMD = encodeCbor("cmd");
const KEY_TO = encodeCbor("to");
const KEY_DATA = encodeCbor("data");
const KEY_VOLATILE = encodeCbor("volatile");
const TO = encodeCbor("to");
const TO_STR = encodeCbor("to_str");

/** Where the last head's content begins, and how long it is. One for all, since nothing is read beside anything else. */
interface Reading {
  readonly bytes: Uint8Array;
  at: number;
  argument: number;
}

/** The command, its `data` a view of the frame; `undefined` where it is another one, or not written as usual, or wrong. */
export function readTo(frame: Uint8Array): ToCommand | ToStrCommand | undefined {
  const reading: Reading = { bytes: frame, at: 0, argument: 0 };
  if (((frame[0] ?? 0) & ~ARGUMENT_BITS) !== MAP || !readArgument(reading)) return undefined;
  const entries = reading.argument;
  if (entries < MIN_ENTRIES || entries > MAX_ENTRIES) return undefined;
  let cmd: "to" | "to_str" | undefined;
  let to: Recipients | undefined;
  let dataMajor: number | undefined;
  let dataAt = 0;
  let dataLength = 0;
  let isVolatile: boolean | undefined;

  for (let entry = 0; entry < entries; entry++) {
    if (cmd === undefined && skip(reading, KEY_CMD)) {
      cmd = skip(reading, TO) ? "to" : skip(reading, TO_STR) ? "to_str" : undefined;
      if (cmd === undefined) return undefined;
    } else if (to === undefined && skip(reading, KEY_TO)) {
      to = readRecipients(reading);
      if (to === undefined) return undefined;
    } else if (dataMajor === undefined && skip(reading, KEY_DATA)) {
      dataMajor = readString(reading);
      if (dataMajor === undefined) return undefined;
      dataAt = reading.at;
      dataLength = reading.argument;
      reading.at += dataLength;
    } else if (isVolatile === undefined && skip(reading, KEY_VOLATILE)) {
      const value = frame[reading.at++];
      if (value !== TRUE && value !== FALSE) return undefined;
      isVolatile = value === TRUE;
    } else return undefined; // another field, or one twice
  }

  if (cmd === undefined || to === undefined || dataMajor !== (cmd === "to" ? BYTES : TEXT)) return undefined;
  if (cmd === "to_str" && !isUtf8(frame, dataAt, dataAt + dataLength)) return undefined;
  const data = new Uint8Array(frame.buffer, frame.byteOffset + dataAt, dataLength);
  return isVolatile === true ? { cmd, to, data, volatile: true } : { cmd, to, data };
}

/** Moves past these bytes where they are next; stays where it is otherwise. */
function skip(reading: Reading, item: Uint8Array): boolean {
  const { bytes, at } = reading;
  for (let index = 0; index < item.length; index++) if (bytes[at + index] !== item[index]) return false;
  reading.at = at + item.length;
  return true;
}

/** Reads the head of a string and moves to its content: `BYTES` or `TEXT`, all of which is there. */
function readString(reading: Reading): number | undefined {
  const { bytes } = reading;
  let first = bytes[reading.at] ?? 0;
  const isTagged = first === TAG_IN_ONE_BYTE && bytes[reading.at + 1] === UINT8_ARRAY_TAG;
  if (isTagged) {
    reading.at += 2;
    first = bytes[reading.at] ?? 0;
  }
  const major = first & ~ARGUMENT_BITS;
  if ((major !== BYTES && (major !== TEXT || isTagged)) || !readArgument(reading)) return undefined;
  return reading.argument <= bytes.length - reading.at ? major : undefined;
}

function readRecipients(reading: Reading): Recipients | undefined {
  const { bytes } = reading;
  const first = bytes[reading.at] ?? 0;
  if (first < SMALL_ARRAY || first > ARRAY_OF_BYTE_COUNT || !readArgument(reading)) return undefined;
  const count = reading.argument;
  if (count === 0) return "everybody";
  const ids: PlayerId[] = [];
  for (let index = 0; index < count; index++) {
    const head = bytes[reading.at];
    if (head === undefined || head > FOUR_BYTES || !readArgument(reading)) return undefined;
    ids.push(reading.argument);
  }
  return ids;
}

/** Reads one head's argument, of at most four bytes, and moves behind it. */
function readArgument(reading: Reading): boolean {
  const { bytes, at } = reading;
  const info = (bytes[at] ?? 0) & ARGUMENT_BITS;
  if (info <= LAST_SMALL) {
    reading.argument = info;
    reading.at = at + 1;
    return true;
  }
  const width = info === ONE_BYTE ? 1 : info === TWO_BYTES ? 2 : info === FOUR_BYTES ? 4 : 0;
  if (width === 0 || at + width >= bytes.length) return false;
  let argument = 0;
  for (let index = 1; index <= width; index++) argument = argument * 256 + (bytes[at + index] ?? 0);
  reading.argument = argument;
  reading.at = at + 1 + width;
  return true;
}
