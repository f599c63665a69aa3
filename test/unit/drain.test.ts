/** The time between the order to stop and the end, on a clock of the test's own. */
import { beforeEach, describe, expect, test } from "@jest/globals";
import { Drain } from "../../src/drain.ts";
import { FakeClock } from "../support/room/fake-clock.ts";

let clock: FakeClock;
let rooms: number;
let drain: Drain;
/** What has come to its end, in order. */
let ended: string[];

beforeEach(() => {
  clock = new FakeClock();
  rooms = 0;
  drain = new Drain({ clock, runningRooms: () => rooms });
  ended = [];
});

/** Waits for the end, and says whether it has come. */
async function wait(name: string, ms: number): Promise<void> {
  void drain.wait(ms).then(() => ended.push(name));
  await settle();
}

async function pass(ms: number): Promise<string[]> {
  clock.pass(ms);
  await settle();
  return ended;
}

/** Lets promises that are resolved tell of it. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await Promise.resolve();
}

describe("row 97: a server that is told to stop", () => {
  test("ends at once where no room is being played", async () => {
    expect(drain.hasBegun).toBe(false);
    await wait("first", 8_000);
    expect(ended).toEqual(["first"]);
    expect([drain.hasBegun, clock.pending]).toEqual([true, 0]);
  });

  test("ends at once without any time, however many rooms are being played", async () => {
    rooms = 20;
    await wait("first", 0);
    expect(ended).toEqual(["first"]);
  });

  test("ends as soon as the last room is over", async () => {
    rooms = 2;
    await wait("first", 8_000);
    expect(await pass(3_000)).toEqual([]);
    rooms = 1;
    expect(await pass(1_000)).toEqual([]);
    rooms = 0;
    expect(await pass(100)).toEqual(["first"]);
    expect(clock.pending).toBe(0);
  });

  test("ends when the time is over, and not before", async () => {
    rooms = 1;
    await wait("first", 8_050);
    expect(await pass(8_049)).toEqual([]);
    expect(await pass(1)).toEqual(["first"]);
    expect(clock.pending).toBe(0);
  });

  test("is hurried by a second order, and not held up by a later one", async () => {
    rooms = 1;
    await wait("first", 8_000);
    await pass(1_000);
    await wait("second", 60_000);
    expect(await pass(6_999)).toEqual([]);
    await wait("third", 0);
    expect(ended).toEqual(["first", "second", "third"]);
    expect(clock.pending).toBe(0);
  });
});
