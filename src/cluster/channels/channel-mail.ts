/**
 * What nodes say to each other about channels. A message is one byte for what it is, and its fields in the order of the table below: a number has six bytes, a
 * text two for its length, data is the rest. Fields that a later version adds stand behind these, and are not read.
 */
import { isChannelName, MAX_PUBLICATION_BYTES } from "../../protocol/channels/channel-name.ts";
import { isUtf8 } from "../../protocol/utf8.ts";

type FieldKind = "number" | "name" | "text" | "data";

const SHAPES = {
  // To the home of a channel. `request` comes back in the answer.
  /** This node follows the channel from now on, with so many lines, and has its publications up to this one; `epoch` is empty where it has none. */
  follow: {
    code: 1,
    fields: { request: "number", name: "name", epoch: "text", offset: "number", lines: "number" },
  },
  /** So many lines follow it here. */
  count: { code: 2, fields: { request: "number", name: "name", epoch: "text", lines: "number" } },
  /** This node follows it no more. */
  leave: { code: 3, fields: { name: "name", epoch: "text" } },
  publish: { code: 4, fields: { request: "number", name: "name", epoch: "text", data: "data" } },
  /** Asks for the publications after `offset` and before `before`. */
  recall: {
    code: 5,
    fields: { request: "number", name: "name", epoch: "text", offset: "number", before: "number" },
  },
  /** Asks how many lines follow it. */
  presence: { code: 6, fields: { request: "number", name: "name" } },

  // Answers of the home.
  /** The publications behind `offset` follow. Where `isWhole` is 1, those that the node had not come before this answer. */
  followed: { code: 16, fields: { request: "number", epoch: "text", offset: "number", isWhole: "number" } },
  /** The number that was asked for: lines that get a publication, or follow the channel. */
  done: { code: 17, fields: { request: "number", number: "number" } },
  /** The channel is not at home there, or in another epoch. */
  elsewhere: { code: 18, fields: { request: "number" } },
  /** One publication of those that were asked for, the oldest first, before the answer. */
  kept: { code: 19, fields: { request: "number", offset: "number", ageMs: "number", data: "data" } },

  // From the home, to the nodes that follow a channel.
  publication: { code: 32, fields: { name: "name", epoch: "text", offset: "number", data: "data" } },
  /** The room is over whose channel it was. */
  ended: { code: 33, fields: { name: "name", epoch: "text" } },
  /** That was the last publication there: the home goes, and another node may go on with what it has. */
  moved: { code: 34, fields: { name: "name", epoch: "text" } },

  // To all nodes.
  /** The room of this code is over. */
  room_ended: { code: 48, fields: { room: "text" } },
  /** Without a directory: what one node has published, its number among all that it publishes, and that of its last one on this channel; 0: not known. */
  passed_on: { code: 49, fields: { from: "text", number: "number", before: "number", name: "name", data: "data" } },
} as const satisfies Record<string, { readonly code: number; readonly fields: Readonly<Record<string, FieldKind>> }>;

type Shapes = typeof SHAPES;
type FieldOf<Kind> = Kind extends "number" ? number : Kind extends "data" ? Uint8Array : string;

/** One kind of message. */
export type ChannelMail<Is extends keyof Shapes> = { readonly is: Is } & {
  readonly [Field in keyof Shapes[Is]["fields"]]: FieldOf<Shapes[Is]["fields"][Field]>;
};
export type AnyChannelMail = { [Is in keyof Shapes]: ChannelMail<Is> }[keyof Shapes];
/** What is asked of a home. */
export type ChannelQuestion = { [Is in "follow" | "count" | "publish" | "recall" | "presence"]: ChannelMail<Is> }[
  | "follow"
  | "count"
  | "publish"
  | "recall"
  | "presence"];
/** What a home answers. */
export type ChannelAnswer = { [Is in "followed" | "done" | "elsewhere" | "kept"]: ChannelMail<Is> }[
  | "followed"
  | "done"
  | "elsewhere"
  | "kept"];

const NUMBER_BYTES = 6;
const MAX_NUMBER = 2 ** (8 * NUMBER_BYTES) - 1;
const LENGTH_BYTES = 2;
/** Bytes of a text that is no channel's name: an epoch, or the code or name of a room. */
const MAX_TEXT_BYTES = 1_024;

const strictUtf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
interface Shape {
  readonly is: string;
  readonly fields: readonly (readonly [string, FieldKind])[];
}

const SHAPES_BY_CODE: ReadonlyMap<number, Shape> = new Map(
  Object.entries(SHAPES).map(([is, { code, fields }]) => [code, { is, fields: Object.entries<FieldKind>(fields) }]),
);

/** The bytes of a message. Its numbers are whole, from 0 to 2^48 - 1. */
export function encodeChannelMail(mail: AnyChannelMail): Uint8Array {
  const values: Readonly<Record<string, unknown>> = { ...mail };
  const { code, fields } = SHAPES[mail.is];
  const parts: Uint8Array[] = [Uint8Array.of(code)];
  for (const field of Object.keys(fields)) parts.push(...fieldBytes(values[field]));
  return Buffer.concat(parts);
}

function fieldBytes(value: unknown): readonly Uint8Array[] {
  if (typeof value === "number") {
    const bytes = Buffer.alloc(NUMBER_BYTES);
    bytes.writeUIntBE(Math.min(value, MAX_NUMBER), 0, NUMBER_BYTES);
    return [bytes];
  }
  if (value instanceof Uint8Array) return [value];
  const text = Buffer.from(String(value));
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt16BE(text.length);
  return [length, text];
}

/** Reads a message; `undefined` where it is none, or of a later version. Data is a view. Never throws. */
export function decodeChannelMail(body: Uint8Array): AnyChannelMail | undefined {
  const shape = SHAPES_BY_CODE.get(body[0] ?? 0);
  if (shape === undefined) return undefined;
  const reader = new FieldReader(body);
  const mail: Record<string, unknown> = { is: shape.is };
  for (const [field, kind] of shape.fields) mail[field] = reader.next(kind);
  return isWhole(mail, shape) ? mail : undefined;
}

/** Whether each field could be read. */
function isWhole(mail: Readonly<Record<string, unknown>>, { fields }: Shape): mail is AnyChannelMail {
  return fields.every(([field]) => mail[field] !== undefined);
}

class FieldReader {
  readonly #bytes: Buffer;
  #at = 1;

  constructor(body: Uint8Array) {
    this.#bytes = Buffer.from(body.buffer, body.byteOffset, body.length);
  }

  /** `undefined` where the bytes are not such a field. */
  next(kind: FieldKind): number | string | Uint8Array | undefined {
    if (kind === "number") return this.#number(NUMBER_BYTES);
    if (kind === "data") return this.#data();
    const text = this.#text();
    return kind === "name" && text !== undefined && !isChannelName(text) ? undefined : text;
  }

  #number(bytes: number): number | undefined {
    if (this.#at + bytes > this.#bytes.length) return undefined;
    const number = this.#bytes.readUIntBE(this.#at, bytes);
    this.#at += bytes;
    return number;
  }

  #data(): Uint8Array | undefined {
    const data = this.#bytes.subarray(this.#at);
    this.#at = this.#bytes.length;
    return data.length > MAX_PUBLICATION_BYTES || !isUtf8(data, 0, data.length) ? undefined : data;
  }

  #text(): string | undefined {
    const length = this.#number(LENGTH_BYTES);
    if (length === undefined || length > MAX_TEXT_BYTES || this.#at + length > this.#bytes.length) return undefined;
    const bytes = this.#bytes.subarray(this.#at, this.#at + length);
    this.#at += length;
    try {
      return strictUtf8.decode(bytes);
    } catch {
      return undefined; // no UTF-8
    }
  }
}
