/** The fields of one command, read one by one: each wrong one is a sentence that says what it was and what is allowed. */
import type { HostCommand, HostCommandName, PlayerId, Recipients } from "./commands.ts";
import type { Refusal } from "./error-codes.ts";
import { failure, success, type Result } from "./result.ts";

/** Ids and counts are u32, as in WMBP (C6). */
export const MAX_UINT32 = 0xffff_ffff;
/** Entries of a `to` or an `except`: a frame that named one player a million times would keep everybody waiting. */
export const MAX_RECIPIENTS = 4_096;
/** Bytes of UTF-8 in a game's name or a kick's reason. */
export const MAX_NAME_BYTES = 1_024;
/** Bytes of UTF-8 in a `join_url`. */
export const MAX_URL_BYTES = 2_048;
/** Bytes of UTF-8 in a `pin`. */
export const MAX_PIN_BYTES = 32;
/** Bytes of a room's `meta` as JSON. */
export const MAX_META_BYTES = 4_096;
/** Bytes of UTF-8 in the name of a retained frame. */
export const MAX_RETAIN_NAME_BYTES = 64;
/** Bytes of a checkpoint. */
export const MAX_SAVE_BYTES = 65_536;
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
  readonly #record: object;
  #problem: Refusal | undefined;

  constructor(cmd: HostCommandName, record: object) {
    this.#cmd = cmd;
    this.#record = record;
  }

  command(command: HostCommand): Result<HostCommand, Refusal> {
    return this.#problem === undefined ? success(command) : refuse(this.#problem);
  }

  hasAny(...names: readonly string[]): boolean {
    return names.some((name) => Object.hasOwn(this.#record, name));
  }

  uint32(name: string, maximum = MAX_UINT32): number {
    const value = this.#get(name);
    if (isUint32(value) && value <= maximum) return value;
    return this.#wrong(name, `a whole number from 0 to ${maximum}`, value, 0);
  }

  optionalCount(name: string): number | undefined {
    const value = this.#get(name);
    if (value === undefined || value === null) return undefined;
    if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return value;
    return this.#wrong(name, "a whole number, 0 or more", value, undefined);
  }

  optionalFlag(name: string): boolean {
    const value = this.#get(name);
    if (value === undefined || value === null) return false;
    return typeof value === "boolean" ? value : this.#wrong(name, "true or false", value, false);
  }

  optionalIds(name: string): readonly PlayerId[] | undefined {
    const value = this.#get(name);
    if (value === undefined || value === null) return undefined;
    const ids = this.recipients(name);
    return ids === "everybody" ? [] : ids;
  }

  /** Any value, as the JSON that tells it. */
  optionalJson(name: string, maxBytes: number): string | undefined {
    const value = this.#get(name);
    if (value === undefined || value === null) return undefined;
    const json = JSON.stringify(value);
    return this.#limited(name, json, maxBytes);
  }

  /** Text that says something, where it is there at all. */
  optionalLabel(name: string, maxBytes: number): string | undefined {
    const text = this.optionalText(name, maxBytes);
    return text === "" ? this.#wrong(name, "text that is not empty", text, undefined) : text;
  }

  textOrBytes(name: string, maxBytes: number): string | Uint8Array {
    const value = this.#get(name);
    const data = typeof value === "string" ? value : new Uint8Array(this.bytes(name)); // a copy: the frame is let go of
    const { length } = typeof data === "string" ? utf8.encode(data) : data;
    if (length <= maxBytes) return data;
    return this.#refuse("too_large", tooLarge(name, length, maxBytes), "");
  }

  optionalText(name: string, maxBytes: number): string | undefined {
    const value = this.#get(name);
    if (value === undefined || value === null) return undefined;
    if (typeof value !== "string") return this.#wrong(name, "text", value, undefined);
    return this.#limited(name, value, maxBytes);
  }

  optionalUrl(name: string): string | undefined {
    const text = this.optionalText(name, MAX_URL_BYTES);
    if (text === undefined || HTTP_ADDRESS.test(text)) return text;
    return this.#wrong(name, "an address that begins with http:// or https://", text, undefined);
  }

  recipients(name: string): Recipients {
    const value = this.#get(name);
    if (!Array.isArray(value)) return this.#wrong(name, "a list of players' ids", value, "everybody");
    if (value.length === 0) return "everybody";
    if (value.length > MAX_RECIPIENTS) {
      const reason = `\`${name}\` has ${value.length} entries; at most ${MAX_RECIPIENTS} are allowed.`;
      return this.#refuse("too_large", reason, "everybody");
    }
    const ids: PlayerId[] = [];
    for (const id of value as readonly unknown[]) {
      if (id === undefined || id === null) continue; // just-party leaves such holes (WMBP K4)
      if (!isUint32(id)) return this.#wrong(name, "a list of players' ids", id, "everybody");
      ids.push(id);
    }
    return ids;
  }

  /** A byte string, tagged or not, or a list of integers. */
  bytes(name: string): Uint8Array {
    const value = this.#get(name);
    if (value instanceof Uint8Array) return value;
    if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
    if (!Array.isArray(value)) return this.#wrong(name, BYTES_ALLOWED, value, NO_BYTES);
    const list = value as readonly unknown[];
    const bytes = new Uint8Array(list.length);
    for (let index = 0; index < list.length; index++) {
      const byte = list[index];
      if (!isUint32(byte) || byte > 255) return this.#wrong(`${name}[${index}]`, "a byte, 0 to 255", byte, NO_BYTES);
      bytes[index] = byte;
    }
    return bytes;
  }

  utf8(name: string): Uint8Array {
    const value = this.#get(name);
    return typeof value === "string" ? utf8.encode(value) : this.#wrong(name, "text", value, NO_BYTES);
  }

  #limited(name: string, text: string, maxBytes: number): string | undefined {
    const { length } = utf8.encode(text);
    return length <= maxBytes
      ? wellFormed(text)
      : this.#refuse("too_large", tooLarge(name, length, maxBytes), undefined);
  }

  #get(name: string): unknown {
    return ownProperty(this.#record, name);
  }

  #wrong<Value>(name: string, allowed: string, value: unknown, standIn: Value): Value {
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

const NO_BYTES = new Uint8Array(0);
const BYTES_ALLOWED = "a byte string or a list of integers from 0 to 255";
/** The least that makes an address a web address; whether it leads anywhere is asked of the person who follows it. */
const HTTP_ADDRESS = /^https?:\/\/[^\s/?#]+[^\s]*$/i;
export const MAX_QUOTED_CHARACTERS = 32;
const QUOTES = 2;

export function ownProperty(record: object, name: string): unknown {
  return Object.hasOwn(record, name) ? Reflect.get(record, name) : undefined;
}

function isUint32(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= MAX_UINT32;
}

/** JSON can escape half a surrogate pair, cutting can leave one; in CBOR it would be text that strict readers refuse. */
export function wellFormed(text: string): string {
  return fromUtf8.decode(utf8.encode(text));
}

/** What a value is, in words that are short whatever the value. */
export function describe(value: unknown): string {
  if (value === undefined) return "missing";
  if (value === null) return "null";
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (ArrayBuffer.isView(value)) return `a byte string of ${value.byteLength}`;
  if (typeof value === "string") return quote(value);
  if (typeof value === "number" || typeof value === "boolean" || typeof value === "bigint") return `${value}`;
  return "a map";
}

/** Text in quotes, cut to so much of it as can be written in that many characters: what has to be escaped takes up to six. */
function quote(text: string): string {
  let shown = text.slice(0, MAX_QUOTED_CHARACTERS);
  while (JSON.stringify(shown).length > MAX_QUOTED_CHARACTERS + QUOTES) shown = shown.slice(0, -1);
  return JSON.stringify(shown === text ? text : `${shown}…`);
}
