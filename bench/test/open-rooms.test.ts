/** How the benchmark lets members into open rooms, and what it makes of what they hear. */
import { describe, expect, jest, test } from "@jest/globals";
import type { Heard } from "../load/conversation.js";
import { assembleOpenRoom } from "../load/open-rooms.js";
import type { PreparedFrame } from "../load/prepared-frame.js";
import { createRelayTraffic } from "../load/relay-traffic.js";
import { websocketWire } from "../load/websocket-wire.js";
import { members as wire } from "../peers/tapaculo/members.js";
import { PEERS } from "../peers/index.js";
import { isAble, trialsOf } from "../run/trials.js";
import { SCENARIOS } from "../scenarios/index.js";

const MASK_AT = 2;
const BODY_AT = 6;

/** What a member says in a frame of the load generator, as the server passes it on. */
function relayed(frame: Buffer, from: number): Buffer {
  const body = frame.subarray(BODY_AT).map((byte, index) => byte ^ frame.readUInt8(MASK_AT + (index & 3)));
  const { data } = JSON.parse(Buffer.from(body).toString());
  return Buffer.from(JSON.stringify({ from: `m${from}`, data }));
}

interface FakeRoom {
  readonly number: number;
  readonly phones: FakeMember[];
}

interface FakeMember {
  readonly number: number;
  readonly room: FakeRoom;
  readonly connection: {
    onMessage: (bytes: Buffer, start: number, end: number, isText: boolean) => void;
    onCut: (reason: string) => void;
    send: (frame: PreparedFrame) => void;
  };
}

/** A room whose server is these lines: what a member sends comes to the others, unless `drop` says that it is lost. */
function createRoom(number: number, perRoom: number, drop: (from: number, to: number) => boolean): FakeRoom {
  const room: FakeRoom = { number, phones: [] };
  function createMember(own: number): FakeMember {
    const connection: FakeMember["connection"] = {
      onMessage: () => {},
      onCut: () => {},
      send({ bytes }) {
        for (const member of room.phones) {
          if (member.number === own || drop(own, member.number)) continue;
          const heard = relayed(bytes, own);
          member.connection.onMessage(heard, 0, heard.length, true);
        }
      },
    };
    return { number: own, room, connection };
  }
  for (let seat = 0; seat < perRoom; seat += 1) room.phones.push(createMember(number * perRoom + seat));
  return room;
}

const scenario = { name: "test", what: "", rooms: 2, phones: 3, relay: { bytes: 24, perSecond: 10 } };

function createTraffic(drop: (from: number, to: number) => boolean = () => false) {
  const traffic = createRelayTraffic({ adapter: { wire: websocketWire, members: wire }, scenario });
  const rooms = [0, 1].map((number) => createRoom(number, scenario.phones, drop));
  traffic.admit(rooms);
  return { traffic, rooms };
}

/** Talks for a second, in which each of the six members sends ten times. */
async function talk(traffic: ReturnType<typeof createRelayTraffic>): Promise<number> {
  jest.useFakeTimers();
  try {
    traffic.start();
    jest.advanceTimersByTime(1000);
    const finished = traffic.finish();
    await jest.advanceTimersByTimeAsync(5000);
    return await finished;
  } finally {
    jest.useRealTimers();
  }
}

describe("the traffic of open rooms", () => {
  test("counts what each member hears from each other, and nothing that is lost where nothing is", async () => {
    const { traffic } = createTraffic();
    expect(await talk(traffic)).toBe(0);
    expect(traffic.delivered).toBe(6 * 10 * 2);
    expect(traffic.streams[0]?.wrong).toBe(0);
  });

  test("counts frames that are lost in between and at the end, and goes on behind them", async () => {
    let count = 0;
    const { traffic } = createTraffic((from, to) => from === 0 && to === 1 && (count += 1) !== 5 && count < 11);
    expect(await talk(traffic)).toBe(9);
    expect(await talk(traffic)).toBe(0);
    expect(traffic.streams[0]?.wrong).toBe(0);
  });

  test.each([
    ["of another room", 3],
    ["of the member itself", 1],
  ])("refuses a frame %s", (_name, from) => {
    const { rooms } = createTraffic();
    const frame = Buffer.from(`{"from":"m${from}","data":"${"x".repeat(24)}"}`);
    expect(() => rooms[0]?.phones[1]?.connection.onMessage(frame, 0, frame.length, true)).toThrow(
      "not one of the others",
    );
  });

  test("notes a sender whom the server names wrongly", () => {
    const { traffic, rooms } = createTraffic();
    const [one, other] = rooms[0]?.phones ?? [];
    const heard = relayed(Buffer.from(frameOf(traffic, one)), 2);
    other?.connection.onMessage(heard, 0, heard.length, true);
    expect(traffic.streams[0]?.problems).toEqual(["member to member: a frame of sender 2 says it is of 0"]);
  });
});

/** The bytes of the next frame that this member sends. */
function frameOf(traffic: ReturnType<typeof createRelayTraffic>, member: FakeMember | undefined): Buffer {
  let sent: Buffer | undefined;
  if (member !== undefined) member.connection.send = ({ bytes }) => void (sent ??= Buffer.from(bytes));
  jest.useFakeTimers();
  traffic.start();
  jest.advanceTimersByTime(200);
  jest.useRealTimers();
  if (sent === undefined) throw new Error("The member has sent nothing.");
  return sent;
}

test("a newcomer to an open room is let in once those before it have heard its hello", async () => {
  const events: string[] = [];
  const adapter = {
    ...wire,
    join: (_open: unknown, room: { number: number }, number: number) => {
      events.push(`${number} joins ${room.number}`);
      const conversation = {
        until<T>(read: (frame: Heard) => T | undefined): Promise<T> {
          const found = read({ bytes: Buffer.from(`{"from":"m${number + 1}","data":"hello"}`), isText: true });
          if (found === undefined) return Promise.reject(new Error("The hello was not recognised."));
          events.push(`${number} has heard ${number + 1}`);
          return Promise.resolve(found);
        },
      };
      return Promise.resolve({ connection: { say: () => events.push(`${number} says hello`), conversation } });
    },
  };
  const { phones } = await assembleOpenRoom(adapter, () => {}, 4, 2, []);
  expect(phones).toMatchObject([{ number: 8 }, { number: 9 }]);
  expect(events).toEqual(["8 joins 4", "8 says hello", "9 joins 4", "9 says hello", "8 has heard 9"]);
});

test("peers without hosts are in the relay alone, where Tapaculo without Nagle's algorithm counts as 1", () => {
  const scenarios = SCENARIOS.filter(({ name }) => ["echo", "relay"].includes(name));
  const peers = PEERS.filter(({ name }) => ["couchwire", "naive", "tapaculo", "tapaculo-nodelay"].includes(name));
  const trials = trialsOf({ scenarios, peers, repetitions: 1 });
  expect(
    trials.map(({ scenario: { name }, base, entries }) => [name, base, entries.map(({ label }) => label)]),
  ).toEqual([
    ["echo", "naive", ["couchwire", "naive"]],
    ["relay", "tapaculo-nodelay", ["couchwire", "tapaculo", "tapaculo-nodelay"]],
  ]);
  expect(isAble({ can: [], isHostless: true }, { relay: { bytes: 24, perSecond: 20 } })).toBe(true);
});
