/**
 * What a member of an open room says in a text frame (P6.2, P6.10): `{"data", "to"?}` or `{"token"}` in JSON. One pass over the bytes checks the whole frame
 * and finds `data`, which is passed on as it lies there and decoded for those that want to read it.
 */
import { JsonCheck, NOT_JSON, type JsonLimits } from "./json-fields.ts";
import { failure, success, type Result } from "./result.ts";

/** A sound frame of a member. */
export interface Envelope {
  /** The JSON of `data`; a view of the frame. `undefined` in a frame that shows a token. */
  readonly data: Uint8Array | undefined;
  /** Ids of those that get it; an empty list means no member. `undefined`: all others. */
  readonly to: readonly string[] | undefined;
  /** A new token for this line. */
  readonly token: string | undefined;
}

/** More than of a command: what members say to each other is theirs, and Tapaculo takes as many levels. */
const LIMITS: JsonLimits = { depth: 128, items: 1_048_576, containers: 65_536 };

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_LIST = 0x5b;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf] as const;

const bytesOf = (text: string): readonly number[] => Array.from(text, (letter) => letter.charCodeAt(0));
const DATA = bytesOf("data");
const TO = bytesOf("to");
const TOKEN = bytesOf("token");
const FIELDS = { data: DATA, to: TO, token: TOKEN } as const;
const FIELD_NAMES = ["data", "to", "token"] as const;
/** A longer key is no field's name, even if each letter of it is escaped. */
const MAX_KEY_BYTES = 6 * TOKEN.length;

const fromUtf8 = new TextDecoder("utf-8", { ignoreBOM: true });

/** Reads a text frame; the failure is a sentence. Other fields, `from` among them, are skipped; of a field that is there twice the last counts. */
export function readEnvelope(bytes: Uint8Array): Result<Envelope, string> {
  const check = new JsonCheck(bytes, 0, LIMITS);
  if (BYTE_ORDER_MARK.every((byte, index) => bytes[index] === byte)) check.at = BYTE_ORDER_MARK.length;
  check.skipSpace();
  if (bytes[check.at] !== OPEN_OBJECT) return failure(whyNoObject(check, bytes));
  check.at += 1;
  check.skipSpace();

  let data: Uint8Array | undefined;
  let to: Uint8Array | undefined;
  let token: Uint8Array | undefined;
  if (bytes[check.at] === CLOSE_OBJECT) check.at += 1;
  else {
    for (;;) {
      const keyAt = check.at;
      if (bytes[keyAt] !== QUOTE) return failure(`${NOT_JSON}.`);
      const wrongKey = check.value(1);
      if (wrongKey !== undefined) return failure(`${wrongKey}.`);
      const key = fieldAt(bytes, keyAt + 1, check.at - 1);
      check.skipSpace();
      if (bytes[check.at] !== COLON) return failure(`${NOT_JSON}.`);
      check.at += 1;
      check.skipSpace();
      const from = check.at;
      const wrongValue = check.value(1);
      if (wrongValue !== undefined) return failure(`${wrongValue}.`);
      if (key === "data") data = bytes.subarray(from, check.at);
      else if (key === "to") to = bytes.subarray(from, check.at);
      else if (key === "token") token = bytes.subarray(from, check.at);
      check.skipSpace();
      const next = bytes[check.at];
      if (next !== COMMA && next !== CLOSE_OBJECT) return failure(`${NOT_JSON}.`);
      check.at += 1;
      if (next === CLOSE_OBJECT) break;
      check.skipSpace();
    }
  }
  check.skipSpace();
  if (check.at !== bytes.length) return failure(`${NOT_JSON}.`);
  return compose(data, to, token);
}

function compose(
  data: Uint8Array | undefined,
  to: Uint8Array | undefined,
  token: Uint8Array | undefined,
): Result<Envelope, string> {
  if (data !== undefined) {
    if (to === undefined) return success({ data, to: undefined, token: undefined });
    const ids = readIds(to);
    return ids.ok ? success({ data, to: ids.value, token: undefined }) : ids;
  }
  if (token === undefined)
    return failure('`data` is missing: a frame is {"data": …}, with "to": [ids] for some alone.');
  const text: unknown = token[0] === QUOTE ? JSON.parse(fromUtf8.decode(token)) : undefined;
  if (typeof text !== "string") return failure(`\`token\` has to be text, not ${kindOf(token)}.`);
  return success({ data: undefined, to: undefined, token: text });
}

function readIds(to: Uint8Array): Result<readonly string[], string> {
  const value: unknown = to[0] === OPEN_LIST ? JSON.parse(fromUtf8.decode(to)) : undefined;
  if (!Array.isArray(value)) return failure(`\`to\` has to be a list of ids, not ${kindOf(to)}.`);
  const ids: string[] = [];
  for (const [index, id] of value.entries()) {
    if (typeof id !== "string") return failure(`\`to\` has to be a list of ids; entry ${index} is no text.`);
    ids.push(id);
  }
  return success(ids);
}

/** The field whose name lies here, without its quotes. */
function fieldAt(bytes: Uint8Array, from: number, to: number): (typeof FIELD_NAMES)[number] | undefined {
  for (const name of FIELD_NAMES) if (lies(FIELDS[name], bytes, from, to)) return name;
  if (to - from > MAX_KEY_BYTES || !bytes.subarray(from, to).includes(BACKSLASH)) return undefined;
  const key: unknown = JSON.parse(fromUtf8.decode(bytes.subarray(from - 1, to + 1)));
  return FIELD_NAMES.find((name) => name === key);
}

function lies(letters: readonly number[], bytes: Uint8Array, from: number, to: number): boolean {
  if (to - from !== letters.length) return false;
  for (let index = 0; index < letters.length; index++) if (bytes[from + index] !== letters[index]) return false;
  return true;
}

function whyNoObject(check: JsonCheck, bytes: Uint8Array): string {
  const from = check.at;
  const problem = check.value(0);
  if (problem !== undefined) return `${problem}.`;
  const value = bytes.subarray(from, check.at);
  check.skipSpace();
  if (check.at !== bytes.length) return `${NOT_JSON}.`;
  return `A frame has to be an object such as {"data": …}, not ${kindOf(value)}.`;
}

/** What a sound value is, for a sentence. */
function kindOf(value: Uint8Array): string {
  switch (value[0]) {
    case QUOTE:
      return "text";
    case OPEN_LIST:
      return "a list";
    case OPEN_OBJECT:
      return "an object";
    case 0x74:
    case 0x66:
      return fromUtf8.decode(value);
    case 0x6e:
      return "null";
    default:
      return "a number";
  }
}
