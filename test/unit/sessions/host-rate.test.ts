import { describe, expect, test } from "@jest/globals";
import { array, assert, integer, nat, property } from "../../support/property-testing.ts";
import { commandCost, HostThrottle } from "../../../src/session/host-throttle.ts";
import { unlimitedMemory } from "../../support/room/memory-budget.ts";
import { FakeClock } from "../../support/room/fake-clock.ts";
import type { HostNews } from "../../support/host-client.ts";
import { bytes, FakePort } from "../../support/room/fake-port.ts";
import { FakeRoom } from "../../support/room/fake-room.ts";

const RATES = { hostRate: 100, hostBurst: 20 };

/** The host says so many numbered texts to everybody, all in one read. */
function sayNumbers(room: FakeRoom, from: number, count: number): void {
  for (let number = from; number < from + count; number++) {
    const frame = JSON.stringify({ cmd: "to_str", to: [], data: String(number) });
    room.hostConnection.message(bytes(frame), true);
  }
}

function numbers(from: number, count: number): string[] {
  return Array.from({ length: count }, (_number, index) => String(from + index));
}

function rateErrors(events: readonly HostNews[]): HostNews[] {
  return events.filter(({ code }) => code === "rate_limited");
}

describe("a host that says too much", () => {
  test("P5.9.4 is told so, is not read until it may go on, and nothing of it is lost or out of order", () => {
    const room = FakeRoom.open(RATES);
    const phone = room.join();
    room.heard();
    sayNumbers(room, 1, 100);
    expect(room.hostPort.isPaused).toBe(true);
    expect(rateErrors(room.heard())).toEqual([
      { cmd: "error", code: "rate_limited", reason: expect.stringMatching(/more than a host may say/) },
    ]);
    expect(phone.port.take()).toEqual(numbers(1, 21)); // the one that went too far is followed, the rest waits
    room.clock.pass(10_000);
    expect(room.hostPort.isPaused).toBe(false);
    expect(phone.port.take()).toEqual(numbers(22, 79));
    expect(room.hostPort.closing).toBeUndefined();
  });

  test("P5.9.4 is told once a second at most", () => {
    const room = FakeRoom.open(RATES);
    room.join();
    room.heard();
    sayNumbers(room, 1, 1_000);
    for (let second = 0; second < 5; second++) {
      room.clock.pass(1_000);
      expect(rateErrors(room.heard()).length).toBeLessThanOrEqual(second === 0 ? 2 : 1);
    }
  });

  test("P5.9.4 that stops its room with one command too many is closed, and nothing is scheduled for it any more", () => {
    const room = FakeRoom.open(RATES);
    sayNumbers(room, 1, 20);
    room.hostConnection.message(bytes(JSON.stringify({ cmd: "stop" })), true);
    expect([room.hostPort.closing?.name, room.hostPort.isPaused, room.clock.pending]).toEqual([
      "room_closed",
      false,
      0,
    ]);
  });

  test("P5.9.4 may say as much as its rate, for as long as it likes", () => {
    const room = FakeRoom.open(RATES);
    const phone = room.join();
    room.heard();
    for (let tick = 0; tick < 600; tick++) {
      sayNumbers(room, tick, 1);
      room.clock.pass(10);
    }
    expect(phone.port.take()).toHaveLength(600);
    expect(rateErrors(room.heard())).toEqual([]);
  });

  test("P5.9.4 without a limit is never told, and never waits", () => {
    const room = FakeRoom.open({ hostRate: 0 });
    const phone = room.join();
    room.heard();
    sayNumbers(room, 1, 10_000);
    expect(phone.port.take()).toHaveLength(10_000);
    expect(rateErrors(room.heard())).toEqual([]);
    expect(room.clock.pending).toBe(0);
  });

  test("P5.9.4 stays held back on a new line, and what it numbers is not counted as received before its turn", () => {
    const request = { isReliable: true, sessionHash: "tv" } as const;
    const room = new FakeRoom(RATES, request);
    const { hello } = room.hostPort.read();
    room.tell({ cmd: "prepare", max_players: 8, name: "sketch" });
    const phone = room.join();
    sayNumbers(room, 1, 100);
    room.hostGone();
    expect(room.hostBack({ ...request, received: 0, epoch: hello?.epoch })).toBe(true);
    expect(room.hostPort.isPaused).toBe(true);
    const received = room.hostPort.read().hello?.received ?? 0;
    expect(phone.port.take()).toEqual(numbers(1, received));
    room.clock.pass(1_000);
    expect(room.hostPort.isPaused).toBe(false);
    sayNumbers(room, received + 1, 10); // a page sends again what the server has not got
    expect(phone.port.take()).toEqual(numbers(received + 1, 10));
  });

  test("P5.9.4 leaves nothing behind when its room ends while it is held back", () => {
    const room = FakeRoom.open(RATES);
    sayNumbers(room, 1, 100);
    room.room.command({ cmd: "stop" });
    expect(room.clock.pending).toBe(0);
    expect(room.isForgotten).toBe(true);
  });

  test("P5.9.4 its frames keep their order whenever they come, and the rate holds in the long run", () => {
    const bursts = array(nat(60), { maxLength: 30 });
    assert(
      property(bursts, integer({ min: 1, max: 200 }), integer({ min: 1, max: 50 }), (script, hostRate, hostBurst) => {
        const clock = new FakeClock();
        const port = new FakePort();
        const followed: number[] = [];
        let counted = 0;
        const throttle: HostThrottle = new HostThrottle({
          rates: { hostRate, hostBurst },
          clock,
          follow: (frame) => {
            followed.push(Number(new TextDecoder().decode(frame)));
            throttle.charge(1);
          },
          warn: () => {},
          count: (count) => (counted += count),
        });
        throttle.attach(port, false);
        const startedAt = clock.now();
        let said = 0;
        for (const burst of script) {
          for (let count = 0; count < burst; count++) throttle.receive(bytes(String(said++)), true);
          const most = hostBurst + ((clock.now() - startedAt) * hostRate) / 1_000 + script.length + 1;
          expect(followed.length).toBeLessThanOrEqual(most);
          clock.pass(100);
        }
        clock.pass(1_000_000);
        expect(followed).toEqual(Array.from({ length: said }, (_frame, index) => index));
        expect(port.isPaused).toBe(false);
        expect(clock.pending).toBe(0);
        expect(counted).toBe(0);
      }),
    );
  });

  test("P5.9.4 a frame of many items costs as many commands as are read in its time, whatever the items are for", () => {
    const except = { cmd: "to", to: [1], data: new Uint8Array(1), except: Array<number>(4_096).fill(0) } as const;
    expect(commandCost(8_234, except, 250)).toBe(9);
    expect(commandCost(16_007, undefined, 0)).toBe(16); // a name of a command in 16,000 chunks
    expect(commandCost(4_194_304, undefined, 0)).toBe(4_353);
    // Old hosts write data as a list of integers of one or two bytes each.
    expect(commandCost(8_200, { cmd: "to", to: [1], data: new Uint8Array(4_096) }, 1)).toBe(1);
  });

  test("P5.9.4 what waits counts as memory: thousands of tiny frames that one read has brought take up little more than the read", () => {
    const clock = new FakeClock();
    let [counted, followed] = [0, 0];
    const throttle: HostThrottle = new HostThrottle({
      rates: { hostRate: 100, hostBurst: 1 },
      clock,
      follow: () => {
        followed += 1;
        throttle.charge(1);
      },
      warn: () => {},
      count: (count) => (counted += count),
    });
    throttle.attach(new FakePort(), false);
    for (let count = 0; count < 8_000; count++) throttle.receive(bytes("{}"), true);
    expect(counted).toBeGreaterThan(8_000 * 2);
    expect(counted).toBeLessThan(8_000 * 16);
    clock.pass(1_000_000);
    expect([followed, counted]).toEqual([8_000, 0]);
    throttle.close();
  });

  test("P5.9.4 a frame that waits and meets a bug ends its connection, as one that is followed at once does", () => {
    const clock = new FakeClock();
    const port = new FakePort();
    let counted = 0;
    const throttle: HostThrottle = new HostThrottle({
      rates: { hostRate: 100, hostBurst: 1 },
      clock,
      follow: (frame) => {
        if (frame.length === 1) throw new Error("a bug");
        throttle.charge(2);
      },
      warn: () => {},
      count: (count) => (counted += count),
    });
    throttle.attach(port, false);
    for (const frame of ["{}", "?", "{}"]) throttle.receive(bytes(frame), true);
    expect(() => clock.pass(1_000)).toThrow("a bug");
    expect([port.closing?.name, counted, clock.pending]).toEqual(["internal_error", 0, 0]);
  });

  test("P5.9.4 what waits is given back when the room ends", () => {
    const budget = unlimitedMemory();
    const room = FakeRoom.open(RATES, undefined, 8, budget);
    sayNumbers(room, 1, 1_000);
    expect(budget.used).toBeGreaterThan(0);
    room.room.command({ cmd: "stop" });
    expect(budget.used).toBe(0);
  });

  test("P5.9.4 a frame to many, and a long one, count as several; a game at 60 Hz with 250 phones is far from the limit", () => {
    const to = { cmd: "to", data: new Uint8Array(1) } as const;
    expect(commandCost(400, { ...to, to: [1] }, 250)).toBe(1);
    expect(commandCost(400, { ...to, to: "everybody" }, 8)).toBe(1);
    expect(commandCost(9_000, { ...to, to: Array<number>(4_096).fill(1) }, 1)).toBe(265);
    expect(commandCost(4_194_304, { ...to, to: [1], data: new Uint8Array(4_194_240) }, 1)).toBe(257);
    expect(60 * commandCost(1_000, { ...to, to: "everybody" }, 250)).toBeLessThanOrEqual(1_000);
  });
});

describe("reports of the players' health", () => {
  test("P5.3.7 come once a second at most, however often they are asked for, and so do the pings for them", () => {
    const room = FakeRoom.open();
    const phone = room.join();
    room.heard();
    const reports = (): number => room.heard().filter(({ cmd }) => cmd === "health").length;
    for (let count = 0; count < 5_000; count++) room.room.command({ cmd: "health", every: (count % 2) + 1 });
    expect([reports(), phone.port.probes]).toEqual([1, 1]);
    for (let count = 0; count < 100; count++) {
      room.room.command({ cmd: "health", every: 0 });
      room.room.command({ cmd: "health", every: 1 });
      room.clock.pass(50);
    }
    expect([reports(), phone.port.probes]).toEqual([5, 6]);
    room.room.command({ cmd: "health", every: 0 });
    room.clock.pass(10_000);
    expect(reports()).toBe(0);
  });
});
