/**
 * Frames that can be told apart: each says whose it is, which page sent it and the how manieth it is, as text or as
 * bytes, and what else is in it follows from these. So their receiver knows what is missing, came twice, went to
 * another, or was changed.
 */

export interface Numbered {
  /** Who sends it, or for whom it is. */
  readonly lane: number;
  /** The sender's page: 1, and one more whenever it was reloaded. */
  readonly page: number;
  /** From 1, counted anew by each page. */
  readonly number: number;
}

/** Every third frame is binary. */
const BINARY_EVERY = 3;
/** Every so manieth text begins with U+0000, which the wire has to escape. */
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

/** `undefined` where the frame is none of these, or was changed on its way. */
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
