import { expect, test } from "@jest/globals";
import { TokenBucket } from "../../../src/protocol/token-bucket.ts";

/** Ten at once, two a second. */
function createBucket(): TokenBucket {
  return new TokenBucket({ size: 10, perSecond: 2 }, 0);
}

test("a bucket is full at first, holds no more than its size, and fills at its rate", () => {
  const bucket = createBucket();
  expect([bucket.refill(60_000), bucket.take(10, 60_000), bucket.take(1, 60_000)]).toEqual([10, true, false]);
  expect([bucket.refill(60_500), bucket.holds(1, 60_500), bucket.holds(2, 60_500)]).toEqual([1, true, false]);
});

test("a bucket that holds anything gives on credit, and none that is in debt does", () => {
  const bucket = createBucket();
  expect([bucket.takeOnCredit(14, 0), bucket.takeOnCredit(1, 0), bucket.takeOnCredit(1, 2_000)]).toEqual([
    true,
    false,
    false,
  ]);
  expect(bucket.takeOnCredit(1, 2_500)).toBe(true);
});

test("a debt grows without end, or to a limit", () => {
  expect([createBucket().spend(1_000, 0), createBucket().spend(1_000, 0, 10)]).toEqual([-990, -10]);
});

test("time that is made up for goes past the size, and stays until it is spent", () => {
  const bucket = createBucket();
  bucket.makeUp(30, 60_000);
  expect(bucket.refill(60_000)).toBe(70);
  bucket.makeUp(30, 61_000);
  expect(bucket.refill(61_000)).toBe(12); // what was left past the size is not made up for twice
  bucket.catchUp(62_000);
  expect([bucket.refill(62_000), bucket.refill(90_000)]).toEqual([14, 14]);
});
