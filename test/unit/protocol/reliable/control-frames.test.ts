import { describe, expect, test } from "@jest/globals";
import { assert, constantFrom, nat, oneof, property, record, string } from "../../../support/property-testing.ts";
import {
  beginsWithNul,
  decodeControl,
  encodeControl,
  ESCAPE,
  escapeText,
  isControl,
  readControl,
  unescapeText,
  writeControl,
  type Control,
} from "../../../../src/protocol/reliable/control-frames.ts";
import { bytes } from "../../../support/room/fake-port.ts";

const count = nat(999_999_999);
const control = oneof(
  record({ word: constantFrom("ack", "skip"), count }),
  constantFrom<Control>({ word: "ping" }, { word: "time" }),
  record({ word: constantFrom("time"), now: count }),
  record({ word: constantFrom("game"), game: record({ name: string(), url: string() }) }, { noNullPrototype: true }),
  record({
    word: constantFrom("hello"),
    hello: record(
      {
        epoch: string(),
        received: count,
        greeting: count,
        next: count,
        lost: count,
        player: count,
        game: string(),
        now: count,
      },
      { requiredKeys: ["epoch", "received", "greeting", "next", "lost"], noNullPrototype: true },
    ),
  }),
);
/** Text that often begins with U+0000. */
const text = oneof(
  string(),
  string().map((rest) => `\0${rest}`),
  string().map((rest) => `\0\0${rest}`),
);

describe("control frames", () => {
  test("P5.5.2 P5.5.3 P5.5.5 P5.5.7 P5.9.3 P5.9.7 are read as they were written, as bytes and as strings", () => {
    assert(
      property(control, (written) => {
        expect(readControl(writeControl(written))).toEqual(written);
        expect(decodeControl(encodeControl(written))).toEqual(written);
        expect([isControl(writeControl(written)), isControl(encodeControl(written))]).toEqual([true, true]);
      }),
    );
  });

  test.each([
    "",
    "\0",
    "ack 1",
    "\0ack",
    "\0ack ",
    "\0ack -1",
    "\0ack 1.5",
    "\0ack 1 ",
    "\0ack 9999999999999999",
    "\0ACK 1",
    "\0ping 1",
    "\0time ",
    "\0time 1",
    "\0game",
    '\0game {"name":"quiz"}',
    '\0game {"name":"quiz","url":5}',
    "\0game null",
    '\0time {"now":null}',
    '\0time {"now":-1}',
    "\0hello",
    "\0hello null",
    "\0hello 5",
    "\0hello []",
    '\0hello {"epoch":"e"}',
    '\0hello {"epoch":5,"received":0,"greeting":0,"next":1,"lost":0}',
    '\0hello {"epoch":"e","received":-1,"greeting":0,"next":1,"lost":0}',
    '\0hello {"epoch":"e","received":0,"greeting":0,"next":1.5,"lost":0}',
    "\0later words",
  ])("P5.5.6 %j is none", (frame) => {
    expect([readControl(frame), decodeControl(bytes(frame))]).toEqual([undefined, undefined]);
  });
});

describe("a hello", () => {
  test("P5.5.2 of which a newer server says more is read, and what is of another type in it is left out", () => {
    const known = { epoch: "e", received: 0, greeting: 0, next: 1, lost: 0 };
    const hello = (more: object): unknown => readControl(`\0hello ${JSON.stringify({ ...known, ...more })}`);
    expect(hello({ player: 3, game: "sketch", now: 1.5, more: [] })).toEqual({
      word: "hello",
      hello: { ...known, player: 3, game: "sketch", now: 1.5 },
    });
    expect(hello({ player: "3", game: 5, now: "x" })).toEqual({ word: "hello", hello: known });
  });
});

describe("data text", () => {
  test("P5.5.4 is never a control frame when it is escaped, and comes back as it was, as bytes and as a string", () => {
    assert(
      property(text, (data) => {
        const sent = escapeText(data);
        expect(sent).toBe(data.startsWith("\0") ? `\0${data}` : data);
        for (const frame of [sent, bytes(sent)]) expect(isControl(frame)).toBe(false);
        expect(unescapeText(sent)).toBe(data);
        expect(unescapeText(bytes(sent))).toEqual(bytes(data));
      }),
    );
  });

  test("P5.5.4 is escaped with one U+0000, which is one byte", () => {
    const data = bytes("\0ack 1");
    expect(beginsWithNul(data)).toBe(true);
    expect(bytes(escapeText("\0ack 1"))).toEqual(Uint8Array.of(...ESCAPE, ...data));
  });
});
