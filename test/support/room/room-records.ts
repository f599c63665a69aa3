/** Records of rooms, any that there may be. */
import * as fc from "../property-testing.ts";
import type { HostRoomRecord, OpenRoomRecord, RoomRecord } from "../../../src/hub/room-record.ts";
import type { SeatRecord } from "../../../src/room/room-snapshot.ts";

const hash = fc.string({ minLength: 1, maxLength: 43 });
const text = fc.string({ unit: "grapheme", maxLength: 40 });
const optional = <Value>(value: fc.Arbitrary<Value>): fc.Arbitrary<Value | undefined> =>
  fc.option(value, { nil: undefined });
const json = fc.jsonValue({ maxDepth: 2 }).map((value) => JSON.stringify(value).slice(0, 4_096));
const code = fc.string({ unit: fc.constantFrom(...Array.from("BCDFGHJKMNPRSTWXZ")), minLength: 4, maxLength: 4 });
const time = fc.nat();
const saved = fc.oneof(fc.string(), fc.uint8Array({ maxLength: 300 }));

const seat: fc.Arbitrary<SeatRecord> = fc.record(
  {
    player: fc.integer({ min: 1, max: 10_000 }),
    sessionHash: hash,
    formerHashes: fc.array(hash, { maxLength: 3 }),
    user: text,
    tokenSessionHash: hash,
    shownSessionHash: hash,
    visitor: text,
    name: text,
    isSpectator: fc.boolean(),
    takenAt: time,
  },
  { requiredKeys: ["player", "isSpectator", "takenAt"] },
);

const seats = fc
  .uniqueArray(seat, { maxLength: 8, selector: ({ player }) => player })
  .map((list) =>
    list.filter(({ sessionHash }, at) => list.findIndex((other) => other.sessionHash === sessionHash) === at),
  );

const base = {
  maxPlayers: fc.nat(),
  meta: optional(json.filter(isJson)),
  isLocked: fc.boolean(),
  bans: fc.array(fc.string({ minLength: 1 }), { maxLength: 5 }),
  hasChangedGame: fc.boolean(),
  lastPlayer: fc.integer({ min: 10_000, max: 2 ** 32 - 1 }),
  openedAt: time,
  address: fc.oneof(fc.constant(""), fc.ipV4(), fc.ipV6()),
  pin: optional(fc.record({ salt: hash, hash })),
};

export const hostRoomRecord: fc.Arbitrary<HostRoomRecord> = fc.record({
  sort: fc.constant("host" as const),
  ...base,
  code,
  name: text,
  joinUrl: optional(fc.webUrl()),
  seats,
  crowd: optional(
    fc.record({
      overflow: fc.constantFrom("refuse" as const, "queue" as const, "audience" as const),
      audience: fc.nat(),
      queue: fc.nat(),
    }),
  ),
  host: fc.record(
    {
      sessionHash: hash,
      user: text,
      tokenSessionHash: hash,
      shownSessionHash: hash,
      encoder: fc.constantFrom("json" as const, "cbor/array" as const, "cbor/string" as const),
      states: fc.constantFrom("full" as const, "delta" as const),
    },
    { requiredKeys: ["sessionHash", "encoder", "states"] },
  ),
  saved: optional(saved),
  savedKeys: fc.array(fc.tuple(fc.oneof(text, fc.constant("__proto__")), saved), { maxLength: 4 }),
});

export const openRoomRecord: fc.Arbitrary<OpenRoomRecord> = fc
  .record({
    sort: fc.constant("open" as const),
    ...base,
    kind: fc.constantFrom("relay", "chess", "big-two"),
    code: optional(code),
    name: fc.string({ unit: fc.constantFrom(...Array.from("abc äö")), minLength: 1, maxLength: 20 }),
    state: optional(json.filter(isJson)),
    isStateLost: fc.boolean(),
    version: fc.nat(),
    members: fc.array(
      fc.record({
        id: fc.string({ minLength: 1 }),
        name: text,
        isOpener: fc.boolean(),
        joinedAt: time,
        meta: fc.constant('{"displayName":"Anna"}'),
        hasEvents: fc.boolean(),
      }),
      { maxLength: 8 },
    ),
    lastGuest: fc.nat(),
    opener: optional(hash),
    history: fc.array(
      fc.record({ from: text, data: fc.uint8Array(), seq: fc.integer({ min: 1, max: 2 ** 40 }), time }),
      {
        maxLength: 4,
      },
    ),
    lastSeq: fc.nat(),
    seats,
  })
  .map(({ seats: taken, members, ...room }) =>
    Object.assign(room, {
      members: taken.flatMap((each, at) => {
        const member = members[at];
        return member === undefined ? [] : { ...member, id: `${at} ${member.id}`, seat: each };
      }),
    }),
  );

export const roomRecord: fc.Arbitrary<RoomRecord> = fc.oneof(hostRoomRecord, openRoomRecord);

function isJson(value: string): boolean {
  try {
    JSON.parse(value);
    return true;
  } catch {
    return false;
  }
}
