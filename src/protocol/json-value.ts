/** One JSON value of a frame that `checkJson` found sound: nothing is checked a second time, and the depth is bounded. */
import type { Span } from "./cbor-check.ts";
import { isByte, wrongEntry, type FrameValue, type Scalar, type WrongEntry } from "./frame-value.ts";
import { BYTE, isDigit, isNumberPart, isSpace, JsonCheck } from "./json-check.ts";
import { unescapeJson } from "./json-escapes.ts";

const fromUtf8 = new TextDecoder("utf-8", { ignoreBOM: true });

const LARGEST_BYTE = 255;
/** Digits of a number that is read; what is longer takes its time, and is no number that any command means. */
const MAX_NUMBER_LENGTH = 1_000;

export class JsonValue implements FrameValue {
  readonly kind: FrameValue["kind"];
  readonly #bytes: Uint8Array;
  readonly #from: number;
  readonly #to: number;
  #content: Uint8Array | undefined;

  constructor(bytes: Uint8Array, { from, to }: Span) {
    this.#bytes = bytes;
    this.#from = from;
    this.#to = to;
    this.kind = kindOf(bytes[from]);
  }

  get size(): number {
    return this.#to - this.#from;
  }

  get length(): number {
    if (this.kind === "text") return this.content().length;
    let length = 0;
    if (this.kind === "list") for (const _ of this.#spans()) length += 1;
    return length;
  }

  get scalar(): Scalar {
    switch (this.#bytes[this.#from]) {
      case BYTE.t:
        return true;
      case BYTE.f:
        return false;
      case BYTE.n:
        return null;
      default:
        if (this.kind !== "scalar") return undefined;
        return this.size > MAX_NUMBER_LENGTH ? NaN : Number(this.#text());
    }
  }

  content(): Uint8Array {
    return (this.#content ??= unescapeJson(this.#bytes.subarray(this.#from + 1, this.#to - 1)));
  }

  *entries(): Iterable<FrameValue> {
    for (const span of this.#spans()) yield new JsonValue(this.#bytes, span);
  }

  byteList(): Uint8Array | WrongEntry {
    const bytes = this.#bytes;
    const list = new Uint8Array(this.size >> 1); // an entry takes two bytes at least: itself, and what follows it
    let count = 0;
    for (let at = this.#from + 1; ;) {
      while (isSpace(bytes[at])) at += 1;
      if (bytes[at] === BYTE.closeList) return list.subarray(0, count);
      const start = at;
      let byte = 0;
      for (; isDigit(bytes[at]) && byte <= LARGEST_BYTE; at++) byte = byte * 10 + (bytes[at] ?? 0) - BYTE.zero;
      if (at === start || byte > LARGEST_BYTE || isNumberPart(bytes[at])) {
        const entry = this.#entryAt(start);
        const { scalar } = entry;
        if (!isByte(scalar)) return wrongEntry(count, entry);
        byte = scalar;
        at = start + entry.size;
      }
      list[count++] = byte;
      while (isSpace(bytes[at])) at += 1;
      if (bytes[at] === BYTE.comma) at += 1;
    }
  }

  decode(): unknown {
    return JSON.parse(this.#text());
  }

  /** Where the entries of a list lie. */
  *#spans(): Iterable<Span> {
    const check = new JsonCheck(this.#bytes, this.#from + 1);
    for (;;) {
      check.skipSpace();
      const from = check.at;
      if (this.#bytes[from] === BYTE.closeList) return;
      check.value(1);
      yield { from, to: check.at };
      check.skipSpace();
      if (this.#bytes[check.at] === BYTE.comma) check.at += 1;
    }
  }

  #entryAt(from: number): JsonValue {
    const check = new JsonCheck(this.#bytes, from);
    check.value(1);
    return new JsonValue(this.#bytes, { from, to: check.at });
  }

  #text(): string {
    return fromUtf8.decode(this.#bytes.subarray(this.#from, this.#to));
  }
}

function kindOf(first: number | undefined): FrameValue["kind"] {
  if (first === BYTE.quote) return "text";
  if (first === BYTE.openList) return "list";
  return first === BYTE.openObject ? "map" : "scalar";
}
