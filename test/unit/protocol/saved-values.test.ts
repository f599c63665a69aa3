import { describe, expect, test } from "@jest/globals";
import { encode } from "cborg";
import { MAX_KEYED_BYTES, MAX_SAVE_KEY_BYTES, MAX_SAVE_KEYS } from "../../../src/protocol/command-fields.ts";
import { decodeHostFrame } from "../../../src/protocol/decode-host-frame.ts";
import { bytes } from "../../support/room/fake-port.ts";

const inCbor = (fields: object): ReturnType<typeof decodeHostFrame> =>
  decodeHostFrame(encode({ cmd: "save", ...fields }), false);
const inJson = (fields: object): ReturnType<typeof decodeHostFrame> =>
  decodeHostFrame(bytes(JSON.stringify({ cmd: "save", ...fields })), true);

function saved(keys: Readonly<Record<string, unknown>>, more: object = {}): object {
  return { ok: true, value: { cmd: "save", keys: new Map(Object.entries(keys)), ...more } };
}

describe.each([
  ["CBOR", inCbor],
  ["JSON", inJson],
])("a `save` with keys in %s", (_, save) => {
  test("P5.9.8 names one key with its data, or several; `null` forgets one", () => {
    expect(save({ key: "round", data: "3", received: 7 })).toEqual(saved({ round: "3" }, { received: 7 }));
    expect(save({ key: "round", data: null })).toEqual(saved({ round: null }));
    expect(save({ keys: { a: "1", b: null, "ü €": "" } })).toEqual(saved({ a: "1", b: null, "ü €": "" }));
    expect(save({ keys: {} })).toEqual(saved({}));
    expect(save({ key: null, data: "whole" })).toEqual({ ok: true, value: { cmd: "save", data: "whole" } });
  });

  test("P5.9.8 takes any key for what it is", () => {
    const keys = JSON.parse('{"__proto__":"1","constructor":"2","7":"3","cmd":"4","data":"5"}');
    expect(save({ keys })).toEqual(saved(keys));
  });

  test("P5.9.8 takes keys of 1 to 128 bytes", () => {
    const long = "ü".repeat(MAX_SAVE_KEY_BYTES / 2);
    expect(save({ key: long, data: "" })).toEqual(saved({ [long]: "" }));
    expect(save({ keys: { [long]: "" } })).toEqual(saved({ [long]: "" }));
    const failure = { code: "invalid_field", in: "save" };
    expect(save({ keys: { [`${long}x`]: "" } })).toMatchObject({
      failure: { ...failure, reason: expect.stringContaining("1 to 128 bytes; this one has 129") },
    });
    expect(save({ keys: { "": "" } })).toMatchObject({ failure });
    expect(save({ key: "", data: "" })).toMatchObject({ failure });
    expect(save({ key: `${long}x`, data: "" })).toMatchObject({ failure: { code: "too_large" } });
    expect(save({ key: 5, data: "" })).toMatchObject({ failure });
  });

  test("P5.9.8 refuses what is no value, and names its key", () => {
    const failure = { code: "invalid_field", in: "save" };
    expect(save({ key: "a" })).toMatchObject({ failure });
    expect(save({ key: "a", data: 5 })).toMatchObject({ failure });
    expect(save({ keys: ["a"] })).toMatchObject({ failure });
    for (const value of [5, true, { b: 1 }, [256], ["x"]]) {
      expect(save({ keys: { fine: "1", a: value } })).toMatchObject({
        failure: { ...failure, reason: expect.stringContaining('`keys["a"]` has to be text, bytes, or null') },
      });
    }
  });

  test("P5.9.8 refuses `keys` beside `key` or `data`", () => {
    const failure = { code: "invalid_field", in: "save", reason: expect.stringContaining("`keys` stands alone") };
    expect(save({ keys: {}, key: "a", data: "1" })).toMatchObject({ failure });
    expect(save({ keys: {}, data: "1" })).toMatchObject({ failure });
  });

  test("P5.9.8 may be 256 KiB large, in one value or in all, and not a byte more", () => {
    const most = "x".repeat(MAX_KEYED_BYTES);
    const failure = { code: "too_large", in: "save" };
    expect(save({ key: "a", data: most })).toEqual(saved({ a: most }));
    expect(save({ key: "a", data: `${most}x` })).toMatchObject({ failure });
    expect(save({ keys: { a: most.slice(9), b: "x".repeat(9) } })).toMatchObject({ ok: true });
    expect(save({ keys: { a: most.slice(9), b: "x".repeat(10) } })).toMatchObject({ failure });
    expect(save({ keys: { a: "ü".repeat(MAX_KEYED_BYTES / 2 + 1) } })).toMatchObject({ failure });
  });

  test("P5.9.8 may name 4,096 keys", () => {
    const keys = Object.fromEntries(Array.from({ length: MAX_SAVE_KEYS }, (_key, index) => [`k${index}`, "1"]));
    expect(save({ keys })).toMatchObject({ ok: true });
    expect(save({ keys: { ...keys, more: "1" } })).toMatchObject({ ok: false, failure: { code: expect.any(String) } });
  });
});

describe("bytes under a key", () => {
  test("P5.9.8 are a byte string in CBOR, and integers in both; they are no view of the frame", () => {
    const frame = encode({ cmd: "save", keys: { a: Uint8Array.of(1, 2), b: [3] } });
    const decoded = decodeHostFrame(frame, false);
    frame.fill(0);
    expect(decoded).toEqual(saved({ a: Uint8Array.of(1, 2), b: Uint8Array.of(3) }));
    expect(inJson({ keys: { a: [1, 255] } })).toEqual(saved({ a: Uint8Array.of(1, 255) }));
    expect(inJson({ key: "a", data: [7] })).toEqual(saved({ a: Uint8Array.of(7) }));
  });

  test("P5.9.8 are read from a map of indefinite length and from text in chunks, too", () => {
    const frame = Buffer.from(
      "a2 63636d64 6473617665 646b657973 bf 7f 6161 6162 ff 5f 4101 4102 ff 6163 f7 ff".replaceAll(" ", ""),
      "hex",
    );
    expect(decodeHostFrame(frame, false)).toEqual(saved({ ab: Uint8Array.of(1, 2), c: null }));
  });

  test("P5.9.8 of a key that stands in the map twice the last one counts", () => {
    expect(decodeHostFrame(bytes('{"cmd":"save","keys":{"a":"1","a":"2"}}'), true)).toEqual(saved({ a: "2" }));
    const frame = Buffer.from("a2 63636d64 6473617665 646b657973 a2 6161 6131 6161 6132".replaceAll(" ", ""), "hex");
    expect(decodeHostFrame(frame, false)).toEqual(saved({ a: "2" }));
  });
});
