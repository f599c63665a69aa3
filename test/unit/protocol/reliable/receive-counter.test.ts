import { describe, expect, test } from "@jest/globals";
import { ReceiveCounter } from "../../../../src/protocol/reliable/receive-counter.ts";

function counterAfter(...sizes: readonly number[]): ReceiveCounter {
  const counter = new ReceiveCounter();
  for (const bytes of sizes) counter.add(bytes);
  return counter;
}

const frames = (count: number): number[] => Array.from({ length: count }, () => 1);

describe("frames that were got", () => {
  test("P5.5 are counted from 1, and go on from where a connection says", () => {
    const counter = counterAfter(3, 0);
    expect(counter.count).toBe(2);
    counter.goOnFrom(40);
    counter.add(1);
    expect(counter.count).toBe(41);
  });

  test("P5.5.3 are acknowledged with the next frame from eight on, and by themselves from sixteen on", () => {
    expect([counterAfter(...frames(7)).isDueAlong, counterAfter(...frames(8)).isDueAlong]).toEqual([false, true]);
    expect([counterAfter(...frames(15)).isDue, counterAfter(...frames(16)).isDue]).toEqual([false, true]);
  });

  test("P5.5.3 are acknowledged by themselves from 64 KiB on, in however few frames", () => {
    expect([counterAfter(65_535).isDue, counterAfter(65_535, 1).isDue]).toEqual([false, true]);
  });

  test("P5.5.3 are owed to the other end until it is told, or a connection tells it from the start", () => {
    const counter = counterAfter(...frames(16), 65_536);
    expect(counter.owesAck).toBe(true);
    counter.told();
    expect([counter.owesAck, counter.isDue, counter.isDueAlong, counter.count]).toEqual([false, false, false, 17]);
    for (const bytes of [65_536, ...frames(16)]) counter.add(bytes);
    counter.goOnFrom(5);
    expect([counter.owesAck, counter.isDue, counter.isDueAlong]).toEqual([false, false, false]);
  });
});

describe("frames that the other end lost", () => {
  test("P5.5.5 count as got, are owed no ack, and are told once", () => {
    const counter = counterAfter(1);
    counter.told();
    expect([counter.skip(3), counter.skip(0), counter.skip(2)]).toEqual([true, true, true]);
    expect([counter.count, counter.owesAck]).toEqual([6, false]);
    expect([counter.takeSkipped(), counter.takeSkipped()]).toEqual([5, 0]);
  });

  test("P5.5.6 are not counted beyond what a number holds", () => {
    const counter = counterAfter(1);
    expect(counter.skip(Number.MAX_SAFE_INTEGER)).toBe(false);
    expect(counter.skip(Number.MAX_SAFE_INTEGER - 1)).toBe(true);
    expect([counter.skip(1), counter.count]).toEqual([false, Number.MAX_SAFE_INTEGER]);
  });
});
