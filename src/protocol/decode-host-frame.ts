/** From a host's frame to a command: checks the frame first, decodes only the fields that the command needs, and never throws. */
import { CborFrameValue, checkCborMap } from "./cbor-fields.ts";
import { describe, refuse } from "./command-fields.ts";
import type { HostCommand } from "./commands.ts";
import type { Refusal } from "./error-codes.ts";
import type { FieldName, FrameFields, FrameValue, Span } from "./frame-value.ts";
import { checkJson, JsonFrameValue } from "./json-fields.ts";
import { parseCommand } from "./parse-command.ts";
import { readTo } from "./read-to.ts";
import { success, type Result } from "./result.ts";

/** A binary frame holds CBOR, a text frame JSON (P2, WMBP C3). The frame's size was limited by the transport. */
export function decodeHostFrame(frame: Uint8Array, isText: boolean): Result<HostCommand, Refusal> {
  if (isText) return decodeJsonCommand(frame);
  const to = readTo(frame);
  return to === undefined ? decodeCborCommand(frame) : success(to);
}

/** Reads every command in every encoding of CBOR; `readTo` reads the frequent ones faster. */
export function decodeCborCommand(frame: Uint8Array): Result<HostCommand, Refusal> {
  const checked = checkCborMap(frame);
  if (!checked.ok) return invalid(checked.failure);
  return parseCommand(valuesOf(checked.value.fields, (span) => new CborFrameValue(frame, span)));
}

function decodeJsonCommand(frame: Uint8Array): Result<HostCommand, Refusal> {
  const checked = checkJson(frame);
  if (!checked.ok) return invalid(checked.failure);
  const whole = new JsonFrameValue(frame, checked.value);
  if (whole.kind !== "map") return invalid(`A command is one map; this is ${describe(whole)}`);
  return parseCommand(valuesOf(checked.value.fields, (span) => new JsonFrameValue(frame, span)));
}

function valuesOf(spans: ReadonlyMap<FieldName, Span>, valueAt: (span: Span) => FrameValue): FrameFields {
  const fields = new Map<FieldName, FrameValue>();
  for (const [name, span] of spans) fields.set(name, valueAt(span));
  return fields;
}

function invalid(reason: string): { readonly ok: false; readonly failure: Refusal } {
  return refuse({ code: "invalid_message", reason: `${reason}.` });
}
