import { EventEmitter, once } from "node:events";
import { afterEach, expect, jest, test } from "@jest/globals";
import { TokenGate } from "../../../src/admission/token-gate.ts";
import { Revocations } from "../../../src/auth/revocations.ts";
import type { VerifiedToken } from "../../../src/auth/token-claims.ts";
import { createTokens, type Tokens } from "../../../src/auth/tokens.ts";
import { failure, success } from "../../../src/protocol/result.ts";
import { handmadeToken, JWT_SECRET } from "../../support/member-client.ts";

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

test("row 28: judgements for one address come in the order in which they were asked for, however long each takes", async () => {
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

test("P6.1 a token whose key has to be fetched does not hold up those of its own address for long", async () => {
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

const neverAnswered = (): Promise<Response> => new Promise(() => undefined);

test("P6.1 a token whose key is never answered for holds up no other address", async () => {
  jest.useFakeTimers();
  const tokens = createTokens({ secret: JWT_SECRET, jwksUrl: "https://id.example/keys", fetch: neverAnswered });
  const gate = new TokenGate({ tokens, guessLimit: 60, now: () => 0 });
  const forged = handmadeToken({ sub: "eve", exp: 9_999_999_999 }, { header: { alg: "RS256", kid: "unknown" } });
  void gate.judge(forged, "198.51.100.1");
  const judged = gate.judge(await tokens.sign({ sub: "ann" }), "192.0.2.1");
  expect(await judged).toMatchObject({ ok: true, value: { sub: "ann" } }); // no timer fires that would end the other's turn
});

test("P6.1 a bug that comes before its turn is told to its caller in its turn", async () => {
  jest.useFakeTimers();
  const tokens = {
    verify: (text: string): ReturnType<Tokens["verify"]> =>
      text === "slow" ? new Promise(() => undefined) : Promise.reject(new Error("a bug")),
  };
  const gate = new TokenGate({ tokens, guessLimit: 60, now: () => 0 });
  void gate.judge("slow", "192.0.2.1");
  const judged = gate.judge("a token", "192.0.2.1");
  const heard = judged.catch((error: unknown) => error);
  await jest.advanceTimersByTimeAsync(500);
  expect(await heard).toEqual(new Error("a bug"));
});

test("row 13: a hundred wrong tokens at once are no more tries than a hundred one after another", async () => {
  const tokens = {
    verify: async (text: string) =>
      text === "right" ? success(CLAIMS) : failure({ reason: "Not signed here.", isForged: true }),
  };
  const gate = new TokenGate({ tokens, guessLimit: 60, now: () => 0 });
  const shown = [...Array<string>(100).fill("wrong"), "right"];
  const judged = await Promise.all(shown.map((token) => gate.judge(token, "192.0.2.1")));
  const names = judged.map((one) => (one.ok ? "let in" : one.failure.name));
  expect(names).toEqual([...Array<string>(60).fill("unauthorized"), ...Array<string>(41).fill("rate_limited")]);
});

test("row 6: a token whose `iat` is ahead of the clock is revoked with those of before", async () => {
  const revocations = new Revocations({ now: () => 1_000_000 });
  const ahead = { ...CLAIMS, iat: 1_002 };
  const gate = new TokenGate({
    tokens: { verify: async () => success(ahead) },
    revocations,
    guessLimit: 60,
    now: () => 0,
  });
  await gate.judge("a token", "192.0.2.1");
  revocations.revoke({ sub: "ann" });
  expect(gate.isRevoked(ahead)).toBe(true);
});
