import { describe, expect, test } from "@jest/globals";
import { OPCODE } from "../../support/raw-client.ts";
import { closing, CLOSE_CODES_THAT_TRAVEL, NO_CLOSE_CODES, NO_UTF8 } from "../../support/websocket/broken-frames.ts";
import {
  begin,
  binary,
  BROKEN_FRAMES,
  variedBytes,
  fault,
  finish,
  frame,
  go,
  GOOD_FRAMES,
  ping,
  text,
  UNLIMITED,
} from "../../support/websocket/frame-cases.ts";
import { inWords, isSame, type FrameEnd } from "../../support/websocket/heard.ts";
import { createOurEnd } from "../../support/websocket/our-end.ts";
import { createWsEnd } from "../../support/websocket/ws-end.ts";

/** More bytes than this are not cut into single ones. */
const MANY_BYTES = 2_000;

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
  test.each([...GOOD_FRAMES, ...BROKEN_FRAMES])("%s", (_what, frames, heard, maxPayload = UNLIMITED) => {
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
    ["a length that no peer can send", frame(OPCODE.binary, "", { claimedLength: 2n ** 63n }), 1009, 10],
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
      frame(OPCODE.binary, variedBytes(300)),
      begin(OPCODE.binary, variedBytes(80)),
      frame(OPCODE.ping, "p"),
      finish(variedBytes(9)),
    ]);
    for (let round = 0; round < 20; round++) {
      for (let at = 0; at < sent.length; at += 17 + round) end.read(Buffer.from(sent.subarray(at, at + 17 + round)));
    }
    expect(end.heard).toHaveLength(60);
    expect(end.areMessagesUnchanged()).toBe(true);
  });
});
