/**
 * The bytes of one bus message between nodes. It begins with a version, what it is, the sender and the two streams that it belongs to; that much, and the
 * whole of `hello` and `over`, stays as it is in all versions, so that nodes of any two versions can say which of them they share.
 */
import type { NodeId } from "../ports.ts";

/** The versions that this node speaks. In a rolling upgrade it talks to nodes of the version before. */
export const MAIL_VERSIONS = { min: 1, max: 1 } as const;
/** The version in which `hello` and `over` are written for ever. */
const GREETING_VERSION = 1;

const NODE_ID = /^[A-Za-z0-9_.-]{1,64}$/;

export const MAIL_TYPES = { hello: 1, mail: 2, pulse: 3, over: 4, broadcast: 5 } as const;
type MailType = keyof typeof MAIL_TYPES;
const TYPE_NAMES = new Map<number, MailType>([
  [1, "hello"],
  [2, "mail"],
  [3, "pulse"],
  [4, "over"],
  [5, "broadcast"],
]);

/** Why a conversation is over. What another version may say besides means `lost`. */
export type OverReason = "lost" | "version";
const VERSION_REASON = 2;

/** What comes before everything else in a bus message. */
export interface MailHead {
  readonly version: number;
  readonly type: number;
  readonly from: NodeId;
  /** The sender's stream, and the receiver's as the sender knows it; 0 where it knows none. */
  readonly mine: number;
  readonly theirs: number;
}

/** A bus message that was read. */
export type BusMessage =
  | (MailHead & { readonly kind: "hello"; readonly versions: { readonly min: number; readonly max: number } })
  | (MailHead & { readonly kind: "over"; readonly reason: OverReason })
  /** `at`: where the items begin. */
  | (MailHead & { readonly kind: "mail"; readonly number: number; readonly at: number })
  /** `number`: of the last mail. `isWaiting`: the sender waits to hear that this node is there. */
  | (MailHead & { readonly kind: "pulse"; readonly number: number; readonly isWaiting: boolean })
  | (MailHead & { readonly kind: "broadcast"; readonly at: number })
  /** Written in a version that this node does not speak. */
  | (MailHead & { readonly kind: "foreign" });

const PREFIX_BYTES = 3;
const STREAM_BYTES = 4;
const NUMBER_BYTES = 6;
/** Of an item: its kind, and its length in three bytes. */
export const ITEM_BYTES = 4;
const MORE = 0x80;
/** The kinds are 0 to 127. */
export const MAX_KIND = 0x7f;
const WAITING = 1;

/** Bytes that a message of this sender has before its own content. */
function headBytes(from: NodeId): number {
  return PREFIX_BYTES + from.length + 2 * STREAM_BYTES;
}

/** Bytes of a mail before its first item. */
export function mailHeadBytes(from: NodeId): number {
  return headBytes(from) + NUMBER_BYTES;
}

/** Writes what comes before the items of a mail. */
export function writeMailHead(into: Buffer, head: MailHead, number: number): void {
  into.writeUIntBE(number, writeHead(into, head), NUMBER_BYTES);
}

/** Writes an item's head; its bytes follow. Returns where. */
export function writeItemHead(into: Buffer, at: number, kind: number, isMore: boolean, bytes: number): number {
  into[at] = isMore ? kind | MORE : kind;
  return into.writeUIntBE(bytes, at + 1, ITEM_BYTES - 1);
}

export function encodeHello(from: NodeId, mine: number, theirs: number): Buffer {
  const message = Buffer.alloc(headBytes(from) + 2);
  const at = writeHead(message, { version: GREETING_VERSION, type: MAIL_TYPES.hello, from, mine, theirs });
  message[at] = MAIL_VERSIONS.min;
  message[at + 1] = MAIL_VERSIONS.max;
  return message;
}

export function encodeOver(from: NodeId, mine: number, theirs: number, reason: OverReason): Buffer {
  const message = Buffer.alloc(headBytes(from) + 1);
  const at = writeHead(message, { version: GREETING_VERSION, type: MAIL_TYPES.over, from, mine, theirs });
  message[at] = reason === "version" ? VERSION_REASON : 1;
  return message;
}

export function encodePulse(head: Omit<MailHead, "type">, number: number, isWaiting: boolean): Buffer {
  const message = Buffer.alloc(headBytes(head.from) + NUMBER_BYTES + 1);
  const at = message.writeUIntBE(number, writeHead(message, { ...head, type: MAIL_TYPES.pulse }), NUMBER_BYTES);
  message[at] = isWaiting ? WAITING : 0;
  return message;
}

export function encodeBroadcast(from: NodeId, kind: number, body: Uint8Array): Buffer {
  const bytes = headBytes(from);
  const message = Buffer.allocUnsafe(bytes + 1 + body.length);
  const head = { version: MAIL_VERSIONS.min, type: MAIL_TYPES.broadcast, from, mine: 0, theirs: 0 };
  message[writeHead(message, head)] = kind;
  message.set(body, bytes + 1);
  return message;
}

/** Reads a bus message up to its items. `undefined`: it is none of ours. Never throws, and allocates nothing that depends on what it says. */
export function readBusMessage(data: Uint8Array): BusMessage | undefined {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.length);
  const [version = 0, type = 0, idBytes = 0] = bytes;
  let at = PREFIX_BYTES + idBytes;
  if (version === 0 || bytes.length < at + 2 * STREAM_BYTES) return undefined;
  const from = bytes.toString("latin1", PREFIX_BYTES, at);
  if (!NODE_ID.test(from)) return undefined;
  const head = { version, type, from, mine: bytes.readUInt32BE(at), theirs: bytes.readUInt32BE(at + STREAM_BYTES) };
  at += 2 * STREAM_BYTES;
  const name = TYPE_NAMES.get(type);
  const [first, second] = bytes.subarray(at, at + 2);
  if (name === "hello") {
    if (first === undefined || second === undefined || first > second) return undefined;
    return { ...head, kind: "hello", versions: { min: first, max: second } };
  }
  if (name === "over") return { ...head, kind: "over", reason: first === VERSION_REASON ? "version" : "lost" };
  if (version < MAIL_VERSIONS.min || version > MAIL_VERSIONS.max) return { ...head, kind: "foreign" };
  return name === undefined ? undefined : readContent(bytes, at, head, name);
}

function readContent(
  bytes: Buffer,
  at: number,
  head: MailHead,
  kind: "mail" | "pulse" | "broadcast",
): BusMessage | undefined {
  if (kind === "broadcast") return at < bytes.length ? { ...head, kind, at } : undefined;
  if (bytes.length < at + NUMBER_BYTES) return undefined;
  const number = bytes.readUIntBE(at, NUMBER_BYTES);
  const after = at + NUMBER_BYTES;
  if (kind === "mail") return { ...head, kind, number, at: after };
  const flags = bytes[after];
  return flags === undefined ? undefined : { ...head, kind, number, isWaiting: (flags & WAITING) !== 0 };
}

/** Calls `take` with each item of a mail, which may be a view. `false`: what follows is no item. */
export function readItems(
  data: Uint8Array,
  from: number,
  take: (kind: number, isMore: boolean, data: Uint8Array) => void,
): boolean {
  let at = from;
  while (at < data.length) {
    const kind = data[at] ?? 0;
    const bytes = ((data[at + 1] ?? 0) << 16) | ((data[at + 2] ?? 0) << 8) | (data[at + 3] ?? 0);
    const end = at + ITEM_BYTES + bytes;
    if (end > data.length) return false;
    take(kind & MAX_KIND, (kind & MORE) !== 0, data.subarray(at + ITEM_BYTES, end));
    at = end;
  }
  return true;
}

function writeHead(into: Buffer, { version, type, from, mine, theirs }: MailHead): number {
  into[0] = version;
  into[1] = type;
  into[2] = from.length;
  const at = PREFIX_BYTES + into.write(from, PREFIX_BYTES, "latin1");
  return into.writeUInt32BE(theirs, into.writeUInt32BE(mine, at));
}
