/** The traffic of the last ten minutes, as the charts of the admin page show it. */
import { expect, test } from "@jest/globals";
import { MAX_SAMPLES, SAMPLE_MS, TrafficHistory } from "../../../src/http/admin/traffic-history.ts";
import { TrafficCounter } from "../../../src/room/traffic.ts";

function history() {
  const clock = { now: 0 };
  const counts = { rooms: 1, players: 2, connections: 3, memory: 4 };
  const all = new TrafficHistory({ now: () => clock.now, wallClock: () => 1e12 + clock.now, counts: () => counts });
  const sample = (): void => {
    clock.now += SAMPLE_MS;
    all.sample();
  };
  return { all, clock, sample };
}

test("row 74: a sample has what passed through all rooms a second since the one before", () => {
  const { all, sample } = history();
  const [one, other] = [new TrafficCounter(), new TrafficCounter()];
  one.countIn(1_000); // before the page watched
  all.roomOpened("BCDF", one);
  all.roomOpened("GHJK", other);
  for (let frame = 0; frame < 10; frame++) one.countIn(100);
  for (let frame = 0; frame < 20; frame++) other.countOut(10);
  sample();
  sample();
  expect(all.samples).toEqual([
    {
      at: 1e12 + SAMPLE_MS,
      framesIn: 5,
      bytesIn: 500,
      framesOut: 10,
      bytesOut: 100,
      rooms: 1,
      players: 2,
      connections: 3,
      memory: 4,
    },
    {
      at: 1e12 + 2 * SAMPLE_MS,
      framesIn: 0,
      bytesIn: 0,
      framesOut: 0,
      bytesOut: 0,
      rooms: 1,
      players: 2,
      connections: 3,
      memory: 4,
    },
  ]);
});

test("row 74: each room has its own rate, both ways together", () => {
  const { all, sample } = history();
  const traffic = new TrafficCounter();
  all.roomOpened("BCDF", traffic);
  traffic.countIn(100);
  traffic.countOut(300);
  sample();
  expect([all.rateOf("BCDF"), all.rateOf("GHJK")]).toEqual([
    { frames: 1, bytes: 200 },
    { frames: 0, bytes: 0 },
  ]);
});

test("row 74: what a room passed on before it closed is in the next sample, once", () => {
  const { all, sample } = history();
  const traffic = new TrafficCounter();
  all.roomOpened("BCDF", traffic);
  for (let frame = 0; frame < 4; frame++) traffic.countIn(1);
  all.roomClosed("BCDF");
  all.roomClosed("BCDF");
  sample();
  sample();
  expect(all.samples.map(({ framesIn }) => framesIn)).toEqual([2, 0]);
});

test("row 74: the last ten minutes are kept, and no more", () => {
  const { all, sample } = history();
  for (let count = 0; count < MAX_SAMPLES + 10; count++) sample();
  expect(MAX_SAMPLES * SAMPLE_MS).toBe(600_000);
  expect(all.samples).toHaveLength(MAX_SAMPLES);
  expect(all.samples[0]?.at).toBe(1e12 + 11 * SAMPLE_MS);
});

test("row 74: two samples in the same millisecond are one", () => {
  const { all, sample } = history();
  sample();
  all.sample();
  expect(all.samples).toHaveLength(1);
});
