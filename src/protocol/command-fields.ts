/** The fields of one command, read one by one: each wrong one is a sentence that says what it was and what is allowed. */
import type { HostCommand, HostCommandName, PlayerId, Recipients, SavedValue } from "./commands.ts";
import type { Refusal } from "./error-codes.ts";
import type { FieldName, FrameFields, FrameValue, Scalar } from "./frame-value.ts";
import { failure, success, type Result } from "./result.ts";

/** Ids and counts are u32, as in WMBP (C6). */
export const MAX_UINT32 = 0xffff_ffff;
/** Entries of a `to` or an `except`: a frame with a million entries would hold up all other connections. */
export const MAX_RECIPIENTS = 4_096;
/** Bytes of UTF-8 in a game's name or a kick's reason. */
export const MAX_NAME_BYTES = 1_024;
/** Bytes of UTF-8 in a `join_url`. */
export const MAX_URL_BYTES = 2_048;
/** Bytes of UTF-8 in a `pin`. */
export const MAX_PIN_BYTES = 32;
/** Bytes of UTF-8 in the name of a poll. */
export const MAX_POLL_ID_BYTES = 64;
/** Bytes of a room's `meta` as JSON. */
export const MAX_META_BYTES = 4_096;
/** Bytes of UTF-8 in the name of a retained frame. */
export const MAX_RETAIN_NAME_BYTES = 64;
/** Bytes of UTF-8 in the name of a volatile frame. */
export const MAX_VOLATILE_NAME_BYTES = 64;
/** Milliseconds that a frame may wait at most (`ttl`). */
export const MAX_TTL_MS = 3_600_000;
/** Bytes of a checkpoint. */
export const MAX_SAVE_BYTES = 65_536;
/** Bytes of UTF-8 in a key of `save`. */
export const MAX_SAVE_KEY_BYTES = 128;
/** Keys that hold a value at one time. */
export const MAX_SAVE_KEYS = 4_096;
/** Bytes of all values with a key. */
export const MAX_KEYED_BYTES = 262_144;
/** Seconds between two reports of the players' health. */
export const MAX_HEALTH_SECONDS = 3_600;

/** Every refusal of a frame begins as WMBP's only one did, so that clients which look for those words find them. */
export function refuse(refusal: Refusal): { readonly ok: false; readonly failure: Refusal } {
  return failure({ ...refusal, reason: `Invalid message. ${refusal.reason}` });
}

const utf8 = new TextEncoder();
const fromUtf8 = new TextDecoder("utf-8", { ignoreBOM: true });

/** The fields of one command. The first problem is remembered and outlives the rest, so parsers read straight down. */
export class CommandFields {
  readonly #cmd: HostCommandName;
  readonly #fields: FrameFields;
  #problem: Refusal | undefined;

  constructor(cmd: HostCommandName, fields: FrameFields) {
    this.#cmd = cmd;
    this.#fields = fields;
  }

  command(command: HostCommand): Result<HostCommand, Refusal> {
    return this.#problem === undefined ? success(command) : refuse(this.#problem);
  }

  hasAny(...names: readonly FieldName[]): boolean {
    return names.some((name) => this.#fields.has(name));
  }

  uint32(name: FieldName, maximum = MAX_UINT32): number {
    const value = this.#fields.get(name);
    const number = value?.scalar;
    if (isUint32(number) && number <= maximum) return number;
    return this.#wrong(name, `a whole number from 0 to ${maximum}`, value, 0);
  }

  optionalCount(name: FieldName): number | undefined {
    const value = this.#present(name);
    if (value === undefined) return undefined;
    const count = value.scalar;
    if (typeof count === "number" && Number.isSafeInteger(count) && count >= 0) return count;
    return this.#wrong(name, "a whole number, 0 or more", value, undefined);
  }

  optionalFlag(name: FieldName): boolean {
    const value = this.#present(name);
    if (value === undefined) return false;
    const flag = value.scalar;
    return typeof flag === "boolean" ? flag : this.#wrong(name, "true or false", value, false);
  }

  /** A boolean or a name. */
  optionalFlagOrLabel(name: FieldName, maxBytes: number): boolean | string {
    const value = this.#present(name);
    if (value?.kind === "text" && value.length > 0) return this.optionalText(name, maxBytes) ?? false;
    const flag = value === undefined ? false : value.scalar;
    if (typeof flag === "boolean") return flag;
    return this.#wrong(name, `true, false, or a name of 1 to ${maxBytes} bytes`, value, false);
  }

  /** One of these texts. */
  optionalChoice<Choice extends string>(name: FieldName, choices: readonly Choice[]): Choice | undefined {
    const value = this.#present(name);
    if (value === undefined) return undefined;
    const text = value.kind === "text" ? beginningOf(value) : undefined;
    const chosen = choices.find((choice) => choice === text && choice.length === value.length);
    return chosen ?? this.#wrong(name, `one of ${choices.join(", ")}`, value, undefined);
  }

  /** Text that is not empty, or a whole number. */
  optionalLabelOrWhole(name: FieldName, maxBytes: number): string | number | undefined {
    const value = this.#present(name);
    if (value === undefined) return undefined;
    if (value.kind === "text" && value.length > 0) return this.optionalText(name, maxBytes);
    if (isUint32(value.scalar)) return value.scalar;
    return this.#wrong(name, `a name of 1 to ${maxBytes} bytes, or a whole number`, value, undefined);
  }

  optionalWhole(name: FieldName, minimum: number, maximum: number): number | undefined {
    const value = this.#present(name);
    if (value === undefined) return undefined;
    const number = value.scalar;
    if (isUint32(number) && number >= minimum && number <= maximum) return number;
    return this.#wrong(name, `a whole number from ${minimum} to ${maximum}`, value, undefined);
  }

  optionalIds(name: FieldName): readonly PlayerId[] | undefined {
    if (this.#present(name) === undefined) return undefined;
    const ids = this.recipients(name);
    return ids === "everybody" ? [] : ids;
  }

  /** Any value, as JSON text. */
  optionalJson(name: FieldName, maxBytes: number): string | undefined {
    const value = this.#present(name);
    if (value === undefined) return undefined;
    // A value that is far over its limit is not decoded.
    if (value.size > maxBytes * LONGEST_JSON_ENCODING) {
      return this.#refuse("too_large", tooLarge(name, value.size, maxBytes), undefined);
    }
    const json = JSON.stringify(value.decode());
    const { length } = utf8.encode(json);
    return length <= maxBytes
      ? wellFormed(json)
      : this.#refuse("too_large", tooLarge(name, length, maxBytes), undefined);
  }

  /** Any value that JSON has, as JSON in UTF-8. */
  json(name: FieldName, maxBytes: number): Uint8Array {
    const value = this.#fields.get(name);
    if (value === undefined) return this.#wrong(name, JSON_ALLOWED, value, NO_BYTES);
    // A value that is far over its limit is not decoded.
    const json = value.size > maxBytes * LONGEST_JSON_ENCODING ? undefined : value.json();
    const length = json?.length ?? value.size;
    if (length > maxBytes) return this.#refuse("too_large", tooLarge(name, length, maxBytes), NO_BYTES);
    return json ?? this.#wrong(name, JSON_ALLOWED, value, NO_BYTES);
  }

  /** Text that is not empty, or `undefined` if the field is absent. */
  optionalLabel(name: FieldName, maxBytes: number): string | undefined {
    const text = this.optionalText(name, maxBytes);
    return text === "" ? this.#wrong(name, "text that is not empty", this.#fields.get(name), undefined) : text;
  }

  /** Text that is not empty. */
  label(name: FieldName, maxBytes: number): string {
    const missing = this.#fields.get(name);
    return this.optionalLabel(name, maxBytes) ?? this.#wrong(name, "text that is not empty", missing, "");
  }

  textOrBytes(name: FieldName, maxBytes: number): string | Uint8Array {
    const value = this.#fields.get(name);
    const data = value?.kind === "text" ? value.content() : this.bytes(name);
    if (data.length > maxBytes) return this.#refuse("too_large", tooLarge(name, data.length, maxBytes), "");
    return value?.kind === "text" ? fromUtf8.decode(data) : new Uint8Array(data); // a copy, so that the frame can be freed
  }

  /** A value to be kept, or `null`. */
  savedValue(name: FieldName): SavedValue | null {
    const value = this.#fields.get(name);
    return value !== undefined && isNothing(value) ? null : this.textOrBytes(name, MAX_KEYED_BYTES);
  }

  /** Values to be kept by their keys. */
  savedValues(name: FieldName): ReadonlyMap<string, SavedValue | null> {
    const saved = new Map<string, SavedValue | null>();
    const map = this.#fields.get(name);
    if (map?.kind !== "map") return this.#wrong(name, "a map of values by their keys", map, saved);
    let bytes = 0;
    for (const [key, value] of map.members()) {
      const keyBytes = utf8.encode(key).length;
      if (keyBytes === 0 || keyBytes > MAX_SAVE_KEY_BYTES) {
        return this.#refuse("invalid_field", wrongKey(name, keyBytes), saved);
      }
      const content = this.#savedContent(`${name}[${quoteShort(key)}]`, value);
      bytes += typeof content === "string" ? value.length : (content?.length ?? 0);
      if (bytes > MAX_KEYED_BYTES) return this.#refuse("too_large", tooLarge(name, bytes, MAX_KEYED_BYTES), saved);
      saved.set(key, content);
      if (saved.size > MAX_SAVE_KEYS) {
        const reason = `\`${name}\` has more than ${MAX_SAVE_KEYS} keys.`;
        return this.#refuse("too_large", reason, saved);
      }
    }
    return saved;
  }

  /** Refuses the command where one of the others stands beside this field. */
  alone(name: FieldName, ...others: readonly FieldName[]): void {
    if (!this.hasAny(...others)) return;
    const reason = `\`${name}\` stands alone: ${others.map((other) => `\`${other}\``).join(" and ")} cannot be beside it.`;
    this.#refuse("invalid_field", reason, undefined);
  }

  /** Refuses the command: this field says how the other one is meant, which is not there. */
  missing(name: FieldName, needed: FieldName): void {
    this.#refuse("invalid_field", `\`${name}\` needs \`${needed}\` beside it.`, undefined);
  }

  optionalText(name: FieldName, maxBytes: number): string | undefined {
    const value = this.#present(name);
    if (value === undefined) return undefined;
    if (value.kind !== "text") return this.#wrong(name, "text", value, undefined);
    const { length } = value;
    return length <= maxBytes
      ? fromUtf8.decode(value.content())
      : this.#refuse("too_large", tooLarge(name, length, maxBytes), undefined);
  }

  optionalUrl(name: FieldName): string | undefined {
    const text = this.optionalText(name, MAX_URL_BYTES);
    if (text === undefined || isWebAddress(text)) return text;
    return this.#wrong(name, "an address that begins with http:// or https://", this.#fields.get(name), undefined);
  }

  recipients(name: FieldName): Recipients {
    const value = this.#fields.get(name);
    if (value?.kind !== "list") return this.#wrong(name, "a list of players' ids", value, "everybody");
    const { length } = value;
    if (length === 0) return "everybody";
    if (length > MAX_RECIPIENTS) {
      const reason = `\`${name}\` has ${length} entries; at most ${MAX_RECIPIENTS} are allowed.`;
      return this.#refuse("too_large", reason, "everybody");
    }
    const ids: PlayerId[] = [];
    for (const entry of value.entries()) {
      const id = entry.scalar;
      if (isUint32(id)) ids.push(id);
      else if (!isNothing(entry)) return this.#wrong(name, "a list of players' ids", entry, "everybody");
      // `null` and `undefined` are skipped: just-party sends them among the ids (WMBP K4).
    }
    return ids;
  }

  /** A byte string, tagged or not, or a list of integers. */
  bytes(name: FieldName): Uint8Array {
    const value = this.#fields.get(name);
    if (value?.kind === "bytes") return value.content();
    if (value?.kind !== "list") return this.#wrong(name, BYTES_ALLOWED, value, NO_BYTES);
    const bytes = value.byteList();
    if (bytes instanceof Uint8Array) return bytes;
    return this.#wrong(`${name}[${bytes.index}]`, "a byte, 0 to 255", bytes.entry, NO_BYTES);
  }

  utf8(name: FieldName): Uint8Array {
    const value = this.#fields.get(name);
    return value?.kind === "text" ? value.content() : this.#wrong(name, "text", value, NO_BYTES);
  }

  /** A copy of the value, so that the frame can be freed. */
  #savedContent(name: string, value: FrameValue): SavedValue | null {
    if (isNothing(value)) return null;
    if (value.kind === "text") return fromUtf8.decode(value.content());
    const bytes = value.kind === "list" ? value.byteList() : value.kind === "bytes" ? value.content() : undefined;
    return bytes instanceof Uint8Array ? new Uint8Array(bytes) : this.#wrong(name, "text, bytes, or null", value, null);
  }

  /** The field, if it is present and not `null`. */
  #present(name: FieldName): FrameValue | undefined {
    const value = this.#fields.get(name);
    return value === undefined || isNothing(value) ? undefined : value;
  }

  #wrong<Value>(name: string, allowed: string, value: FrameValue | undefined, standIn: Value): Value {
    return this.#refuse("invalid_field", `\`${name}\` has to be ${allowed}; this is ${describe(value)}.`, standIn);
  }

  #refuse<Value>(code: Refusal["code"], reason: string, standIn: Value): Value {
    this.#problem ??= { code, reason, in: this.#cmd };
    return standIn;
  }
}

function tooLarge(name: string, length: number, maxBytes: number): string {
  return `\`${name}\` has ${length} bytes; at most ${maxBytes} are allowed.`;
}

function wrongKey(name: string, length: number): string {
  return `A key in \`${name}\` has to have 1 to ${MAX_SAVE_KEY_BYTES} bytes; this one has ${length}.`;
}

const NO_BYTES = new Uint8Array(0);
const JSON_ALLOWED = "a value that JSON has, without bytes in it";
const BYTES_ALLOWED = "a byte string or a list of integers from 0 to 255";
/** Has a single repetition, so that it takes linear time. */
const HTTP_ADDRESS = /^https?:\/\/[^\s/?#]\S*$/i;
export const MAX_QUOTED_CHARACTERS = 32;
const QUOTES = 2;

/** Upper bound of the frame's bytes per byte of JSON text: an escape, a float, and some room for space. */
const LONGEST_JSON_ENCODING = 16;
/** Bytes of a quoted text that are decoded: enough for `MAX_QUOTED_CHARACTERS` and one more. */
const MAX_QUOTED_BYTES = 4 * (MAX_QUOTED_CHARACTERS + 1);

/** Whether the text looks like a web address. It need not lead anywhere. */
export function isWebAddress(text: string): boolean {
  return HTTP_ADDRESS.test(text);
}

function isUint32(value: Scalar): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= MAX_UINT32;
}

function isNothing({ kind, scalar }: FrameValue): boolean {
  return kind === "scalar" && (scalar === undefined || scalar === null);
}

/** JSON can escape half a surrogate pair, cutting can leave one; in CBOR it would be text that strict readers refuse. */
export function wellFormed(text: string): string {
  return fromUtf8.decode(utf8.encode(text));
}

/** Describes a value in a few words. */
export function describe(value: FrameValue | undefined): string {
  if (value === undefined) return "missing";
  switch (value.kind) {
    case "text":
      return quote(value);
    case "bytes":
      return `a byte string of ${value.length}`;
    case "list":
      return "a list";
    case "map":
      return "a map";
    case "scalar":
      return value.scalar === undefined ? "missing" : `${value.scalar}`;
    default:
      return value.kind satisfies never;
  }
}

/** The beginning of a text, as long as a quotation may be. */
export function beginningOf(text: FrameValue): string {
  return fromUtf8.decode(text.content().subarray(0, MAX_QUOTED_BYTES)).slice(0, MAX_QUOTED_CHARACTERS);
}

/** Quotes a text of at most `MAX_SAVE_KEY_BYTES`, cut to what a quotation may be. */
function quoteShort(text: string): string {
  return JSON.stringify(text.length <= MAX_QUOTED_CHARACTERS ? text : `${text.slice(0, MAX_QUOTED_CHARACTERS)}…`);
}

/** Quotes a text and cuts it to the limit of characters; an escaped character takes up to six. */
function quote(text: FrameValue): string {
  let shown = beginningOf(text);
  while (JSON.stringify(shown).length > MAX_QUOTED_CHARACTERS + QUOTES) shown = shown.slice(0, -1);
  const isWhole = utf8.encode(shown).length === text.length;
  return JSON.stringify(isWhole ? shown : `${shown}…`);
}
