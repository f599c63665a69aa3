/**
 * Frames that name their lane, page and number, as text or bytes; the rest of a frame follows from these three. The receiver
 * so detects a frame that is missing, repeated, misdirected or changed.
 */

export interface Numbered {
  /** The phone that sends the frame or receives it. */
  readonly lane: number;
  /** The sender's page, from 1; each reload adds one. */
  readonly page: number;
  /** The number of the frame on its page, from 1. */
  readonly number: number;
}

/** Every third frame is binary. */
const BINARY_EVERY = 3;
/** One text in so many begins with U+0000, which the wire must escape. */
const ESCAPED_EVERY = 50;
const HEADER_BYTES = 12;

export function encodeNumbered({ lane, page, number }: Numbered): string | Uint8Array<ArrayBuffer> {
  if (number % BINARY_EVERY === 0) {
    const bytes = new Uint8Array(HEADER_BYTES + (number % 61)).fill(number % 256);
    const view = new DataView(bytes.buffer);
    view.setUint32(0, lane);
    view.setUint32(4, page);
    view.setUint32(8, number);
    return bytes;
  }
  return `${number % ESCAPED_EVERY === 1 ? "\0" : ""}${lane} ${page} ${number} ${"é".repeat(number % 29)}`;
}

/** Returns `undefined` if the frame is not a numbered frame, or was changed. */
export function decodeNumbered(frame: string | Uint8Array<ArrayBuffer>): Numbered | undefined {
  const numbered = typeof frame === "string" ? readText(frame) : readBytes(frame);
  return numbered !== undefined && isSame(encodeNumbered(numbered), frame) ? numbered : undefined;
}

function readText(text: string): Numbered | undefined {
  const [, lane, page, number] = /^\0?(\d{1,10}) (\d{1,10}) (\d{1,10}) /.exec(text) ?? [];
  return lane === undefined ? undefined : { lane: Number(lane), page: Number(page), number: Number(number) };
}

function readBytes(bytes: Uint8Array): Numbered | undefined {
  if (bytes.length < HEADER_BYTES) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  return { lane: view.getUint32(0), page: view.getUint32(4), number: view.getUint32(8) };
}

function isSame(one: string | Uint8Array, other: string | Uint8Array): boolean {
  if (typeof one === "string" || typeof other === "string") return one === other;
  return one.length === other.length && one.every((byte, index) => byte === other[index]);
}
