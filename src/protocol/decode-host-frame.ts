/** A host's frame to a command: checked first, decoded then, never an exception. */
import { Decoder } from "cbor-x";
import { checkCborMap } from "./cbor-check.ts";
import type { HostCommand } from "./commands.ts";
import type { Refusal } from "./error-codes.ts";
import { jsonLimitProblem } from "./json-check.ts";
import { refuse } from "./command-fields.ts";
import { parseCommand } from "./parse-command.ts";
import { readCbor } from "./read-cbor.ts";
import { readTo } from "./read-to.ts";
import { success, type Result } from "./result.ts";

const cbor = new Decoder({ useRecords: false, mapsAsObjects: true });
const utf8 = new TextDecoder("utf-8", { fatal: true });

/** A binary frame holds CBOR, a text frame JSON (P2, WMBP C3). The frame's size was limited by the transport. */
export function decodeHostFrame(frame: Uint8Array, isText: boolean): Result<HostCommand, Refusal> {
  if (isText) return decodeJson(frame);
  const to = readTo(frame);
  return to === undefined ? decodeCbor(frame) : success(to);
}

/** The general way, for every command and every encoding. */
export function decodeCbor(frame: Uint8Array): Result<HostCommand, Refusal> {
  const checked = checkCborMap(frame);
  if (!checked.ok) return invalid(checked.failure);
  const { end, entries, isPlain } = checked.value;
  const item = end === frame.length ? frame : frame.subarray(0, end);
  let value: unknown;
  try {
    value = isPlain ? cbor.decode(item) : readCbor(item);
  } catch {
    return invalid("The frame is not CBOR"); // what the check let through and the decoder did not
  }
  if (typeof value === "object" && value !== null && Object.keys(value).length !== entries) {
    return invalid("A field stands twice in the map");
  }
  return parseCommand(value);
}

function decodeJson(frame: Uint8Array): Result<HostCommand, Refusal> {
  let value: unknown;
  try {
    const text = utf8.decode(frame);
    const problem = jsonLimitProblem(text);
    if (problem !== undefined) return invalid(problem);
    value = JSON.parse(text);
  } catch {
    return invalid("The text frame is not one JSON value"); // UTF-8 or JSON: either way the frame cannot be read
  }
  return parseCommand(value);
}

function invalid(reason: string): { readonly ok: false; readonly failure: Refusal } {
  return refuse({ code: "invalid_message", reason: `${reason}.` });
}
