import { expect, test } from "@jest/globals";
import { Revocations, type RevocableToken } from "../../../src/auth/revocations.ts";

const NOON_MS = 1_800_000_000_000;

function setUp(maxTargets = 10) {
  let time = NOON_MS;
  const revocations = new Revocations({ now: () => time, maxTargets });
  return { revocations, pass: (ms: number) => void (time += ms) };
}

/** A token that was signed so many milliseconds after noon. */
const token = (sub: string, afterMs: number | undefined, session_id: string | undefined = "s1"): RevocableToken => ({
  sub,
  session_id,
  iat: afterMs === undefined ? undefined : (NOON_MS + afterMs) / 1_000,
});

test("P9.7 a user's tokens of before count no more, and newer ones do", () => {
  const { revocations } = setUp();
  revocations.revoke({ sub: "ann" });
  expect([-1_000, 0, 1].map((at) => revocations.isRevoked(token("ann", at)))).toEqual([true, true, false]);
  expect(revocations.isRevoked(token("ben", -1_000))).toBe(false);
});

test("P9.7 a session's tokens of before count no more, whoever's they are, and the user's other sessions go on", () => {
  const { revocations } = setUp();
  revocations.revoke({ session_id: "s1" });
  expect(revocations.isRevoked(token("ann", -1))).toBe(true);
  expect(revocations.isRevoked(token("ann", -1, "s2"))).toBe(false);
  expect(revocations.isRevoked({ sub: "s1", session_id: undefined, iat: 1 })).toBe(false);
});

test("P9.7 a token of a revoked user that does not say when it was signed never counts", () => {
  const { revocations } = setUp();
  expect(revocations.isRevoked(token("ann", undefined))).toBe(false);
  revocations.revoke({ sub: "ann" });
  expect(revocations.isRevoked(token("ann", undefined))).toBe(true);
});

test("P9.7 past the limit all tokens as old as what is forgotten count no more, so that forgetting lets none in again", () => {
  const { revocations, pass } = setUp(2);
  revocations.revoke({ sub: "ann" });
  pass(1_000);
  revocations.revoke({ sub: "ben" });
  pass(1_000);
  revocations.revoke({ sub: "cid" });
  expect(revocations.isRevoked(token("ann", -1))).toBe(true);
  expect(revocations.isRevoked(token("dan", -1))).toBe(true);
  expect(revocations.isRevoked(token("dan", undefined))).toBe(true);
  expect(revocations.isRevoked(token("dan", 1))).toBe(false);
  expect(revocations.isRevoked(token("ben", 500))).toBe(true);
});

test("P9.7 listeners hear of each revocation until they are let go", () => {
  const { revocations } = setUp();
  let heard = 0;
  const end = revocations.onRevoke(() => (heard += 1));
  revocations.revoke({ sub: "ann" });
  revocations.revoke({ sub: "ann" });
  end();
  revocations.revoke({ sub: "ann" });
  expect(heard).toBe(2);
});

test("P9.7 a token that was seen and is ahead of the clock was given before, by its user and by its session; a newer one was not", () => {
  for (const target of [{ sub: "ann" }, { session_id: "s1" }]) {
    const { revocations, pass } = setUp();
    revocations.see(token("ann", 2_000));
    revocations.see(token("ann", 1_000));
    revocations.revoke(target);
    expect([1_000, 2_000, 2_001].map((at) => revocations.isRevoked(token("ann", at)))).toEqual([true, true, false]);
    pass(5_000);
    expect(revocations.isRevoked(token("ann", 2_000))).toBe(true);
  }
});

test("P9.7 the clock gets to what was ahead of it, which is then forgotten", () => {
  const { revocations, pass } = setUp();
  revocations.see(token("ann", 2_000));
  pass(2_000);
  revocations.see(token("ben", 0));
  revocations.revoke({ sub: "ann" });
  expect([2_000, 2_001].map((at) => revocations.isRevoked(token("ann", at)))).toEqual([true, false]);
});
