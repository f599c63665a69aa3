/** A host's frame to a command: checked first, decoded then and no more of it than the command needs, never an exception. */
import { CborValue } from "./cbor-value.ts";
import { checkCborMap, type Span } from "./cbor-check.ts";
import { describe, refuse } from "./command-fields.ts";
import type { HostCommand } from "./commands.ts";
import type { Refusal } from "./error-codes.ts";
import type { FieldName, FrameFields, FrameValue } from "./frame-value.ts";
import { checkJson } from "./json-check.ts";
import { JsonValue } from "./json-value.ts";
import { parseCommand } from "./parse-command.ts";
import { readTo } from "./read-to.ts";
import { success, type Result } from "./result.ts";

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
  return parseCommand(valuesOf(checked.value.fields, (span) => new CborValue(frame, span)));
}

function decodeJson(frame: Uint8Array): Result<HostCommand, Refusal> {
  const checked = checkJson(frame);
  if (!checked.ok) return invalid(checked.failure);
  const whole = new JsonValue(frame, checked.value);
  if (whole.kind !== "map") return invalid(`A command is one map; this is ${describe(whole)}`);
  return parseCommand(valuesOf(checked.value.fields, (span) => new JsonValue(frame, span)));
}

function valuesOf(spans: ReadonlyMap<FieldName, Span>, valueAt: (span: Span) => FrameValue): FrameFields {
  const fields = new Map<FieldName, FrameValue>();
  for (const [name, span] of spans) fields.set(name, valueAt(span));
  return fields;
}

function invalid(reason: string): { readonly ok: false; readonly failure: Refusal } {
  return refuse({ code: "invalid_message", reason: `${reason}.` });
}
