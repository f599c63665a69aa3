import { describe, expect, test } from "@jest/globals";
import { decode as decodeWithCborg, encode as encodeWithCborg } from "cborg";
import * as fc from "../../support/property-testing.ts";
import { budget } from "../../support/seeded-random.ts";
import { ERROR_CODES, type ErrorCode } from "../../../src/protocol/error-codes.ts";
import type { RoomEvent } from "../../../src/protocol/events.ts";
import { createHostEncoder } from "../../../src/session/host-encoder.ts";
import { textUpTo, toHex, uint32 } from "../protocol/cbor-shapes.ts";

const asArray = createHostEncoder("cbor", "array");
const asString = createHostEncoder("cbor", "string");
const asJson = createHostEncoder("json", "array");
const encoders = [asArray, asString, asJson];

const utf8 = new TextEncoder();
const fromUtf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function isErrorCode(name: string): name is ErrorCode {
  return name in ERROR_CODES;
}

const errorCodes = fc.constantFrom(...Object.keys(ERROR_CODES).filter(isErrorCode));
const events: fc.Arbitrary<RoomEvent> = fc.oneof(
  fc.record({
    cmd: fc.constant("state" as const),
    name: textUpTo(200),
    players: fc.array(uint32(), { maxLength: 300 }),
    max_players: uint32(),
    accept_conns: fc.boolean(),
  }),
  fc.record({ cmd: fc.constant("prepare_reply" as const), key: fc.string({ minLength: 4, maxLength: 4 }) }),
  fc.record({ cmd: fc.constantFrom("player_joined" as const, "player_left" as const), player: uint32() }),
  fc.record({ cmd: fc.constant("player_joined" as const), player: uint32(), name: textUpTo(64) }),
  fc.record({ cmd: fc.constant("error" as const), reason: textUpTo(200), code: errorCodes }),
  fc.record({ cmd: fc.constant("error" as const), reason: textUpTo(200), code: errorCodes, in: textUpTo(32) }),
);

function hex(spaced: string): string {
  return spaced.replaceAll(" ", "");
}

/** Strict: no tags, nothing behind the item, shortest heads, no doubles, definite lengths. */
function strictlyDecoded(frame: Uint8Array): unknown {
  return decodeWithCborg(frame, { strict: true, allowIndefinite: false, rejectDuplicateMapKeys: true });
}

/** The other library drops a byte order mark where text begins; that the mark is written, the bytes show. */
function asCborgReads(fields: object): object {
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]: [string, unknown]) => [
      key,
      typeof value === "string" ? value.replace(/^\u{feff}/u, "") : value,
    ]),
  );
}

function jsonOf(frame: Uint8Array): unknown {
  return JSON.parse(fromUtf8.decode(frame));
}

describe("a frame to the host in CBOR", () => {
  test("P2.8 state, byte for byte as WMBP has it (C1)", () => {
    const frame = asArray.event({ cmd: "state", name: "test", players: [2], max_players: 8, accept_conns: true });
    expect(toHex(frame)).toBe(
      hex(
        "a5 63636d64 657374617465 646e616d65 6474657374 67706c6179657273 8102 6b6d61785f706c6179657273 08 6c6163636570745f636f6e6e73 f5",
      ),
    );
  });

  test("P2.2 prepare_reply, byte for byte as WMBP has it (C1)", () => {
    const frame = asArray.event({ cmd: "prepare_reply", key: "ROOM" });
    expect(toHex(frame)).toBe(hex("a2 63636d64 6d707265706172655f7265706c79 636b6579 64524f4f4d"));
  });

  test("P2.9 player_joined, byte for byte as WMBP has it (C1)", () => {
    const frame = asArray.event({ cmd: "player_joined", player: 12 });
    expect(toHex(frame)).toBe(hex("a2 63636d64 6d706c617965725f6a6f696e6564 66706c61796572 0c"));
  });

  test("P2.10 player_left, in WMBP's order of fields (C1)", () => {
    const frame = asArray.event({ cmd: "player_left", player: 300 });
    expect(toHex(frame)).toBe(hex("a2 63636d64 6b706c617965725f6c656674 66706c61796572 19012c"));
  });

  test("P2.11 from, byte for byte as WMBP has it (C1), and with a byte string on request", () => {
    const data = Uint8Array.of(1, 2, 200);
    const head = hex("a3 63636d64 6466726f6d 6466726f6d 02 6464617461");
    expect(toHex(asArray.seat(2).frame(data, false))).toBe(`${head}${hex("83 01 02 18c8")}`);
    expect(toHex(asString.seat(2).frame(data, false))).toBe(`${head}${hex("43 01 02 c8")}`);
  });

  test("P2.12 from_str, byte for byte as WMBP has it (C1)", () => {
    for (const encoder of [asArray, asString]) {
      expect(toHex(encoder.seat(5).frame(utf8.encode("hi"), true))).toBe(
        hex("a3 63636d64 6866726f6d5f737472 6466726f6d 05 6464617461 626869"),
      );
    }
  });

  test("P2.13 error, WMBP's bytes (C1) first and then its code and command", () => {
    const frame = asArray.event({ cmd: "error", reason: "Invalid message.", code: "invalid_field", in: "kick" });
    expect(toHex(frame)).toBe(
      hex(
        "a4 63636d64 656572726f72 66726561736f6e 70496e76616c6964206d6573736167652e 64636f6465 6d696e76616c69645f6669656c64 62696e 646b69636b",
      ),
    );
  });

  test("P2 decodes to the event with another library that is strict: no tag, no byte behind it, shortest heads", () => {
    fc.assert(
      fc.property(events, (event) => {
        const frame = asArray.event(event);
        expect(strictlyDecoded(frame)).toEqual(asCborgReads(event));
        // Without sorting its keys, the other library writes the very same bytes: so order and heads are right.
        expect(toHex(frame)).toBe(toHex(encodeWithCborg(event, { mapSorter: () => 0 })));
        expect(frame[2]).toBe(0x63); // "cmd" comes first
      }),
      { numRuns: budget(500) },
    );
  });

  test("P2.11 decodes to the player's bytes, as integers or as a string, whatever player and length", () => {
    fc.assert(
      fc.property(uint32(), fc.uint8Array({ maxLength: 400 }), (player, data) => {
        expect(strictlyDecoded(asArray.seat(player).frame(data, false))).toEqual({
          cmd: "from",
          from: player,
          data: [...data],
        });
        expect(strictlyDecoded(asString.seat(player).frame(data, false))).toEqual({ cmd: "from", from: player, data });
      }),
    );
  });

  test("P2.12 decodes to the player's text, whatever player and length", () => {
    fc.assert(
      fc.property(uint32(), textUpTo(400), (player, data) => {
        const frame = asArray.seat(player).frame(utf8.encode(data), true);
        expect(strictlyDecoded(frame)).toEqual(asCborgReads({ cmd: "from_str", from: player, data }));
        expect(toHex(frame)).toMatch(new RegExp(`${toHex(utf8.encode(data))}$`));
      }),
    );
  });

  test.each([0, 1, 23, 24, 255, 256, 65_535, 65_536, 100_000])("P2.11 has the right head for %d bytes", (length) => {
    const data = new Uint8Array(length).map((_byte, index) => index * 7);
    for (const encoder of [asArray, asString]) {
      const expected = encodeWithCborg(
        { cmd: "from", from: 9, data: encoder === asArray ? [...data] : data },
        { mapSorter: () => 0 },
      );
      expect(Buffer.compare(encoder.seat(9).frame(data, false), expected)).toBe(0);
    }
  });
});

describe("a frame to the host in JSON", () => {
  test("P5.1 is the event as JSON, with its fields in the same order", () => {
    fc.assert(
      fc.property(events, (event) => {
        const frame = asJson.event(event);
        expect(jsonOf(frame)).toEqual(event);
        expect(fromUtf8.decode(frame)).toBe(JSON.stringify(event));
      }),
    );
  });

  test("P5.1 has bytes as a list of integers, whatever `bytes` asks for", () => {
    fc.assert(
      fc.property(uint32(), fc.uint8Array({ maxLength: 300 }), (player, data) => {
        for (const bytes of ["array", "string"] as const) {
          const frame = createHostEncoder("json", bytes).seat(player).frame(data, false);
          expect(jsonOf(frame)).toEqual({ cmd: "from", from: player, data: [...data] });
        }
      }),
    );
  });

  test("P5.1 has a player's text unchanged: quotes, controls, byte order marks and characters outside the BMP", () => {
    fc.assert(
      fc.property(uint32(), textUpTo(300), (player, data) => {
        expect(jsonOf(asJson.seat(player).frame(utf8.encode(data), true))).toEqual({
          cmd: "from_str",
          from: player,
          data,
        });
      }),
    );
  });
});

describe("a host's encoder", () => {
  test("tells whether its frames are text", () => {
    expect(encoders.map(({ isText }) => isText)).toEqual([false, false, true]);
  });

  test("keeps the frames of two seats apart, in whatever order they speak", () => {
    for (const encoder of [asArray, asString]) {
      const [first, second] = [encoder.seat(1), encoder.seat(70_000)];
      const frames = [
        first.frame(utf8.encode("a"), true),
        second.frame(Uint8Array.of(1), false),
        first.frame(Uint8Array.of(2), false),
      ];
      expect(frames.map((frame) => strictlyDecoded(frame))).toMatchObject([{ from: 1 }, { from: 70_000 }, { from: 1 }]);
    }
  });

  test("never writes into a frame that it has given out, nor into the player's bytes", () => {
    const data = Uint8Array.of(1, 2, 3);
    for (const encoder of encoders) {
      const seat = encoder.seat(1);
      const given = [
        seat.frame(data, false),
        seat.frame(utf8.encode("abc"), true),
        encoder.event({ cmd: "player_joined", player: 1 }),
      ];
      const copies = given.map((frame) => toHex(frame));
      for (let count = 0; count < 2_000; count++) {
        seat.frame(Uint8Array.of(9, 9, 9), false);
        seat.frame(utf8.encode("zzz"), true);
        encoder.event({ cmd: "error", reason: "x".repeat(100), code: "invalid_message" });
      }
      data.fill(0);
      expect(given.map((frame) => toHex(frame))).toEqual(copies);
      data.set([1, 2, 3]);
    }
  });
});
