import { describe, expect, test } from "@jest/globals";
import { encodeCbor } from "../../../src/protocol/cbor-writer.ts";
import { decodeRoomRecord, encodeRoomRecord, MAX_RECORD_BYTES } from "../../../src/hub/room-record-codec.ts";
import type { HostRoomRecord, RoomRecord } from "../../../src/hub/room-record.ts";
import * as fc from "../../support/property-testing.ts";
import { roomRecord } from "../../support/room/room-records.ts";

const RECORD: HostRoomRecord = {
  sort: "host",
  code: "BCDF",
  name: "quiz",
  maxPlayers: 8,
  isLocked: false,
  bans: [],
  hasChangedGame: false,
  lastPlayer: 2,
  openedAt: 1,
  address: "10.0.0.1",
  host: { sessionHash: "tv", encoder: "cbor/array", states: "full" },
  seats: [
    { player: 1, sessionHash: "anna", isSpectator: false, takenAt: 1 },
    { player: 2, isSpectator: false, takenAt: 1 },
  ],
  saved: "round 3",
  savedKeys: [["__proto__", new Uint8Array([1, 2])]],
};

function encoded(record: RoomRecord): Uint8Array {
  const bytes = encodeRoomRecord(record);
  if (!bytes.ok) throw new Error(bytes.failure);
  return bytes.value;
}

/** A record of version 1 with these fields in place of its own. */
function tampered(fields: Record<string, unknown>): Uint8Array {
  return new Uint8Array([1, ...encodeCbor({ ...RECORD, ...fields })]);
}

describe("the record of a room as bytes", () => {
  test("is the same record when it is read", () => {
    fc.assert(
      fc.property(roomRecord, (record) => {
        const read = decodeRoomRecord(encoded(record));
        expect(read.ok ? read.value : read.failure).toEqual(record);
      }),
    );
  });

  test("that are damaged, cut off or foreign are read without a throw, and give a record that is sound or a sentence", () => {
    fc.assert(
      fc.property(roomRecord, fc.nat(), fc.nat(255), fc.nat(), (record, at, value, length) => {
        const bytes = encoded(record);
        const damaged = Uint8Array.from(bytes);
        damaged[at % damaged.length] = value;
        for (const input of [damaged, bytes.subarray(0, length % bytes.length)]) {
          const read = decodeRoomRecord(input);
          if (read.ok) expect(decodeRoomRecord(encoded(read.value))).toEqual(read);
          else expect(read.failure).toMatch(/^The record of a room .*\.$/s);
        }
      }),
    );
    fc.assert(fc.property(fc.uint8Array(), (noise) => void decodeRoomRecord(noise)));
  });

  test("of a newer version are refused with a sentence that names both", () => {
    const newer = encoded(RECORD);
    newer[0] = 2;
    expect(decodeRoomRecord(newer)).toEqual({
      ok: false,
      failure: "The record of a room is of version 2; this server knows versions up to 1.",
    });
  });

  test("may have fields that are not known yet", () => {
    expect(decodeRoomRecord(tampered({ moodOfTheRoom: "merry" }))).toMatchObject({ ok: true, value: RECORD });
  });

  test.each([
    ["another sort", { sort: "island" }, "neither of a host nor of an open room"],
    ["a code of other letters", { code: "abcd" }, "field code is wrong"],
    ["a code of five letters", { code: "BCDFG" }, "field code is wrong"],
    ["no host", { host: undefined }, "field host is wrong"],
    ["a format that is none", { host: { ...RECORD.host, encoder: "xml" } }, "field host.encoder is wrong"],
    ["meta that is no JSON", { meta: "{" }, "field meta is wrong"],
    ["a seat of an id not given yet", { lastPlayer: 1 }, "an id that was not given yet"],
    ["two seats of one id", { seats: [RECORD.seats[0], { ...RECORD.seats[1], player: 1 }] }, "two seats have one id"],
    [
      "two seats of one session",
      { seats: [RECORD.seats[0], { ...RECORD.seats[1], sessionHash: "anna" }] },
      "two seats have one session",
    ],
    ["too large a checkpoint", { saved: "x".repeat(65_537) }, "field saved is wrong"],
    ["a negative time", { openedAt: -1 }, "field openedAt is wrong"],
    ["too many bans", { bans: Array.from({ length: 1_025 }, (_, at) => `ban ${at}`) }, "field bans is wrong"],
  ])("with %s is refused", (_, fields, sentence) => {
    expect(decodeRoomRecord(tampered(fields))).toEqual({ ok: false, failure: expect.stringContaining(sentence) });
  });

  test("never takes a secret into its sentence", () => {
    const read = decodeRoomRecord(tampered({ pin: { salt: "s3cret-salt", hash: 7 } }));
    expect(read).toEqual({ ok: false, failure: "The record of a room is damaged: its field pin.hash is wrong." });
  });

  test("are no more than may be read again", () => {
    const seats = Array.from({ length: 400_000 }, (_, at) => ({
      player: at + 1,
      sessionHash: `session ${at} of a very large room`,
      isSpectator: false,
      takenAt: at,
    }));
    expect(encodeRoomRecord({ ...RECORD, lastPlayer: 400_000, seats })).toEqual({
      ok: false,
      failure: expect.stringContaining(`${MAX_RECORD_BYTES} are allowed`),
    });
  });
});
