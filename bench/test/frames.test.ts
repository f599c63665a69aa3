/** What the benchmark's load generator writes and reads: if this were wrong, so would be every figure. */
import { describe, expect, test } from "@jest/globals";
import { lengthPrefixWire } from "../load/length-prefix-wire.js";
import { BINARY, isBodyIntact, payloadBody, preparePayload, TEXT } from "../load/payload.js";
import { PreparedFrame } from "../load/prepared-frame.js";
import { websocketWire } from "../load/websocket-wire.js";

const SENDER = 4711;

const MASK_BYTES = 4;
const WIDTH_OF_LENGTH: Readonly<Record<number, number>> = { 126: 2, 127: 8 };

/** What the server makes of a masked frame. */
function unmasked(frame: Buffer): Buffer {
  const bodyAt = 2 + (WIDTH_OF_LENGTH[frame.readUInt8(1) & 0x7f] ?? 0) + MASK_BYTES;
  const mask = frame.subarray(bodyAt - MASK_BYTES, bodyAt);
  return Buffer.from(frame.subarray(bodyAt).map((byte, index) => byte ^ mask.readUInt8(index % MASK_BYTES)));
}

describe.each([
  ["binary", BINARY],
  ["text", TEXT],
] as const)("a payload of the kind %s", (_name, kind) => {
  test("carries its sender, number and time through a masked frame, wherever in the message it stands", () => {
    const body = payloadBody(24);
    const payload = preparePayload(kind, SENDER, body);
    for (const prefix of ["", "a", "ab", "abc", "abcd"]) {
      const message = { bytes: Buffer.concat([Buffer.from(prefix), payload, Buffer.from("}")]) };
      const frame = new PreparedFrame(websocketWire, kind, [message], payload);
      frame.stamp(123_456, 7_654_321);
      const heard = unmasked(frame.bytes);
      const at = prefix.length;
      expect(heard.toString("latin1", 0, at)).toBe(prefix);
      expect(kind.senderAt(heard, at)).toBe(SENDER);
      expect(kind.sequenceAt(heard, at)).toBe(123_456);
      expect(kind.timeAt(heard, at)).toBe(7_654_321);
      expect(isBodyIntact(body, heard, at, heard.length - 1)).toBe(true);
    }
  });

  test("is not taken for whole when a byte is another one or missing", () => {
    for (const size of [24, 400]) {
      const body = payloadBody(size);
      const payload = preparePayload(kind, SENDER, body);
      expect(isBodyIntact(body, payload, 0, size)).toBe(true);
      expect(isBodyIntact(body, payload, 0, size - 1)).toBe(false);
      payload.write("!", size - 1);
      expect(isBodyIntact(body, payload, 0, size)).toBe(false);
      payload.fill(0, 0, 4);
      expect(kind.senderAt(payload, 0)).toBe(-1);
    }
  });

  test("is refused to more senders than its head can tell apart", () => {
    expect(() => preparePayload(kind, kind.maxSenders, payloadBody(24))).toThrow(RangeError);
  });
});

test("a payload of the kind text is text that JSON leaves as it is", () => {
  const payload = preparePayload(TEXT, SENDER, payloadBody(1024));
  TEXT.writeChanging(payload, TEXT.sequences - 1, TEXT.times - 1);
  expect(JSON.stringify(payload.toString())).toBe(`"${payload.toString("latin1")}"`);
});

test("a message of two frames carries its stamp in the second", () => {
  const payload = preparePayload(BINARY, SENDER, payloadBody(24));
  const event = { bytes: Buffer.from('451-["input"]'), isText: true };
  const frame = new PreparedFrame(websocketWire, BINARY, [event, { bytes: payload }], payload);
  frame.stamp(9, 10);
  const second = frame.bytes.subarray(websocketWire.frame(event).bytes.length);
  expect(BINARY.sequenceAt(unmasked(second), 0)).toBe(9);
});

test("without a mask the stamp stands as it is", () => {
  const payload = preparePayload(BINARY, SENDER, payloadBody(24));
  const frame = new PreparedFrame(lengthPrefixWire, BINARY, [{ bytes: payload }], payload);
  frame.stamp(9, 10);
  expect(frame.bytes.readUInt32BE(0)).toBe(24);
  expect(BINARY.timeAt(frame.bytes, 4)).toBe(10);
});
