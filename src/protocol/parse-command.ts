/** From a decoded value to a command: every field checked, unknown fields ignored, each refusal a sentence. */
import type { HostCommand, HostCommandName, PlayerId, Recipients } from "./commands.ts";
import type { Refusal } from "./error-codes.ts";
import { failure, success, type Result } from "./result.ts";

/** Ids and counts are u32, as in WMBP (C6). */
export const MAX_UINT32 = 0xffff_ffff;
/** Bytes of UTF-8 in a game's name or a kick's reason. */
export const MAX_NAME_BYTES = 1_024;
/** Bytes of UTF-8 in a `join_url`. */
export const MAX_URL_BYTES = 2_048;

type Parse = (fields: Fields) => Result<HostCommand, Refusal>;

const PARSERS: Readonly<Record<HostCommandName, Parse>> = {
  prepare: (fields) => {
    const max_players = fields.uint32("max_players");
    const name = fields.optionalText("name", MAX_NAME_BYTES) ?? "";
    const join_url = fields.optionalUrl("join_url");
    return fields.command({ cmd: "prepare", max_players, name, ...(join_url !== undefined && { join_url }) });
  },
  start: (fields) => fields.command({ cmd: "start" }),
  open: (fields) => fields.command({ cmd: "open" }),
  kick: (fields) => {
    const player = fields.uint32("player");
    const reason = fields.optionalText("reason", MAX_NAME_BYTES);
    return fields.command({ cmd: "kick", player, ...(reason !== undefined && { reason }) });
  },
  to: (fields) => fields.command({ cmd: "to", to: fields.recipients("to"), data: fields.bytes("data") }),
  to_str: (fields) => fields.command({ cmd: "to_str", to: fields.recipients("to"), data: fields.utf8("data") }),
  stop: (fields) => fields.command({ cmd: "stop" }),
};

function isCommandName(text: string): text is HostCommandName {
  return Object.hasOwn(PARSERS, text);
}

export const HOST_COMMANDS: readonly HostCommandName[] = Object.keys(PARSERS).filter(isCommandName);

/** Reads a command out of a decoded map. The value may be anything at all; only its own properties are looked at. */
export function parseCommand(value: unknown): Result<HostCommand, Refusal> {
  if (typeof value !== "object" || value === null || Array.isArray(value) || ArrayBuffer.isView(value)) {
    return refuse({ code: "invalid_message", reason: `A command is one map; this is ${describe(value)}.` });
  }
  const cmd = ownProperty(value, "cmd");
  if (typeof cmd !== "string") {
    return refuse({
      code: "invalid_message",
      reason: `\`cmd\` has to be text that names a command; this is ${describe(cmd)}.`,
    });
  }
  if (!isCommandName(cmd)) {
    const reason = `There is no command ${describe(cmd)}; there are ${HOST_COMMANDS.join(", ")}.`;
    return refuse({ code: "unknown_command", reason, in: wellFormed(cmd.slice(0, MAX_QUOTED_CHARACTERS)) });
  }
  return PARSERS[cmd](new Fields(cmd, value));
}

/** Every refusal of a frame begins as WMBP's only one did, so that clients which look for those words find them. */
export function refuse(refusal: Refusal): { readonly ok: false; readonly failure: Refusal } {
  return failure({ ...refusal, reason: `Invalid message. ${refusal.reason}` });
}

const utf8 = new TextEncoder();
const fromUtf8 = new TextDecoder("utf-8", { ignoreBOM: true });

/** The fields of one command. The first problem is remembered and outlives the rest, so parsers read straight down. */
class Fields {
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

  uint32(name: string): number {
    const value = this.#get(name);
    return isUint32(value) ? value : this.#wrong(name, `a whole number from 0 to ${MAX_UINT32}`, value, 0);
  }

  optionalText(name: string, maxBytes: number): string | undefined {
    const value = this.#get(name);
    if (value === undefined || value === null) return undefined;
    if (typeof value !== "string") return this.#wrong(name, "text", value, undefined);
    const { length } = utf8.encode(value);
    if (length > maxBytes) {
      return this.#refuse("too_large", `\`${name}\` has ${length} bytes; at most ${maxBytes} are allowed.`, undefined);
    }
    return wellFormed(value);
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

const NO_BYTES = new Uint8Array(0);
const BYTES_ALLOWED = "a byte string or a list of integers from 0 to 255";
/** The least that makes an address a web address; whether it leads anywhere is asked of the person who follows it. */
const HTTP_ADDRESS = /^https?:\/\/[^\s/?#]+[^\s]*$/i;
const MAX_QUOTED_CHARACTERS = 32;

function ownProperty(record: object, name: string): unknown {
  return Object.hasOwn(record, name) ? Reflect.get(record, name) : undefined;
}

function isUint32(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= MAX_UINT32;
}

/** JSON can escape half a surrogate pair, cutting can leave one; in CBOR it would be text that strict readers refuse. */
function wellFormed(text: string): string {
  return fromUtf8.decode(utf8.encode(text));
}

/** What a value is, in words that are short whatever the value. */
function describe(value: unknown): string {
  if (value === undefined) return "missing";
  if (value === null) return "null";
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (ArrayBuffer.isView(value)) return `a byte string of ${value.byteLength}`;
  if (typeof value === "string") {
    return JSON.stringify(value.length > MAX_QUOTED_CHARACTERS ? `${value.slice(0, MAX_QUOTED_CHARACTERS)}…` : value);
  }
  if (typeof value === "number" || typeof value === "boolean" || typeof value === "bigint") return `${value}`;
  return "a map";
}
