import { describe, expect, test } from "@jest/globals";
import { makeFrame, OPCODE, type FrameOptions } from "../../support/raw-client.ts";
import {
  closing,
  CLOSE_CODES_THAT_TRAVEL,
  CONTROL_OPCODES,
  HUGE_LENGTHS,
  NO_CLOSE_CODES,
  NO_UTF8,
  UNKNOWN_OPCODES,
} from "../../support/websocket/broken-frames.ts";
import { inWords, isSame, type FrameEnd, type Heard } from "../../support/websocket/heard.ts";
import { createOurEnd } from "../../support/websocket/our-end.ts";
import { createWsEnd } from "../../support/websocket/ws-end.ts";

/**
 * What the test suite of `ws` asks of its reader, case by case, and more of the kind. Each is asked of both readers, in one piece
 * and byte by byte. Left out is what our reader has no option for: compression, being a client, other types for
 * binary data, text that is not checked, events that are put off.
 */
type Case = readonly [what: string, frames: readonly Buffer[], heard: readonly Heard[], maxPayload?: number];

const MASK = Buffer.from([0x37, 0xfa, 0x21, 0x3d]);
const UNLIMITED = 1_048_576;
/** More bytes than this are not cut into single ones. */
const MANY_BYTES = 2_000;

const text = (payload: string): Heard => ({ kind: "text", data: Buffer.from(payload) });
const binary = (payload: Uint8Array | string): Heard => ({ kind: "binary", data: Buffer.from(payload) });
const ping = (payload: string): Heard => ({ kind: "ping", data: Buffer.from(payload) });
const pong = (payload: string): Heard => ({ kind: "pong", data: Buffer.from(payload) });
const close = (code?: number): Heard => ({ kind: "close", code });
const fault = (code: number): Heard => ({ kind: "fault", code });

const frame = (opcode: number, payload: Uint8Array | string = "", options: FrameOptions = {}): Buffer =>
  makeFrame(opcode, payload, { mask: MASK, ...options });
const begin = (opcode: number, payload: Uint8Array | string = ""): Buffer => frame(opcode, payload, { isFinal: false });
const go = (payload: Uint8Array | string = ""): Buffer => begin(OPCODE.continuation, payload);
const finish = (payload: Uint8Array | string = ""): Buffer => frame(OPCODE.continuation, payload);

/** Bytes that differ from their neighbours, so that a mask or an order gone wrong shows. */
function bytes(length: number): Buffer {
  return Buffer.from(Array.from({ length }, (_byte, index) => (index * 151) & 0xff));
}

const GOOD: readonly Case[] = [
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
  ["a binary message of 100 bytes", [frame(OPCODE.binary, bytes(100))], [binary(bytes(100))]],
  ["a binary message of 256 bytes", [frame(OPCODE.binary, bytes(256))], [binary(bytes(256))]],
  ["a binary message of 200 KiB", [frame(OPCODE.binary, bytes(204_800))], [binary(bytes(204_800))]],
  ["a mask of zeros", [frame(OPCODE.text, "as it is", { mask: Buffer.alloc(4) })], [text("as it is")]],
  ["a length in two bytes that needs none", [frame(OPCODE.text, "hi", { lengthBytes: 2 })], [text("hi")]],
  ["a length in eight bytes that needs none", [frame(OPCODE.text, "hi", { lengthBytes: 8 })], [text("hi")]],
  ["a length of zero in eight bytes", [frame(OPCODE.text, "", { lengthBytes: 8 })], [text("")]],
  ["a text in two fragments", [begin(OPCODE.text, "A".repeat(150)), finish("A".repeat(150))], [text("A".repeat(300))]],
  [
    "a binary message in four fragments of all sizes",
    [begin(OPCODE.binary, bytes(7_321)), go(bytes(137)), go(bytes(285_787)), finish(bytes(3))],
    [binary(Buffer.concat([bytes(7_321), bytes(137), bytes(285_787), bytes(3)]))],
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

const BROKEN: readonly Case[] = [
  ...[1, 2, 4, 7].flatMap((reserved): Case[] => [
    [`reserved bits ${reserved} of a text`, [frame(OPCODE.text, "hi", { reserved })], [fault(1002)]],
    [`reserved bits ${reserved} of a ping`, [frame(OPCODE.ping, "hi", { reserved })], [fault(1002)]],
    [
      `reserved bits ${reserved} of a fragment`,
      [begin(OPCODE.text, "hi"), frame(OPCODE.continuation, "", { reserved })],
      [fault(1002)],
    ],
  ]),
  ...UNKNOWN_OPCODES.map((opcode): Case => [`opcode ${opcode}`, [frame(opcode, "hi")], [fault(1002)]]),
  ["a continuation of nothing", [frame(OPCODE.continuation)], [fault(1002)]],
  ["a continuation of nothing that goes on", [go()], [fault(1002)]],
  ["a continuation of a message that is over", [begin(OPCODE.text), finish(), finish()], [text(""), fault(1002)]],
  ["a text in the middle of a message", [begin(OPCODE.text), frame(OPCODE.text)], [fault(1002)]],
  ["a binary message in the middle of a message", [begin(OPCODE.text), begin(OPCODE.binary)], [fault(1002)]],
  ...CONTROL_OPCODES.flatMap((opcode): Case[] => [
    [`a control frame ${opcode} in fragments`, [begin(opcode)], [fault(1002)]],
    [`a control frame ${opcode} of 126 bytes`, [frame(opcode, Buffer.alloc(126))], [fault(1002)]],
    [`a control frame ${opcode} of 64 KiB`, [frame(opcode, Buffer.alloc(65_536))], [fault(1002)]],
    [`a control frame ${opcode} with a length in eight bytes`, [frame(opcode, "", { lengthBytes: 8 })], [fault(1002)]],
  ]),
  ["a text without a mask", [frame(OPCODE.text, "hi", { isMasked: false })], [fault(1002)]],
  ["an empty text without a mask", [frame(OPCODE.text, "", { isMasked: false })], [fault(1002)]],
  ["a Close without a mask", [frame(OPCODE.close, "", { isMasked: false })], [fault(1002)]],
  ["a Close of one byte", [frame(OPCODE.close, "x")], [fault(1002)]],
  ["a Close whose reason is no text", [frame(OPCODE.close, closing(1007, bytes(5)))], [fault(1007)]],
  ["text that ends within a character", [frame(OPCODE.text, Buffer.from([0xce, 0xba, 0xe1, 0xbd]))], [fault(1007)]],
  ...HUGE_LENGTHS.map((length): Case => [
    `a message of ${length} bytes`,
    [frame(OPCODE.binary, "", { claimedLength: length })],
    [fault(1009)],
  ]),
  ["a message of a byte over the limit", [frame(OPCODE.binary, "Hello!")], [fault(1009)], 5],
  ["a message far over the limit", [frame(OPCODE.binary, bytes(204_800))], [fault(1009)], 20_480],
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

const ENDS: readonly (readonly [string, (maxPayload: number) => FrameEnd])[] = [
  ["ours", createOurEnd],
  ["that of ws", createWsEnd],
];

function read(end: FrameEnd, sent: Buffer): string[] {
  end.read(Buffer.from(sent));
  return end.heard.map((heard) => inWords(heard));
}

function readByteByByte(end: FrameEnd, sent: Buffer): string[] {
  for (const byte of sent) end.read(Buffer.of(byte));
  return end.heard.map((heard) => inWords(heard));
}

describe.each(ENDS)("the reader of frames (%s)", (_whose, createEnd) => {
  test.each([...GOOD, ...BROKEN])("%s", (_what, frames, heard, maxPayload = UNLIMITED) => {
    const sent = Buffer.concat(frames);
    const expected = heard.map((one) => inWords(one));
    const end = createEnd(maxPayload);
    expect(read(end, sent)).toEqual(expected);
    expect(end.heard.every((one, index) => isSame(one, heard[index]))).toBe(true); // to the last byte
    if (sent.length <= MANY_BYTES) expect(readByteByByte(createEnd(maxPayload), sent)).toEqual(expected);
  });

  test.each([
    ["a reserved bit", frame(OPCODE.text, "hi", { reserved: 4 }), 1002, 2],
    ["an unknown opcode", frame(3, "hi"), 1002, 2],
    ["a missing mask", frame(OPCODE.text, "", { isMasked: false }), 1002, 2],
    ["a continuation of nothing", finish("hi"), 1002, 2],
    ["a control frame in fragments", begin(OPCODE.ping, "hi"), 1002, 2],
    ["a control frame that is too long", frame(OPCODE.ping, Buffer.alloc(126)), 1002, 2],
    ["a Close of one byte", frame(OPCODE.close, "x"), 1002, 2],
    ["a length in two bytes over the limit", frame(OPCODE.binary, "", { claimedLength: 1_001 }), 1009, 4],
    ["a length in eight bytes over the limit", frame(OPCODE.binary, "", { claimedLength: 70_000 }), 1009, 10],
    ["a length that nobody can send", frame(OPCODE.binary, "", { claimedLength: 2n ** 63n }), 1009, 10],
    ["text that is none, which may yet go on", frame(OPCODE.text, Buffer.from([0xff, 0x61])), 1007, 8],
  ])("%s is told at the byte that makes it a fault", (_what, sent, code, bytesRead) => {
    const end = createEnd(1_000);
    let at = 0;
    for (; at < sent.length && end.heard.length === 0; at++) end.read(Buffer.of(sent[at] ?? 0));
    expect([at, end.heard]).toEqual([bytesRead, [fault(code)]]);
  });

  test("close codes that may travel are told, and all others refused", () => {
    for (const code of CLOSE_CODES_THAT_TRAVEL) {
      expect(read(createEnd(UNLIMITED), frame(OPCODE.close, closing(code)))).toEqual([`close ${code}`]);
    }
    for (const code of NO_CLOSE_CODES) {
      expect([code, ...read(createEnd(UNLIMITED), frame(OPCODE.close, closing(code, "why")))]).toEqual([
        code,
        "fault 1002",
      ]);
    }
  });

  test.each(NO_UTF8)("no UTF-8: %s, in a short text, a long one, across fragments, in a Close", (_what, wrong) => {
    for (const before of ["", "é", "x".repeat(70), `${"x".repeat(63)}é`]) {
      for (const after of ["", "x", "é".repeat(40)]) {
        const payload = Buffer.concat([Buffer.from(before), Buffer.from(wrong), Buffer.from(after)]);
        expect(read(createEnd(UNLIMITED), frame(OPCODE.text, payload))).toEqual(["fault 1007"]);
        for (let cut = Math.max(0, before.length - 1); cut <= before.length + wrong.length; cut++) {
          const frames = [begin(OPCODE.text, payload.subarray(0, cut)), finish(payload.subarray(cut))];
          expect(read(createEnd(UNLIMITED), Buffer.concat(frames))).toEqual(["fault 1007"]);
        }
      }
    }
    expect(read(createEnd(UNLIMITED), frame(OPCODE.close, closing(1000, Buffer.from(wrong))))).toEqual(["fault 1007"]);
  });

  test("no half of a surrogate pair is text, whichever it is", () => {
    for (let second = 0xa0; second <= 0xbf; second++) {
      for (let third = 0x80; third <= 0xbf; third++) {
        const half = Buffer.from([0xed, second, third]);
        expect(read(createEnd(UNLIMITED), frame(OPCODE.text, half))).toEqual(["fault 1007"]);
      }
    }
  });

  test("a character may be cut by a fragment's border, at every byte, with a ping in between", () => {
    const said = "a é € \u{d7ff} \u{e000} 😀 \u{10ffff} 𐍈$";
    const payload = Buffer.from(said);
    for (let cut = 0; cut <= payload.length; cut++) {
      const frames = [begin(OPCODE.text, payload.subarray(0, cut)), frame(OPCODE.ping), finish(payload.subarray(cut))];
      const end = createEnd(UNLIMITED);
      end.read(Buffer.concat(frames));
      expect(end.heard).toEqual([ping(""), text(said)]);
    }
    const end = createEnd(UNLIMITED);
    const single = [...payload].map((byte) => go(Buffer.of(byte)));
    end.read(Buffer.concat([begin(OPCODE.text), ...single, finish()]));
    expect(end.heard).toEqual([text(said)]);
  });
});

describe("where our reader differs from that of ws on purpose", () => {
  test("it copies what it is given, so a frame may come in any number of pieces; ws counts them, since it keeps each", () => {
    const sent = frame(OPCODE.binary, "Hello");
    expect(readByteByByte(createWsEnd(UNLIMITED, { maxBufferedChunks: 2 }), sent)).toEqual(["fault 1008"]);
    expect(readByteByByte(createOurEnd(UNLIMITED), sent)).toEqual([inWords(binary("Hello"))]);
  });
});

describe("our reader of frames", () => {
  test("tells nothing any more once it was stopped, in the middle of a chunk, a frame or a message", () => {
    const reading = createOurEnd(UNLIMITED);
    reading.read(frame(OPCODE.text, "before"));
    reading.read(begin(OPCODE.text, "in fragments"));
    reading.read(finish("of which the last").subarray(0, 9));
    reading.reader.stop();
    reading.read(finish("of which the last").subarray(9));
    reading.read(frame(OPCODE.text, "after"));
    expect(reading.heard).toEqual([text("before")]);
  });

  test("tells messages whose bytes stay as they were, whatever is read afterwards", () => {
    const end = createOurEnd(UNLIMITED);
    const sent = Buffer.concat([
      frame(OPCODE.binary, bytes(300)),
      begin(OPCODE.binary, bytes(80)),
      frame(OPCODE.ping, "p"),
      finish(bytes(9)),
    ]);
    for (let round = 0; round < 20; round++) {
      for (let at = 0; at < sent.length; at += 17 + round) end.read(Buffer.from(sent.subarray(at, at + 17 + round)));
    }
    expect(end.heard).toHaveLength(60);
    expect(end.areMessagesUnchanged()).toBe(true);
  });
});
