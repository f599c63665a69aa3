import { describe, expect, test } from "@jest/globals";
import { Decoder, Encoder } from "cbor-x";
import { encode as encodeWithCborg } from "cborg";
import * as fc from "../../support/property-testing.ts";
import { budget } from "../../support/seeded-random.ts";
import { encodeCbor } from "../../../src/protocol/cbor-writer.ts";
import { decodeCbor, type CborValue } from "../../../src/protocol/cbor-reader.ts";
import type { Result } from "../../../src/protocol/result.ts";
import { EVENT_LIMITS } from "../../../src/sdk/host-wire.ts";

const reference = new Encoder({ useRecords: false, tagUint8Array: false, variableMapSize: true });
const referenceDecoder = new Decoder({ useRecords: false, mapsAsObjects: true });

/** cbor-x gives numbers beyond 32 bits as bigint, and keeps `__proto__` out of objects. */
const key = fc.string({ unit: "binary" }).filter((text) => text !== "__proto__");
const number = fc.oneof(fc.integer(), fc.double({ noNaN: true }), fc.constantFrom(0, 23, 24, 255, 256, 65_535, 65_536));
const bytes = fc.uint8Array({ maxLength: 600 }).map((data) => new Uint8Array(data));
const { value: anyValue } = fc.letrec<{ value: NonNullable<CborValue> | null }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 6 },
    fc.constantFrom(null, true, false),
    number,
    fc.string({ unit: "binary", maxLength: 300 }),
    bytes,
    fc.array(tie("value"), { maxLength: 30 }),
    fc.dictionary(key, tie("value"), { maxKeys: 30 }),
  ),
}));

/** What a Buffer of another decoder is, as plain bytes; cbor-x gives those under Node. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return new Uint8Array(value);
  if (typeof value === "bigint") return Number(value);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, plain(item)]));
}

/** As the SDK reads what the server says. */
function decodeEvent(frame: Uint8Array): Result<CborValue, string> {
  return decodeCbor(frame, EVENT_LIMITS);
}

function decoded(frame: Uint8Array): unknown {
  const result = decodeEvent(frame);
  return result.ok ? plain(result.value) : result.failure;
}

/** Arrays in arrays, so many in all. */
function nested(levels: number): Uint8Array {
  return Uint8Array.from([...Array<number>(levels - 1).fill(0x81), 0x80]);
}

/** An array of so many zeros. */
function list(length: number): Uint8Array {
  const item = new Uint8Array(5 + length);
  const view = new DataView(item.buffer);
  view.setUint8(0, 0x9a);
  view.setUint32(1, length);
  return item;
}

describe("the SDK's CBOR", () => {
  test("what it writes, cbor-x reads", () => {
    fc.assert(
      fc.property(anyValue, (value) => {
        expect(plain(referenceDecoder.decode(encodeCbor(value)))).toEqual(plain(value));
      }),
    );
  });

  test("what cbor-x writes, it reads", () => {
    fc.assert(
      fc.property(anyValue, (value) => {
        const frame = reference.encode(value); // -0 it writes as 0, so its own reading is the measure
        expect(decoded(frame)).toEqual(plain(referenceDecoder.decode(frame)));
      }),
    );
  });

  test("what it writes, it reads, numbers up to 2^53 - 1 and odd floats too", () => {
    const odd = fc.oneof(anyValue, fc.maxSafeInteger(), fc.constantFrom(-0, NaN, Infinity, -Infinity, 2 ** 53, 5e-324));
    fc.assert(fc.property(odd, (value) => expect(decoded(encodeCbor(value))).toEqual(plain(value))));
  });

  test("it reads half and single floats, which other encoders write", () => {
    const float = fc.oneof(
      fc.float().filter((value) => !Object.is(value, -0)),
      fc.constantFrom(1.5, 65_504, 2 ** -24, 2 ** -14, NaN, Infinity, -Infinity),
    );
    fc.assert(fc.property(float, (value) => expect(decoded(encodeWithCborg(value))).toEqual(value)));
  });

  test("any bytes at all give a value or a reason, and never an exception", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (frame) => {
        const result = decodeEvent(frame);
        expect(result.ok || result.failure.length > 0).toBe(true);
      }),
      { numRuns: budget(2_000) },
    );
  });

  test("a frame that was cut or has one byte changed gives a value or a reason", () => {
    fc.assert(
      fc.property(anyValue, fc.nat(), fc.nat(255), (value, position, byte) => {
        const frame = encodeCbor(value);
        const at = position % frame.length;
        expect(decodeEvent(frame.subarray(0, at)).ok).toBe(false);
        frame[at] = byte;
        expect(typeof decodeEvent(frame).ok).toBe("boolean");
      }),
    );
  });

  test.each([
    ["a byte string that claims 2^60 bytes", [0x5b, 0x10, 0, 0, 0, 0, 0, 0, 0]],
    ["an array that claims 2^40 items", [0x9b, 0, 0, 1, 0, 0, 0, 0, 0]],
    ["a map that claims 2^32 - 1 entries", [0xba, 0xff, 0xff, 0xff, 0xff, 0x61, 0x61, 0x01]],
    ["nothing", []],
    ["a tag", [0xd8, 0x40, 0x41, 0x01]],
    ["an array of indefinite length", [0x9f, 0x01, 0xff]],
    ["a break", [0xff]],
    ["a map with a number as key", [0xa1, 0x01, 0x02]],
    ["text that is not UTF-8", [0x62, 0xc3, 0x28]],
    ["a number beyond 2^53 - 1", [0x1b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]],
    ["20,000 nested arrays", Array.from({ length: 20_000 }, () => 0x81)],
  ])("refused with a reason: %s", (_name, frame) => {
    expect(decodeEvent(Uint8Array.from(frame)).ok).toBe(false);
  });

  test("the limits hold: so many levels and items pass, one more of either does not", () => {
    const { depth, items } = EVENT_LIMITS;
    expect(decodeEvent(nested(depth)).ok).toBe(true);
    expect(decodeEvent(nested(depth + 1))).toMatchObject({ failure: expect.stringContaining(`${depth} levels`) });
    expect(decodeEvent(list(items - 1)).ok).toBe(true);
    expect(decodeEvent(list(items))).toMatchObject({ failure: expect.stringContaining(`${items} items`) });
  });

  test("`__proto__` is a key as any other", () => {
    const frame = encodeCbor(Object.fromEntries([["__proto__", { polluted: true }]]));
    const result = decodeEvent(frame);
    expect(result.ok && Object.getPrototypeOf(result.value)).toBe(Object.prototype);
    expect(result.ok && Object.keys(result.value ?? {})).toEqual(["__proto__"]);
  });

  test("a byte order mark stays in the text", () => {
    expect(decoded(encodeCbor("\uFEFFtext"))).toBe("\uFEFFtext");
  });

  test("fields that are undefined are left out", () => {
    expect(decoded(encodeCbor({ kept: 1, left: undefined }))).toEqual({ kept: 1 });
  });

  test("bytes are a copy: the frame may be used again", () => {
    const frame = encodeCbor(new Uint8Array([1, 2, 3]));
    const result = decodeEvent(frame);
    frame.fill(9);
    expect(result).toEqual({ ok: true, value: new Uint8Array([1, 2, 3]) });
    expect(result.ok && result.value instanceof Uint8Array && result.value.buffer.byteLength).toBe(3);
  });
});
