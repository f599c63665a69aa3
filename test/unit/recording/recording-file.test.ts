/** What reads recordings: every file that was cut off, and every file that is none. */
import { describe, expect, test } from "@jest/globals";
import { ItemSplitter, readRecording } from "../../../src/recording/recording-file.ts";
import { RecordingWriter } from "../../../src/recording/recording-items.ts";
import { fromHex } from "../../support/hex.ts";
import * as fc from "../../support/property-testing.ts";

const utf8 = new TextEncoder();
const writer = new RecordingWriter();

const HEADER = writer.header({
  room: "BCDF",
  game: "sketch",
  at: "2026-11-30T20:00:00.000Z",
  maxPlayers: 8,
  isLocked: false,
  meta: '{"seed":7}',
  players: [{ player: 1, name: "Ann", isAway: true }],
});

function written(item: Uint8Array<ArrayBuffer> | undefined): Uint8Array<ArrayBuffer> {
  if (item === undefined) throw new Error("this is left out");
  return item;
}

const ITEMS = [
  writer.kept(1, utf8.encode("welcome"), true),
  written(writer.event(10, { cmd: "player_joined", player: 2, name: "Bob" })),
  writer.from(20, 1, utf8.encode("hi ü"), true),
  writer.from(30, 2, new Uint8Array(300).fill(7), false),
  written(writer.command(40, { cmd: "to", to: "everybody", data: Uint8Array.of(1), except: [2], retain: "x" })),
  written(writer.command(40, { cmd: "to_str", to: [], data: utf8.encode(""), volatile: true })),
  written(writer.event(50, { cmd: "player_back", player: 1, missed: 3 })),
  writer.tick(70_000),
  writer.end(70_000, "room_closed"),
];
const READ = [
  { is: "to", t: 0, to: [1], except: [], data: "welcome", terms: {}, isKept: true },
  { is: "joined", t: 10, player: 2, name: "Bob" },
  { is: "from", t: 20, player: 1, data: "hi ü" },
  { is: "from", t: 30, player: 2, data: new Uint8Array(300).fill(7) },
  { is: "to", t: 40, to: undefined, except: [2], data: Uint8Array.of(1), terms: { retain: "x" }, isKept: false },
  { is: "to", t: 40, to: [0], except: [], data: "", terms: { volatile: true }, isKept: false },
  { is: "back", t: 50, player: 1 },
  { is: "tick", t: 70_000 },
  { is: "end", t: 70_000, why: "room_closed" },
];
const WHOLE = Buffer.concat([HEADER, ...ITEMS]);
const HEADER_READ = {
  is: "header",
  room: "BCDF",
  game: "sketch",
  at: "2026-11-30T20:00:00.000Z",
  maxPlayers: 8,
  isLocked: false,
  meta: { seed: 7 },
  players: [{ player: 1, name: "Ann", isAway: true }],
};

/** How many items are whole within so many bytes. */
function wholeItems(bytes: number): { readonly count: number; readonly end: number } {
  let end = HEADER.length;
  let count = 0;
  for (const item of ITEMS) {
    if (end + item.length > bytes) break;
    end += item.length;
    count += 1;
  }
  return { count, end };
}

describe("a recording's file", () => {
  test("is read as it was written", () => {
    expect(readRecording(WHOLE)).toEqual({ header: HEADER_READ, items: READ, damagedBytes: 0, otherBytes: 0 });
  });

  test("cut off at any byte, it is read up to its last whole item, and says how much is left out", () => {
    for (let length = 0; length < HEADER.length; length++)
      expect(readRecording(WHOLE.subarray(0, length))).toBe(undefined);
    for (let length = HEADER.length; length <= WHOLE.length; length++) {
      const { count, end } = wholeItems(length);
      expect(readRecording(WHOLE.subarray(0, length))).toEqual({
        header: HEADER_READ,
        items: READ.slice(0, count),
        damagedBytes: length - end,
        otherBytes: 0,
      });
    }
  });

  test("with anything else behind its items, as a disk leaves it, it is read up to there", () => {
    for (const tail of [
      new Uint8Array(64),
      new Uint8Array(64).fill(0xff),
      HEADER.slice(0, 9),
      fromHex("a0"),
      fromHex("a1 61 74 01"),
    ]) {
      const cut = readRecording(Buffer.concat([WHOLE, tail]));
      expect(cut).toMatchObject({ items: READ, damagedBytes: tail.length });
    }
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat({ max: WHOLE.length }), (tail, at) => {
        const { count } = wholeItems(at);
        const read = readRecording(Buffer.concat([WHOLE.subarray(0, Math.max(at, HEADER.length)), tail]));
        expect(read?.items.slice(0, count)).toEqual(READ.slice(0, count));
      }),
    );
  });

  test("with any byte of it wrong, it is read or cut, and no error", () => {
    fc.assert(
      fc.property(fc.nat({ max: WHOLE.length - 1 }), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const bytes = Uint8Array.from(WHOLE);
        bytes[at] = (bytes[at] ?? 0) ^ change;
        const read = readRecording(bytes);
        const { count } = wholeItems(at);
        if (at >= HEADER.length) expect(read?.items.slice(0, count)).toEqual(READ.slice(0, count));
      }),
    );
  });

  test("ends where another recording begins", () => {
    expect(readRecording(Buffer.concat([WHOLE, WHOLE]))).toMatchObject({
      items: READ,
      damagedBytes: 0,
      otherBytes: WHOLE.length,
    });
  });

  test("has items whose times do not go back", () => {
    const back = Buffer.concat([HEADER, writer.tick(5), writer.tick(4)]);
    expect(readRecording(back)).toMatchObject({ items: [{ t: 5 }], damagedBytes: writer.tick(4).length });
  });

  test("may have items of a newer version, which are passed over", () => {
    const newer = fromHex("a2 61 74 18 64 63 63 6d 64 64 66 6f 6f 64"); // {t: 100, cmd: "food"}, as far as its text goes
    expect(readRecording(Buffer.concat([HEADER, newer.subarray(0, -1)]))).toMatchObject({
      damagedBytes: newer.length - 1,
    });
    const whole = fromHex("a2 61 74 18 64 63 63 6d 64 63 66 6f 6f");
    expect(readRecording(Buffer.concat([HEADER, whole]))).toMatchObject({
      items: [{ t: 100, is: "unknown" }],
      damagedBytes: 0,
    });
  });

  test.each([
    ["nothing", ""],
    ["text", "7b 22 63 6d 64 22 3a 31 7d"],
    ["a map that is no header", "a1 63 63 6d 64 61 78"],
    ["an item without its end", "bf 61 74 01 ff"],
    ["a map of billions of entries", "bb 00 00 00 ff ff ff ff ff"],
    ["bytes of billions", "a1 61 74 5b 00 00 00 ff ff ff ff ff"],
  ])("%s is no recording", (_name, hex) => {
    expect(readRecording(fromHex(hex))).toBe(undefined);
  });

  test("another version of the format is no recording to this one", () => {
    const other = Buffer.from(HEADER);
    const at = other.indexOf("version") + "version".length;
    other[at] = 2;
    expect(readRecording(other)).toBe(undefined);
  });
});

test("a splitter gives each item once it is whole, however the bytes come", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 60 }), (sizes) => {
      const splitter = new ItemSplitter();
      const items: Uint8Array[] = [];
      let at = 0;
      for (let n = 0; at < WHOLE.length; n++) {
        const size = sizes[n % sizes.length] ?? 1;
        items.push(...splitter.push(WHOLE.subarray(at, at + size)));
        at += size;
      }
      expect(items).toEqual([HEADER, ...ITEMS]);
      expect([splitter.restBytes, splitter.isBroken]).toEqual([0, false]);
    }),
  );
});
