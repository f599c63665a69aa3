/** What the two ends of a link say to each other. A frame names the links that it is for at its end, so that one frame for many of them travels once. */
import { CLOSE_CODES, fitCloseReason, type CloseName } from "../../protocol/close-codes.ts";
import type { DepartureReason } from "../../room/ports.ts";

/** From the edge, where the socket is, to the home of its room. */
export const TO_HOME = {
  open: 1,
  text: 2,
  binary: 3,
  part: 4,
  confirmed: 5,
  taken: 6,
  gone: 7,
  ban: 8,
  expel: 9,
  there: 10,
  rtt: 11,
  join: 12,
} as const;

/** From the home to the edge. */
export const TO_EDGE = {
  letIn: 1,
  text: 2,
  binary: 3,
  corkedText: 4,
  corkedBinary: 5,
  confirm: 6,
  probe: 7,
  taken: 8,
  pause: 9,
  resume: 10,
  close: 11,
  terminate: 12,
  ask: 13,
  admitted: 14,
} as const;

/** Bytes that may be on their way over one link in one direction, and not taken at its other end. A frame that begins below that may end above. */
export const WINDOW_BYTES = 262_144;
/** What a frame counts for besides its bytes. */
const FRAME_BYTES = 16;
/** An end tells the other that it has taken so much more. */
export const REPORT_BYTES = WINDOW_BYTES / 4;

/** The largest id of a link; a life of a node does not make so many. */
export const MAX_LINK_ID = 0xff_ff_ff_ff;
const OP_BYTES = 1;
const ID_BYTES = 4;
const LENGTH_BYTES = 4;
const COUNT_BYTES = 6;
const MAX_COUNT = 2 ** 48 - 1;
const FRAME_HEAD_BYTES = OP_BYTES + LENGTH_BYTES;

export function costOfFrame(bytes: number): number {
  return bytes + FRAME_BYTES;
}

/** What comes before the bytes of a frame. */
export function frameHead(op: number, bytes: number): Buffer {
  const head = Buffer.allocUnsafe(FRAME_HEAD_BYTES);
  head[0] = op;
  head.writeUInt32BE(bytes, OP_BYTES);
  return head;
}

export function encodeLinkId(id: number): Buffer {
  const bytes = Buffer.allocUnsafe(ID_BYTES);
  bytes.writeUInt32BE(id);
  return bytes;
}

/** What comes before the content of everything but a frame. */
export function controlHead(op: number, id: number): Buffer {
  const head = Buffer.allocUnsafe(OP_BYTES + ID_BYTES);
  head[0] = op;
  head.writeUInt32BE(id, OP_BYTES);
  return head;
}

/** Calls `take` for each link that a frame is for. Does nothing where that is no frame. */
export function readFrame(body: Uint8Array, take: (id: number, data: Uint8Array) => void): void {
  if (body.length < FRAME_HEAD_BYTES) return;
  const bytes = asBuffer(body);
  const end = FRAME_HEAD_BYTES + bytes.readUInt32BE(OP_BYTES);
  if (end > bytes.length) return;
  const data = body.subarray(FRAME_HEAD_BYTES, end);
  for (let at = end; at + ID_BYTES <= bytes.length; at += ID_BYTES) take(bytes.readUInt32BE(at), data);
}

/** The link that something else than a frame is for; its content is behind that. */
export function readControl(body: Uint8Array): { readonly id: number; readonly content: Uint8Array } | undefined {
  if (body.length < OP_BYTES + ID_BYTES) return undefined;
  return { id: asBuffer(body).readUInt32BE(OP_BYTES), content: body.subarray(OP_BYTES + ID_BYTES) };
}

export function encodeCount(count: number, flag = false): Buffer {
  const content = Buffer.allocUnsafe(COUNT_BYTES + 1);
  content.writeUIntBE(Math.min(Math.max(count, 0), MAX_COUNT), 0, COUNT_BYTES);
  content[COUNT_BYTES] = Number(flag);
  return content;
}

export function readCount(content: Uint8Array): { readonly count: number; readonly flag: boolean } | undefined {
  if (content.length < COUNT_BYTES + 1) return undefined;
  return { count: asBuffer(content).readUIntBE(0, COUNT_BYTES), flag: content[COUNT_BYTES] === 1 };
}

export function encodeText(text: string): Buffer {
  return Buffer.from(text);
}

export function readText(content: Uint8Array): string {
  return asBuffer(content).toString();
}

/** How a connection is closed. `hasFarewell`: the peer is told in a frame too (P6.5). */
export interface LinkClose {
  readonly name: CloseName;
  readonly reason: string;
  readonly hasFarewell: boolean;
}

export function encodeClose({ name, reason, hasFarewell }: LinkClose): Buffer {
  return Buffer.concat([Uint8Array.of(Number(hasFarewell), name.length), Buffer.from(name), Buffer.from(reason)]);
}

/** A name of a later version counts as a restart: the peer comes back, and is told again. */
export function readClose(content: Uint8Array): LinkClose {
  const [flag = 0, nameBytes = 0] = content;
  const name = readText(content.subarray(2, 2 + nameBytes));
  const reason = fitCloseReason(readText(content.subarray(2 + nameBytes)));
  return { name: isCloseName(name) ? name : "restarting", reason, hasFarewell: flag === 1 };
}

/** Why the peer has gone. A reason of a later version counts as a cut. */
export function readDeparture(content: Uint8Array): DepartureReason {
  const why = readText(content.subarray(0, 64));
  return why === "left" || isCloseName(why) ? why : "cut";
}

function isCloseName(name: string): name is CloseName {
  return Object.hasOwn(CLOSE_CODES, name);
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}
