import { encode } from "cborg";
import { expect, test } from "@jest/globals";
import { decodeHostFrame } from "../../../src/protocol/decode-host-frame.ts";
import { MAX_PUBLICATION_BYTES } from "../../../src/protocol/channels/channel-name.ts";

const utf8 = new TextEncoder();

function read(frame: Uint8Array, isText = false): unknown {
  const result = decodeHostFrame(frame, isText);
  if (!result.ok) return result.failure;
  return "data" in result.value && result.value.data instanceof Uint8Array
    ? { ...result.value, data: new TextDecoder().decode(result.value.data) }
    : result.value;
}

test.each([
  ["an object", { list: [1, "é", null, true], score: { anna: 3 } }],
  ["a list of integers", [1, 2, 300]],
  ["text", "hi"],
  ["a float", 1.5],
  ["null", null],
  ["a key that objects have", JSON.parse('{"__proto__": 1}')],
])("P8.5 a host publishes %s in CBOR and in JSON", (_, data) => {
  const published = { cmd: "publish", channel: "score", data: JSON.stringify(data) };
  expect(read(encode({ cmd: "publish", channel: "score", data }))).toEqual(published);
  expect(read(utf8.encode(JSON.stringify({ cmd: "publish", channel: "score", data })), true)).toEqual(published);
});

test("P8.5 a host that speaks JSON has its data published as it wrote it", () => {
  const frame = utf8.encode('{"cmd":"publish","channel":"score","data":{"big": 12345678901234567890}}');
  expect(read(frame, true)).toMatchObject({ data: '{"big": 12345678901234567890}' });
});

test.each([
  [
    "bytes",
    { channel: "score", data: new Uint8Array(3) },
    "`data` has to be a value that JSON has, without bytes in it; this is a byte string of 3.",
  ],
  [
    "bytes within it",
    { channel: "score", data: { image: [new Uint8Array(3)] } },
    "`data` has to be a value that JSON has, without bytes in it; this is a map.",
  ],
  [
    "a number without end",
    { channel: "score", data: Infinity },
    "`data` has to be a value that JSON has, without bytes in it; this is Infinity.",
  ],
  ["no data", { channel: "score" }, "`data` has to be a value that JSON has, without bytes in it; this is missing."],
  ["no channel", { data: 1 }, "`channel` has to be text that is not empty; this is missing."],
  ["an empty channel", { channel: "", data: 1 }, '`channel` has to be text that is not empty; this is "".'],
  ["a channel that is no text", { channel: 7, data: 1 }, "`channel` has to be text; this is 7."],
])("P8.5 a publish with %s is refused with a sentence", (_, fields, reason) => {
  expect(read(encode({ cmd: "publish", ...fields }))).toEqual({
    code: "invalid_field",
    in: "publish",
    reason: `Invalid message. ${reason}`,
  });
});

test.each([
  [
    "a channel of 129 bytes",
    { channel: "x".repeat(129), data: 1 },
    "`channel` has 129 bytes; at most 128 are allowed.",
  ],
  [
    "more than 256 KiB",
    { channel: "score", data: "x".repeat(MAX_PUBLICATION_BYTES) },
    "`data` has 262146 bytes; at most 262144 are allowed.",
  ],
])("P8.5 a publish with %s is too large", (_, fields, reason) => {
  const refusal = { code: "too_large", in: "publish", reason: `Invalid message. ${reason}` };
  expect(read(encode({ cmd: "publish", ...fields }))).toEqual(refusal);
  expect(read(utf8.encode(JSON.stringify({ cmd: "publish", ...fields })), true)).toEqual(refusal);
});
