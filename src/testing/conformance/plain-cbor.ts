/**
 * CBOR (RFC 8949) of the conformance checks. It shares no code with the server, so a mistake of the server's own codec is found. Writing is as plain as WMBP's
 * clients do it; reading takes what is well-formed, and notes where it is not as plain as P2 asks of a server.
 */

/** A value on the wire of a host. */
export type PlainValue =
  | null
  | undefined
  | boolean
  | number
  | string
  | Uint8Array
  | readonly PlainValue[]
  | { readonly [key: string]: PlainValue };

/** An item, and what is not plain about it: indefinite lengths, long heads, tags, a key that stands twice, bytes behind it. */
export interface PlainItem {
  readonly value: PlainValue;
  readonly oddities: readonly string[];
}

const toUtf8 = new TextEncoder();
const fromUtf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Writes definite lengths and shortest heads. Numbers that are not whole become doubles, `Uint8Array` a byte string. */
export function writeItem(value: PlainValue): Uint8Array {
  const parts: Uint8Array[] = [];
  writeInto(parts, value);
  return Buffer.concat(parts);
}

function writeInto(parts: Uint8Array[], value: PlainValue): void {
  if (value === null) parts.push(Uint8Array.of(0xf6));
  else if (value === undefined) parts.push(Uint8Array.of(0xf7));
  else if (typeof value === "boolean") parts.push(Uint8Array.of(value ? 0xf5 : 0xf4));
  else if (typeof value === "number") parts.push(number(value));
  else if (typeof value === "string") {
    const bytes = toUtf8.encode(value);
    parts.push(head(3, bytes.length), bytes);
  } else if (value instanceof Uint8Array) parts.push(head(2, value.length), value);
  else if (isList(value)) {
    parts.push(head(4, value.length));
    for (const item of value) writeInto(parts, item);
  } else {
    const entries = Object.entries(value);
    parts.push(head(5, entries.length));
    for (const [key, item] of entries) {
      writeInto(parts, key);
      writeInto(parts, item);
    }
  }
}

function isList(value: PlainValue): value is readonly PlainValue[] {
  return Array.isArray(value);
}

function number(value: number): Uint8Array {
  if (Number.isSafeInteger(value)) return value >= 0 ? head(0, value) : head(1, -1 - value);
  const bytes = new Uint8Array(9);
  bytes[0] = 0xfb;
  new DataView(bytes.buffer).setFloat64(1, value);
  return bytes;
}

function head(major: number, argument: number): Uint8Array {
  const first = major << 5;
  if (argument < 24) return Uint8Array.of(first | argument);
  if (argument < 0x100) return Uint8Array.of(first | 24, argument);
  const bytes = new Uint8Array(argument < 0x10000 ? 3 : argument < 0x1_0000_0000 ? 5 : 9);
  const view = new DataView(bytes.buffer);
  bytes[0] = first | (bytes.length === 3 ? 25 : bytes.length === 5 ? 26 : 27);
  if (bytes.length === 3) view.setUint16(1, argument);
  else if (bytes.length === 5) view.setUint32(1, argument);
  else view.setBigUint64(1, BigInt(argument));
  return bytes;
}

/** The first item of the frame. Throws where there is none that is well-formed. */
export function readItem(bytes: Uint8Array): PlainItem {
  const reader = new ItemReader(bytes);
  const value = reader.item(0);
  const left = bytes.length - reader.at;
  if (left > 0) reader.oddities.push(`${left} byte${left === 1 ? "" : "s"} behind the item`);
  return { value, oddities: reader.oddities };
}

const MAX_NESTING = 32;
const BREAK = 0xff;
const SHORTEST_OF = [24, 0x100, 0x10000, 0x1_0000_0000];

class ItemReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly oddities: string[] = [];
  at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  item(depth: number): PlainValue {
    if (depth > MAX_NESTING) throw new Error(`the CBOR is nested deeper than ${MAX_NESTING} levels`);
    const first = this.#take(1)[0] ?? 0;
    const [major, info] = [first >> 5, first & 31];
    if (major === 7) return this.#simple(info);
    const isEndless = info === 31 && major >= 2 && major <= 5;
    if (isEndless) this.oddities.push("an indefinite length");
    const argument = isEndless ? Infinity : this.#argument(info);
    switch (major) {
      case 0:
        return argument;
      case 1:
        return -1 - argument;
      case 2:
        return isEndless ? this.#chunks() : this.#take(argument).slice();
      case 3:
        return fromUtf8.decode(isEndless ? this.#chunks() : this.#take(argument));
      case 4:
        return this.#list(argument, depth);
      case 5:
        return this.#map(argument, depth);
      default:
        this.oddities.push(`the tag ${argument}`);
        return this.item(depth + 1);
    }
  }

  #take(count: number): Uint8Array {
    const end = this.at + count;
    if (end > this.#bytes.length) throw new Error("the CBOR ends in the middle of an item");
    const taken = this.#bytes.subarray(this.at, end);
    this.at = end;
    return taken;
  }

  /** Where the bytes begin that were passed over. */
  #skip(count: number): number {
    const start = this.at;
    this.#take(count);
    return start;
  }

  #argument(info: number): number {
    if (info < 24) return info;
    if (info > 27) throw new Error("the CBOR has a head that RFC 8949 does not know");
    const width = 1 << (info - 24);
    const start = this.#skip(width);
    const argument =
      width === 1
        ? this.#view.getUint8(start)
        : width === 2
          ? this.#view.getUint16(start)
          : width === 4
            ? this.#view.getUint32(start)
            : Number(this.#view.getBigUint64(start));
    if (argument < (SHORTEST_OF[info - 24] ?? 0)) this.oddities.push(`${argument} in a longer head than it needs`);
    return argument;
  }

  #simple(info: number): PlainValue {
    switch (info) {
      case 20:
      case 21:
        return info === 21;
      case 22:
        return null;
      case 23:
        return undefined;
      case 25: {
        // Half precision: sign, five bits of exponent, ten of fraction.
        const half = this.#view.getUint16(this.#skip(2));
        const [exponent, fraction] = [(half >> 10) & 31, half & 1023];
        const size = exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15);
        return (half >> 15 === 1 ? -1 : 1) * (exponent === 31 ? (fraction === 0 ? Infinity : Number.NaN) : size);
      }
      case 26:
        return this.#view.getFloat32(this.#skip(4));
      case 27:
        return this.#view.getFloat64(this.#skip(8));
      default:
        throw new Error("the CBOR has a simple value that is not assigned");
    }
  }

  #isAtBreak(): boolean {
    if (this.#bytes[this.at] !== BREAK) return false;
    this.at += 1;
    return true;
  }

  #chunks(): Uint8Array {
    const chunks: Uint8Array[] = [];
    while (!this.#isAtBreak()) chunks.push(this.#take(this.#argument((this.#take(1)[0] ?? 0) & 31)));
    return new Uint8Array(Buffer.concat(chunks));
  }

  #list(count: number, depth: number): readonly PlainValue[] {
    const items: PlainValue[] = [];
    while (count === Infinity ? !this.#isAtBreak() : items.length < count) items.push(this.item(depth + 1));
    return items;
  }

  #map(count: number, depth: number): { readonly [key: string]: PlainValue } {
    const entries = new Map<string, PlainValue>();
    for (let read = 0; count === Infinity ? !this.#isAtBreak() : read < count; read++) {
      const item = this.item(depth + 1);
      const key = typeof item === "string" ? item : JSON.stringify(item);
      if (typeof item !== "string") this.oddities.push(`the key ${key}, which is no text`);
      if (entries.has(key)) this.oddities.push(`the key "${key}" twice`);
      entries.set(key, this.item(depth + 1));
    }
    return Object.fromEntries(entries);
  }
}
