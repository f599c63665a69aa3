/** The members of a JSON object as they lie in a frame: checked within limits, and decoded when they are needed. */
import { JsonCheck, NOT_JSON, type JsonLimits } from "./json-fields.ts";
import { failure, success, type Result } from "./result.ts";

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf] as const;
/** A letter of a key takes up to six bytes where it is escaped. */
const BYTES_PER_LETTER = 6;

const fromUtf8 = new TextDecoder("utf-8", { ignoreBOM: true });

/**
 * Checks that the bytes are one JSON object and finds its members of these names, each as the JSON of its value: views of the bytes. Of a member that is there
 * twice the last counts; other members are skipped. The failure says what is wrong, without a dot at its end.
 */
export function readJsonMembers<Name extends string>(
  bytes: Uint8Array,
  names: readonly Name[],
  limits: JsonLimits,
): Result<ReadonlyMap<Name, Uint8Array>, string> {
  const check = new JsonCheck(bytes, 0, limits);
  if (BYTE_ORDER_MARK.every((byte, index) => bytes[index] === byte)) check.at = BYTE_ORDER_MARK.length;
  check.skipSpace();
  if (bytes[check.at] !== OPEN_OBJECT) {
    const problem = check.value(0);
    check.skipSpace();
    return failure(problem ?? (check.at === bytes.length ? "It has to be an object" : NOT_JSON));
  }
  check.at += 1;
  check.skipSpace();
  const members = new Map<Name, Uint8Array>();
  if (bytes[check.at] === CLOSE_OBJECT) check.at += 1;
  else {
    for (;;) {
      const keyAt = check.at;
      if (bytes[keyAt] !== QUOTE) return failure(NOT_JSON);
      const wrongKey = check.value(1);
      if (wrongKey !== undefined) return failure(wrongKey);
      const name = nameAt(bytes.subarray(keyAt, check.at), names);
      check.skipSpace();
      if (bytes[check.at] !== COLON) return failure(NOT_JSON);
      check.at += 1;
      check.skipSpace();
      const from = check.at;
      const wrongValue = check.value(1);
      if (wrongValue !== undefined) return failure(wrongValue);
      if (name !== undefined) members.set(name, bytes.subarray(from, check.at));
      check.skipSpace();
      const next = bytes[check.at];
      if (next !== COMMA && next !== CLOSE_OBJECT) return failure(NOT_JSON);
      check.at += 1;
      if (next === CLOSE_OBJECT) break;
      check.skipSpace();
    }
  }
  check.skipSpace();
  return check.at === bytes.length ? success(members) : failure(NOT_JSON);
}

/** The one of the names that is this key, a text of JSON. */
function nameAt<Name extends string>(key: Uint8Array, names: readonly Name[]): Name | undefined {
  const isEscaped = key.includes(BACKSLASH);
  return names.find((name) => {
    if (key.length > name.length * BYTES_PER_LETTER + 2) return false;
    if (isEscaped) return JSON.parse(fromUtf8.decode(key)) === name;
    if (key.length !== name.length + 2) return false;
    for (let index = 0; index < name.length; index++) if (key[index + 1] !== name.charCodeAt(index)) return false;
    return true;
  });
}
