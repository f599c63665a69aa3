/** Converts payloads to frames: text stays text, bytes stay bytes, everything else becomes JSON. */
import type { CborValue } from "../protocol/cbor-reader.ts";
import { invalid } from "./invalid-argument.ts";

/**
 * A string becomes a text frame; bytes (`Uint8Array`, any other view, an `ArrayBuffer`) a binary frame; everything
 * else, as `JSON.stringify` writes it, a text frame.
 */
export type Payload = unknown;

/** @throws {CouchwireError} `invalid_argument` at what is no data: `undefined`, a function, a Blob. */
export function toFrame(data: Payload): string | Uint8Array<ArrayBuffer> {
  if (typeof data === "string") return data;
  if (isArrayBuffer(data)) return new Uint8Array(data);
  if (ArrayBuffer.isView(data)) {
    const { buffer, byteOffset, byteLength } = data;
    if (isArrayBuffer(buffer)) return new Uint8Array(buffer, byteOffset, byteLength);
    return new Uint8Array(buffer, byteOffset, byteLength).slice(); // WebSockets do not accept shared memory.
  }
  if (typeof Blob === "function" && data instanceof Blob) {
    throw invalid("A Blob or File has to be read before it is sent: send(await blob.arrayBuffer()).");
  }
  return toJson(data, `Only text, bytes and what JSON can hold may be sent; this is ${typeof data}.`);
}

/**
 * The value as JSON.
 * @throws {CouchwireError} `invalid_argument` with this message at what JSON cannot hold, such as `undefined`, a bigint or a circle
 */
export function toJson(value: unknown, message: string): string {
  let json: string | undefined;
  let why = "";
  try {
    json = JSON.stringify(value) as string | undefined;
  } catch (error) {
    why = ` ${error instanceof Error ? error.message : String(error)}`;
  }
  if (json === undefined) throw invalid(message + why);
  return json;
}

/**
 * The value as JSON tells it, for a field of a command.
 * @throws as `toJson`
 */
export function plainJson(value: unknown, message: string): CborValue {
  const plain: CborValue = JSON.parse(toJson(value, message));
  return plain;
}

/** Checks the value's tag: `instanceof` fails for an ArrayBuffer of another frame or context. */
export function isArrayBuffer(value: unknown): value is ArrayBuffer {
  return Object.prototype.toString.call(value) === "[object ArrayBuffer]";
}

/** Parses an object or a list. Texts such as `42` or `null` stay text, since names and answers may look like that. */
export function parseJson(text: string): { readonly value: object } | undefined {
  if (!/^\s*[{[]/.test(text)) return undefined;
  try {
    const value: object = JSON.parse(text);
    return { value };
  } catch {
    return undefined; // Most texts are not JSON.
  }
}
