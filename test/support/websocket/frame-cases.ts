/**
 * What the test suite of `ws` asks of its reader, case by case, and more of the kind. Each is asked of both readers, in one piece
 * and byte by byte. Left out is what our reader has no option for: compression, being a client, other types for
 * binary data, text that is not checked, events that are put off.
 */
import { makeFrame, OPCODE, type FrameOptions } from "../raw-client.ts";
import { closing, CONTROL_OPCODES, HUGE_LENGTHS, UNKNOWN_OPCODES } from "./broken-frames.ts";
import type { Heard } from "./heard.ts";

export type FrameCase = readonly [
  what: string,
  frames: readonly Buffer[],
  heard: readonly Heard[],
  maxPayload?: number,
];

const MASK = Buffer.from([0x37, 0xfa, 0x21, 0x3d]);
/** More than any case needs. */
export const UNLIMITED = 1_048_576;

export const text = (payload: string): Heard => ({ kind: "text", data: Buffer.from(payload) });
export const binary = (payload: Uint8Array | string): Heard => ({ kind: "binary", data: Buffer.from(payload) });
export const ping = (payload: string): Heard => ({ kind: "ping", data: Buffer.from(payload) });
export const pong = (payload: string): Heard => ({ kind: "pong", data: Buffer.from(payload) });
export const close = (code?: number): Heard => ({ kind: "close", code });
export const fault = (code: number): Heard => ({ kind: "fault", code });

export const frame = (opcode: number, payload: Uint8Array | string = "", options: FrameOptions = {}): Buffer =>
  makeFrame(opcode, payload, { mask: MASK, ...options });
export const begin = (opcode: number, payload: Uint8Array | string = ""): Buffer =>
  frame(opcode, payload, { isFinal: false });
export const go = (payload: Uint8Array | string = ""): Buffer => begin(OPCODE.continuation, payload);
export const finish = (payload: Uint8Array | string = ""): Buffer => frame(OPCODE.continuation, payload);

/** Bytes that differ from their neighbours, so that a mask or an order gone wrong shows. */
export function variedBytes(length: number): Buffer {
  return Buffer.from(Array.from({ length }, (_byte, index) => (index * 151) & 0xff));
}

export const GOOD_FRAMES: readonly FrameCase[] = [
  ["the masked text of RFC 6455, section 5.7", [Buffer.from("818537fa213d7f9f4d5158", "hex")], [text("Hello")]],
  ["the masked pong of RFC 6455, section 5.7", [Buffer.from("8a8537fa213d7f9f4d5158", "hex")], [pong("Hello")]],
  ["a masked text with quotes", [frame(OPCODE.text, '5:::{"name":"echo"}')], [text('5:::{"name":"echo"}')]],
  ["an empty text", [frame(OPCODE.text)], [text("")]],
  ["an empty binary message", [frame(OPCODE.binary)], [binary("")]],
  ["a text of 125 bytes", [frame(OPCODE.text, "A".repeat(125))], [text("A".repeat(125))]],
  ["a text of 126 bytes", [frame(OPCODE.text, "A".repeat(126))], [text("A".repeat(126))]],
  ["a text of 200 bytes", [frame(OPCODE.text, "A".repeat(200))], [text("A".repeat(200))]],
  ["a text of 64 KiB", [frame(OPCODE.text, "A".repeat(65_536))], [text("A".repeat(65_536))]],
  ["a text of a byte less", [frame(OPCODE.text, "A".repeat(65_535))], [text("A".repeat(65_535))]],
  ["a binary message of 100 bytes", [frame(OPCODE.binary, variedBytes(100))], [binary(variedBytes(100))]],
  ["a binary message of 256 bytes", [frame(OPCODE.binary, variedBytes(256))], [binary(variedBytes(256))]],
  ["a binary message of 200 KiB", [frame(OPCODE.binary, variedBytes(204_800))], [binary(variedBytes(204_800))]],
  ["a mask of zeros", [frame(OPCODE.text, "as it is", { mask: Buffer.alloc(4) })], [text("as it is")]],
  ["a length in two bytes that needs none", [frame(OPCODE.text, "hi", { lengthBytes: 2 })], [text("hi")]],
  ["a length in eight bytes that needs none", [frame(OPCODE.text, "hi", { lengthBytes: 8 })], [text("hi")]],
  ["a length of zero in eight bytes", [frame(OPCODE.text, "", { lengthBytes: 8 })], [text("")]],
  ["a text in two fragments", [begin(OPCODE.text, "A".repeat(150)), finish("A".repeat(150))], [text("A".repeat(300))]],
  [
    "a binary message in four fragments of all sizes",
    [begin(OPCODE.binary, variedBytes(7_321)), go(variedBytes(137)), go(variedBytes(285_787)), finish(variedBytes(3))],
    [binary(Buffer.concat([variedBytes(7_321), variedBytes(137), variedBytes(285_787), variedBytes(3)]))],
  ],
  ["a message whose fragments are all empty", [begin(OPCODE.binary), go(), finish()], [binary("")]],
  ["a message whose first fragment is empty", [begin(OPCODE.text), go("He"), finish("llo")], [text("Hello")]],
  ["a message whose last fragment is empty", [begin(OPCODE.text, "He"), go("llo"), finish()], [text("Hello")]],
  [
    "a ping in the middle of a message",
    [begin(OPCODE.text, "A".repeat(150)), frame(OPCODE.ping, "Hello"), finish("A".repeat(150))],
    [ping("Hello"), text("A".repeat(300))],
  ],
  [
    "a pong before and behind every fragment",
    [frame(OPCODE.pong), begin(OPCODE.text, "a"), frame(OPCODE.pong, "1"), go("b"), frame(OPCODE.pong, "2"), finish()],
    [pong(""), pong("1"), pong("2"), text("ab")],
  ],
  ["a ping without data", [frame(OPCODE.ping)], [ping("")]],
  ["a ping of 125 bytes", [frame(OPCODE.ping, "x".repeat(125))], [ping("x".repeat(125))]],
  ["a Close without a code", [frame(OPCODE.close)], [close()]],
  ["a Close with a reason", [frame(OPCODE.close, closing(1000, "DONE"))], [close(1000)]],
  ["a Close with the longest reason", [frame(OPCODE.close, closing(4999, "ü".repeat(61)))], [close(4999)]],
  ["a Close in the middle of a message", [begin(OPCODE.text, "never"), frame(OPCODE.close), finish()], [close()]],
  ["data behind a Close", [frame(OPCODE.text), frame(OPCODE.close), frame(OPCODE.text)], [text(""), close()]],
  ["a broken frame behind a Close", [frame(OPCODE.close, closing(1001)), frame(3)], [close(1001)]],
  [
    "twenty thousand empty texts in one piece",
    Array.from({ length: 20_000 }, () => frame(OPCODE.text)),
    Array.from({ length: 20_000 }, () => text("")),
  ],
  [
    "the limit is a message's own",
    [frame(OPCODE.text, "Hello"), frame(OPCODE.text, "World")],
    [text("Hello"), text("World")],
    5,
  ],
  [
    "the limit is for all fragments of a message, and begins anew with the next",
    [begin(OPCODE.text, "He"), finish("llo"), begin(OPCODE.binary, "Wo"), finish("rld"), frame(OPCODE.text, "Hello")],
    [text("Hello"), binary("World"), text("Hello")],
    5,
  ],
  [
    "what control frames carry does not count towards the limit",
    [begin(OPCODE.binary, "He"), frame(OPCODE.ping, "x".repeat(125)), finish("llo")],
    [ping("x".repeat(125)), binary("Hello")],
    5,
  ],
  ["empty fragments when the limit is reached", [begin(OPCODE.binary, "Hello"), go(), finish()], [binary("Hello")], 5],
  [
    "as many fragments as are allowed",
    [begin(OPCODE.binary, "a"), ...Array.from({ length: 16_382 }, () => go("b")), finish("c")],
    [binary(`a${"b".repeat(16_382)}c`)],
  ],
];

const TOO_MANY = Array.from({ length: 16_384 }, () => go());

export const BROKEN_FRAMES: readonly FrameCase[] = [
  ...[1, 2, 4, 7].flatMap((reserved): FrameCase[] => [
    [`reserved bits ${reserved} of a text`, [frame(OPCODE.text, "hi", { reserved })], [fault(1002)]],
    [`reserved bits ${reserved} of a ping`, [frame(OPCODE.ping, "hi", { reserved })], [fault(1002)]],
    [
      `reserved bits ${reserved} of a fragment`,
      [begin(OPCODE.text, "hi"), frame(OPCODE.continuation, "", { reserved })],
      [fault(1002)],
    ],
  ]),
  ...UNKNOWN_OPCODES.map((opcode): FrameCase => [`opcode ${opcode}`, [frame(opcode, "hi")], [fault(1002)]]),
  ["a continuation of nothing", [frame(OPCODE.continuation)], [fault(1002)]],
  ["a continuation of nothing that goes on", [go()], [fault(1002)]],
  ["a continuation of a message that is over", [begin(OPCODE.text), finish(), finish()], [text(""), fault(1002)]],
  ["a text in the middle of a message", [begin(OPCODE.text), frame(OPCODE.text)], [fault(1002)]],
  ["a binary message in the middle of a message", [begin(OPCODE.text), begin(OPCODE.binary)], [fault(1002)]],
  ...CONTROL_OPCODES.flatMap((opcode): FrameCase[] => [
    [`a control frame ${opcode} in fragments`, [begin(opcode)], [fault(1002)]],
    [`a control frame ${opcode} of 126 bytes`, [frame(opcode, Buffer.alloc(126))], [fault(1002)]],
    [`a control frame ${opcode} of 64 KiB`, [frame(opcode, Buffer.alloc(65_536))], [fault(1002)]],
    [`a control frame ${opcode} with a length in eight bytes`, [frame(opcode, "", { lengthBytes: 8 })], [fault(1002)]],
  ]),
  ["a text without a mask", [frame(OPCODE.text, "hi", { isMasked: false })], [fault(1002)]],
  ["an empty text without a mask", [frame(OPCODE.text, "", { isMasked: false })], [fault(1002)]],
  ["a Close without a mask", [frame(OPCODE.close, "", { isMasked: false })], [fault(1002)]],
  ["a Close of one byte", [frame(OPCODE.close, "x")], [fault(1002)]],
  ["a Close whose reason is no text", [frame(OPCODE.close, closing(1007, variedBytes(5)))], [fault(1007)]],
  ["text that ends within a character", [frame(OPCODE.text, Buffer.from([0xce, 0xba, 0xe1, 0xbd]))], [fault(1007)]],
  ...HUGE_LENGTHS.map((length): FrameCase => [
    `a message of ${length} bytes`,
    [frame(OPCODE.binary, "", { claimedLength: length })],
    [fault(1009)],
  ]),
  ["a message of a byte over the limit", [frame(OPCODE.binary, "Hello!")], [fault(1009)], 5],
  ["a message far over the limit", [frame(OPCODE.binary, variedBytes(204_800))], [fault(1009)], 20_480],
  ["fragments a byte over the limit", [begin(OPCODE.binary, "Hel"), finish("lo!")], [fault(1009)], 5],
  ["a fragment behind the limit", [begin(OPCODE.binary, "Hello"), go(), finish("!")], [fault(1009)], 5],
  ["one fragment too many", [begin(OPCODE.binary, "a"), ...TOO_MANY], [fault(1008)]],
  ["one empty fragment too many", [begin(OPCODE.text), ...TOO_MANY], [fault(1008)]],
  ["one fragment too many that would be the last", [begin(OPCODE.text), ...TOO_MANY.slice(1), finish()], [fault(1008)]],
  [
    "good frames behind a broken one",
    [frame(OPCODE.text, "hi"), frame(3), frame(OPCODE.text)],
    [text("hi"), fault(1002)],
  ],
];
