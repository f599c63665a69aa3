import { EventEmitter, once } from "node:events";
import { afterEach, expect, jest, test } from "@jest/globals";
import { TokenGate } from "../../../src/admission/token-gate.ts";
import { Revocations } from "../../../src/auth/revocations.ts";
import type { VerifiedToken } from "../../../src/auth/token-claims.ts";
import type { Tokens } from "../../../src/auth/tokens.ts";
import { failure, success } from "../../../src/protocol/result.ts";

afterEach(() => void jest.useRealTimers());

const CLAIMS: VerifiedToken = {
  sub: "ann",
  room: "lobby",
  session_id: "s",
  name: undefined,
  role: undefined,
  channels: [],
  publish: [],
  exp: 1,
  expiresAt: 1,
  iat: 1,
};

test("row 28: judgements come in the order in which they were asked for, however long each takes", async () => {
  const answers: (() => void)[] = [];
  const tokens: Tokens = {
    sign: async () => "",
    verify: (sub) =>
      new Promise((resolve) => {
        const claims = { ...CLAIMS, sub };
        answers.push(() => resolve(success(claims)));
      }),
  };
  const gate = new TokenGate({ tokens, guessLimit: 60, now: () => 0 });
  const order: string[] = [];
  const judged = ["ann", "ben", "cid"].map(async (sub) => {
    await gate.judge(sub, "192.0.2.1");
    order.push(sub);
  });
  for (const answer of answers.toReversed()) answer();
  await Promise.all(judged);
  expect(order).toEqual(["ann", "ben", "cid"]);
});

test("row 6: a token that has been revoked does not count, however good its signature is", async () => {
  const revocations = new Revocations();
  const tokens = { verify: async () => success(CLAIMS) };
  const gate = new TokenGate({ tokens, revocations, guessLimit: 60, now: () => 0 });
  expect(await gate.judge("a token", "192.0.2.1")).toMatchObject({ ok: true });
  revocations.revoke({ session_id: "s" });
  expect(await gate.judge("a token", "192.0.2.1")).toEqual({
    ok: false,
    failure: { name: "unauthorized", reason: "Your token has been revoked." },
  });
});

test("P6.1 a token that cannot be judged now is no wrong one: its peer is to come back", async () => {
  const tokens = { verify: async () => failure({ reason: "Not now.", isForged: false, isTemporary: true }) };
  const gate = new TokenGate({ tokens, guessLimit: 1, now: () => 0 });
  for (let count = 0; count < 3; count++)
    expect(await gate.judge("a token", "192.0.2.1")).toMatchObject({ failure: { name: "overloaded" } });
});

test("P6.1 a token whose key has to be fetched does not hold up the others for long", async () => {
  jest.useFakeTimers();
  const provider = new EventEmitter();
  const tokens = {
    verify: async (sub: string) => {
      if (sub === "ann") await once(provider, "keys");
      return success({ ...CLAIMS, sub });
    },
  };
  const gate = new TokenGate({ tokens, guessLimit: 60, now: () => 0 });
  const order: string[] = [];
  const judged = ["ann", "ben"].map(async (sub) => {
    await gate.judge(sub, "192.0.2.1");
    order.push(sub);
  });
  await jest.advanceTimersByTimeAsync(499);
  expect(order).toEqual([]);
  await jest.advanceTimersByTimeAsync(1);
  expect(order).toEqual(["ben"]);
  provider.emit("keys");
  await Promise.all(judged);
  expect([order, jest.getTimerCount()]).toEqual([["ben", "ann"], 0]);
});
