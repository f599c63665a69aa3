/** The room's clock on a page: answers whose way took time, a page's clock that stood still, and no step back. */
import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { BETWEEN_SAMPLES_MS, SAMPLE_EVERY_MS } from "../../src/sdk/clock-sampling.ts";
import { RoomClock } from "../../src/sdk/room-clock.ts";
import { SeededRandom } from "../support/seeded-random.ts";
import { listenersAreThere, openFakePhone } from "../support/fake-phone.ts";

const NOW = 1_700_000_000_000;

describe("the room's clock", () => {
  test("is this device's until the server has told it", () => {
    const clock = new RoomClock();
    expect([clock.isSet, clock.now(5, 77)]).toEqual([false, 77]);
    clock.add({ askedAt: undefined, heardAt: 10, now: NOW });
    expect([clock.isSet, clock.now(12, 77)]).toEqual([true, NOW + 2]);
  });

  test("counts half of the way and back", () => {
    const clock = new RoomClock();
    clock.add({ askedAt: 100, heardAt: 140, now: NOW });
    expect(clock.now(140, 0)).toBe(NOW + 20);
  });

  test("takes the answer of the shortest way", () => {
    const clock = new RoomClock();
    clock.add({ askedAt: 0, heardAt: 10, now: NOW + 5 });
    clock.add({ askedAt: 100, heardAt: 300, now: NOW + 290 }); // asked for 200 ms, and nearly all of them on the way there
    expect(clock.now(300, 0)).toBe(NOW + 300);
    clock.add({ askedAt: 400, heardAt: 404, now: NOW + 405 });
    expect(clock.now(1_404, 0)).toBe(NOW + 1_407);
  });

  test("never goes back, and is put right by little and little", () => {
    const clock = new RoomClock();
    clock.add({ askedAt: 0, heardAt: 200, now: NOW });
    expect(clock.now(200, 0)).toBe(NOW + 100);
    clock.add({ askedAt: 200, heardAt: 202, now: NOW + 111 }); // 10 ms less than was thought
    const shown = [200, 210, 250, 300, 302, 400].map((at) => clock.now(at, 0) - NOW);
    expect(shown.toSorted((one, other) => one - other)).toEqual(shown);
    expect(shown[0]).toBe(100);
    expect(clock.now(500, 0)).toBe(NOW + 410);
  });

  test("is right at once where this page's clock stood still, as while the device sleeps", () => {
    const clock = new RoomClock();
    clock.add({ askedAt: 0, heardAt: 2, now: NOW });
    expect(clock.now(100, 0)).toBe(NOW + 99);
    clock.add({ askedAt: 110, heardAt: 180, now: NOW + 3_600_000 });
    expect(clock.now(180, 0)).toBe(NOW + 3_600_035);
  });

  test("is within half of a way of the server's, whatever the ways there and back take", () => {
    const random = new SeededRandom(19);
    for (let run = 0; run < 200; run++) {
      const clock = new RoomClock();
      let at = random.below(1_000);
      let last = 0;
      const offset = random.below(10_000_000);
      for (let sample = 0; sample < 20; sample++) {
        const [there, back] = [1 + random.below(80), 1 + random.below(80)];
        clock.add({ askedAt: at, heardAt: at + there + back, now: at + there + offset });
        at += there + back + random.below(2_000);
        const now = clock.now(at, 0);
        expect(now).toBeGreaterThanOrEqual(last);
        last = now;
        expect(Math.abs(now - (at + offset))).toBeLessThanOrEqual(81);
      }
    }
  });
});

describe("a phone", () => {
  beforeEach(() => void jest.useFakeTimers({ doNotFake: ["queueMicrotask", "nextTick"] }));
  afterEach(() => void jest.useRealTimers());

  test("P5.9.3 asks a server that tells its time four times, then once a minute, and no more after the end", async () => {
    const { me, network } = await openFakePhone();
    network.socket.end(1006);
    jest.runOnlyPendingTimers();
    network.socket.greet({ now: NOW, player: 3, game: "duck" });
    const asked = (): number => network.socket.sent.filter((frame) => frame === "\0time").length;
    expect([asked(), me.now()]).toEqual([1, NOW]);
    expect(me).toMatchObject({ id: 3, name: "Player 3", room: { name: "duck", code: "BCDF" } });
    jest.advanceTimersByTime(50);
    network.socket.deliver(`\0time {"now":${NOW + 25}}`);
    jest.advanceTimersByTime(BETWEEN_SAMPLES_MS * 5);
    expect(asked()).toBe(4);
    expect([me.now(), me.room.now()]).toEqual(Array(2).fill(NOW + 50 + BETWEEN_SAMPLES_MS * 5));
    for (let second = 0; second < SAMPLE_EVERY_MS / 1_000; second++) {
      network.socket.deliver("\0ack 0"); // the line lives
      jest.advanceTimersByTime(1_000);
    }
    expect(asked()).toBe(5);
    me.close();
    expect(jest.getTimerCount()).toBe(0);
  });

  test("P5.9.3 never asks a server that does not tell its time: it would close the line", async () => {
    const { me, network } = await openFakePhone();
    jest.advanceTimersByTime(SAMPLE_EVERY_MS * 2);
    expect(network.socket.sent).not.toContain("\0time");
    expect(me.now()).toBe(Date.now());
    expect([me.id, me.name, me.room.name]).toEqual([undefined, "", undefined]);
  });

  test("ignores a time that it did not ask for", async () => {
    const { me, network } = await openFakePhone();
    listenersAreThere();
    network.socket.deliver('\0time {"now":5}');
    expect(me.now()).toBe(Date.now());
  });
});
