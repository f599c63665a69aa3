import { readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import { ApiKeys } from "../../../src/auth/api-keys.ts";
import { WrongTries } from "../../../src/auth/wrong-tries.ts";

const FIRST = "the-first-key-of-all";
const SECOND = "the-second-key-of-all";

function keysAt(clock: { ms: number }): ApiKeys {
  return new ApiKeys({ keys: [FIRST, SECOND], now: () => clock.ms });
}

describe("keys of the API", () => {
  test("row 9: each key counts, and is told apart; no other text does", () => {
    const keys = keysAt({ ms: 0 });
    expect(keys.judge(FIRST, "192.0.2.1")).toEqual({ is: "right", number: 1 });
    expect(keys.judge(SECOND, "192.0.2.1")).toEqual({ is: "right", number: 2 });
    for (const wrong of ["", "x", `${FIRST} `, FIRST.toUpperCase(), FIRST.slice(1), `${FIRST},${SECOND}`]) {
      expect(keys.judge(wrong, "192.0.2.1")).toEqual({ is: "wrong" });
      expect(keys.has(wrong)).toBe(false);
    }
  });

  test("row 13: the 61st wrong key in a minute is not looked at, nor is the right one, until a minute after the first", () => {
    const clock = { ms: 0 };
    const keys = keysAt(clock);
    for (let count = 0; count < 60; count++) {
      clock.ms += 100;
      expect(keys.judge("wrong", "192.0.2.1")).toEqual({ is: "wrong" });
    }
    expect(keys.judge("wrong", "192.0.2.1")).toEqual({ is: "too_many", retryMs: 54_100 });
    expect(keys.judge(FIRST, "192.0.2.1")).toEqual({ is: "too_many", retryMs: 54_100 });
    expect(keys.judge(FIRST, "192.0.2.2")).toEqual({ is: "right", number: 1 });
    clock.ms = 60_099;
    expect(keys.judge(FIRST, "192.0.2.1")).toMatchObject({ is: "too_many" });
    clock.ms = 60_100;
    expect(keys.judge(FIRST, "192.0.2.1")).toEqual({ is: "right", number: 1 });
    expect(keys.judge("wrong", "192.0.2.1")).toEqual({ is: "wrong" });
    expect(keys.judge(FIRST, "192.0.2.1")).toMatchObject({ is: "too_many", retryMs: 100 });
  });

  test("row 9: they are compared by digest, in constant time", () => {
    const source = readFileSync(new URL("../../../src/auth/api-keys.ts", import.meta.url), "utf8");
    expect(source).toMatch(/timingSafeEqual\(own, digest\)/);
    expect(source).not.toMatch(/\bkey\b === |=== \bkey\b/);
  });
});

describe("wrong tries", () => {
  test("a household's IPv6 addresses count as one, and a site may try four times as often", () => {
    const tries = new WrongTries({ limit: 2, now: () => 0 });
    tries.count("2001:db8:0:1::1");
    tries.count("2001:db8:0:1::2");
    expect(tries.waitFor("2001:db8:0:1::3")).toBe(60_000);
    expect(tries.waitFor("2001:db8:0:2::1")).toBe(0);
    for (let subnet = 256; subnet < 262; subnet++) tries.count(`2001:db8:0:${subnet.toString(16)}::1`);
    expect(tries.waitFor("2001:db8:0:ffff::1")).toBe(60_000);
    expect(tries.waitFor("2001:db8:1:1::1")).toBe(0);
  });

  test("networks that were quiet longest are forgotten", () => {
    const tries = new WrongTries({ limit: 1, maxNetworks: 2, now: () => 0 });
    for (const address of ["192.0.2.1", "192.0.2.2", "192.0.2.3"]) tries.count(address);
    expect(["192.0.2.1", "192.0.2.2", "192.0.2.3"].map((address) => tries.waitFor(address))).toEqual([
      0, 60_000, 60_000,
    ]);
  });
});
