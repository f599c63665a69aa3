/**
 * ghost-sync's wire as data (P7): what its clients and its server say to each other, and the bytes of it. A frame is the length of its payload in four bytes,
 * big-endian, and the payload: the number of a variant in four bytes, little-endian, then the fields. Text and bytes have their length in eight bytes,
 * little-endian, in front; a UUID is its 16 bytes.
 */
import { failure, success, type Result } from "../result.ts";
import { isUtf8 } from "../utf8.ts";
import { uuidBytes, uuidText, UUID_BYTES } from "./uuid-bytes.ts";

/** What a client says. */
export type ClientMessage =
  | { readonly say: "join_room"; readonly room: string }
  | { readonly say: "leave_room" }
  | { readonly say: "ping" }
  | { readonly say: "pong" }
  | { readonly say: "broadcast"; readonly data: Uint8Array };

/** What the server says. Clients have UUIDs, here as text in lower case. */
export type ServerMessage =
  | { readonly say: "joined"; readonly client: string; readonly room: string }
  | { readonly say: "player_joined"; readonly client: string }
  | { readonly say: "player_left"; readonly client: string }
  | { readonly say: "ping" }
  | { readonly say: "pong" }
  | { readonly say: "error"; readonly text: string }
  | { readonly say: "broadcast"; readonly sender: string; readonly data: Uint8Array };

/** Bytes in front of each payload that say how long it is. */
export const PREFIX_BYTES = 4;
const VARIANT_BYTES = 4;
const LENGTH_BYTES = 8;

const CLIENT_VARIANTS = ["join_room", "leave_room", "ping", "pong", "broadcast"] as const;
const SERVER_VARIANTS = ["joined", "player_joined", "player_left", "ping", "pong", "error", "broadcast"] as const;

const NOTHING = new Uint8Array(0);
const utf8 = new TextEncoder();
/** A byte order mark is a character like any other. */
const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The whole frame of what a client says. */
export function encodeClientMessage(message: ClientMessage): Uint8Array {
  const variant = CLIENT_VARIANTS.indexOf(message.say);
  switch (message.say) {
    case "join_room":
      return frameOf(variant, NOTHING, utf8.encode(message.room));
    case "broadcast":
      return frameOf(variant, NOTHING, message.data);
    case "leave_room":
    case "ping":
    case "pong":
      return frameOf(variant);
    default:
      return message satisfies never;
  }
}

/** The whole frame of what the server says. */
export function encodeServerMessage(message: ServerMessage): Uint8Array {
  const variant = SERVER_VARIANTS.indexOf(message.say);
  switch (message.say) {
    case "joined":
      return frameOf(variant, uuidBytes(message.client), utf8.encode(message.room));
    case "player_joined":
    case "player_left":
      return frameOf(variant, uuidBytes(message.client));
    case "error":
      return frameOf(variant, NOTHING, utf8.encode(message.text));
    case "broadcast":
      return frameOf(variant, uuidBytes(message.sender), message.data);
    case "ping":
    case "pong":
      return frameOf(variant);
    default:
      return message satisfies never;
  }
}

/** Reads the payload of a client's frame; the failure is a sentence. `data` is a view of it. */
export function decodeClientMessage(payload: Uint8Array): Result<ClientMessage, string> {
  const fields = new Fields(payload);
  const variant = fields.variant();
  if (variant === undefined) return failure(fields.problem);
  const say = CLIENT_VARIANTS[variant];
  switch (say) {
    case "join_room": {
      const room = fields.text();
      return room === undefined ? failure(fields.problem) : success({ say, room });
    }
    case "broadcast": {
      const data = fields.bytes();
      return data === undefined ? failure(fields.problem) : success({ say, data });
    }
    case "leave_room":
    case "ping":
    case "pong":
      return success({ say });
    case undefined:
      return failure(unknownVariant(variant, CLIENT_VARIANTS));
    default:
      return say satisfies never;
  }
}

/** Reads the payload of a server's frame; the failure is a sentence. `data` is a view of it. */
export function decodeServerMessage(payload: Uint8Array): Result<ServerMessage, string> {
  const fields = new Fields(payload);
  const variant = fields.variant();
  if (variant === undefined) return failure(fields.problem);
  const say = SERVER_VARIANTS[variant];
  switch (say) {
    case "joined": {
      const client = fields.uuid();
      const room = fields.text();
      return client === undefined || room === undefined ? failure(fields.problem) : success({ say, client, room });
    }
    case "player_joined":
    case "player_left": {
      const client = fields.uuid();
      return client === undefined ? failure(fields.problem) : success({ say, client });
    }
    case "error": {
      const words = fields.text();
      return words === undefined ? failure(fields.problem) : success({ say, text: words });
    }
    case "broadcast": {
      const sender = fields.uuid();
      const data = fields.bytes();
      return sender === undefined || data === undefined ? failure(fields.problem) : success({ say, sender, data });
    }
    case "ping":
    case "pong":
      return success({ say });
    case undefined:
      return failure(unknownVariant(variant, SERVER_VARIANTS));
    default:
      return say satisfies never;
  }
}

/** A frame of a variant without fields, or with a UUID (or nothing) and then `content` with its length. */
function frameOf(variant: number, id: Uint8Array = NOTHING, content?: Uint8Array): Uint8Array {
  const contentBytes = content === undefined ? 0 : LENGTH_BYTES + content.length;
  const frame = new Uint8Array(PREFIX_BYTES + VARIANT_BYTES + id.length + contentBytes);
  const view = new DataView(frame.buffer);
  view.setUint32(0, frame.length - PREFIX_BYTES);
  view.setUint32(PREFIX_BYTES, variant, true);
  frame.set(id, PREFIX_BYTES + VARIANT_BYTES);
  if (content === undefined) return frame;
  const at = PREFIX_BYTES + VARIANT_BYTES + id.length;
  view.setUint32(at, content.length, true); // the upper half is 0: no array is that long
  frame.set(content, at + LENGTH_BYTES);
  return frame;
}

function unknownVariant(variant: number, known: readonly string[]): string {
  return `unknown variant ${variant} (known are 0 to ${known.length - 1})`;
}

/** The fields of one payload, read from the first to the last. What stands behind the last one is ignored (P7.1). */
class Fields {
  readonly #payload: Uint8Array;
  readonly #view: DataView;
  #at = 0;
  /** Why a field could not be read. */
  problem = "";

  constructor(payload: Uint8Array) {
    this.#payload = payload;
    this.#view = new DataView(payload.buffer, payload.byteOffset, payload.length);
  }

  variant(): number | undefined {
    if (this.#payload.length === 0) return this.#fail("the frame is empty");
    return this.#has(VARIANT_BYTES) ? this.#view.getUint32(this.#take(VARIANT_BYTES), true) : undefined;
  }

  uuid(): string | undefined {
    const bytes = this.#has(UUID_BYTES) ? this.#view16() : undefined;
    return bytes === undefined ? undefined : uuidText(bytes);
  }

  bytes(): Uint8Array | undefined {
    if (!this.#has(LENGTH_BYTES)) return undefined;
    const at = this.#take(LENGTH_BYTES);
    const length = this.#view.getUint32(at, true) + this.#view.getUint32(at + LENGTH_BYTES / 2, true) * 2 ** 32;
    if (length > this.#payload.length - this.#at) {
      return this.#fail(`a length of ${length} bytes reaches beyond the frame`);
    }
    const from = this.#take(length);
    return this.#payload.subarray(from, from + length);
  }

  text(): string | undefined {
    const bytes = this.bytes();
    if (bytes === undefined) return undefined;
    return isUtf8(bytes, 0, bytes.length) ? text.decode(bytes) : this.#fail("the text is not UTF-8");
  }

  #view16(): Uint8Array {
    const from = this.#take(UUID_BYTES);
    return this.#payload.subarray(from, from + UUID_BYTES);
  }

  #has(count: number): boolean {
    if (this.#payload.length - this.#at >= count) return true;
    this.#fail("the frame ends in the middle of a field");
    return false;
  }

  #take(count: number): number {
    const at = this.#at;
    this.#at += count;
    return at;
  }

  /** The first problem counts. */
  #fail(problem: string): undefined {
    if (this.problem === "") this.problem = problem;
    return undefined;
  }
}
