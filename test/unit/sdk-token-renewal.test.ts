import { afterEach, beforeEach, expect, jest, test } from "@jest/globals";
import { TokenRenewal } from "../../src/sdk/token-renewal.ts";
import type { TokenSource } from "../../src/sdk/token-source.ts";

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

const TOKEN = "a.b.c";

function setUp(source: TokenSource | undefined) {
  const shown: string[] = [];
  const warned: string[] = [];
  const renewal = new TokenRenewal(
    source,
    (token) => shown.push(token),
    (sentence) => warned.push(sentence),
  );
  return { renewal, shown, warned, pass: (ms: number) => jest.advanceTimersByTimeAsync(ms) };
}

test("P5.9.15 a newer token is asked for in the last quarter of the time, and a minute before the end at most", async () => {
  const { renewal, shown, pass } = setUp(() => TOKEN);
  renewal.start(2_000);
  await pass(1_499);
  expect(shown).toEqual([]);
  await pass(1);
  expect(shown).toEqual([TOKEN]);
  renewal.answered({ exp: 1, expires_ms: 3_600_000 });
  await pass(3_539_999);
  expect(shown).toHaveLength(1);
  await pass(1);
  expect(shown).toHaveLength(2);
});

test("P5.9.15 what fails is tried again in what is left, until it is too late", async () => {
  let asked = 0;
  const { renewal, shown, pass } = setUp(() => {
    asked += 1;
    if (asked < 3) throw new Error("The shop is closed.");
    return TOKEN;
  });
  renewal.start(8_000);
  await pass(6_000);
  expect(asked).toBe(1);
  await pass(1_500);
  expect(asked).toBe(2);
  await pass(375);
  expect(shown).toEqual([TOKEN]);
  expect(jest.getTimerCount()).toBe(0);
});

test("P5.9.15 a token that the server does not take is told to the developer, and tried again", async () => {
  const { renewal, shown, warned, pass } = setUp(async () => TOKEN);
  renewal.start(8_000);
  await pass(6_000);
  renewal.answered({ error: "Your token is from another issuer." });
  expect(warned).toEqual(["The server does not take the new token: Your token is from another issuer."]);
  await pass(1_500);
  expect(shown).toHaveLength(2);
});

test("P5.9.15 nothing is asked where the line is down, nor where there is no function, nor where the server says no end", async () => {
  const down = setUp(async () => TOKEN);
  down.renewal.start(2_000);
  await down.pass(1_400);
  down.renewal.stop();
  const text = setUp(TOKEN);
  text.renewal.start(2_000);
  const old = setUp(() => TOKEN);
  old.renewal.start(undefined);
  await down.pass(10_000);
  expect([down.shown, text.shown, old.shown]).toEqual([[], [], []]);
  expect(jest.getTimerCount()).toBe(0);
});

test("P5.9.15 a token that comes when the line is down is not shown", async () => {
  const asked: ((token: string) => void)[] = [];
  const { renewal, shown, pass } = setUp(() => new Promise<string>((resolve) => asked.push(resolve)));
  renewal.start(2_000);
  await pass(1_500);
  renewal.stop();
  for (const give of asked) give(TOKEN);
  await pass(0);
  expect([asked.length, shown]).toEqual([1, []]);
});

test("P5.9.15 a token that counts for years is renewed before a timer would overflow", async () => {
  const { renewal, shown, pass } = setUp(() => TOKEN);
  renewal.start(365 * 86_400_000);
  await pass(2 ** 31 - 2);
  expect(shown).toEqual([]);
  await pass(1);
  expect(shown).toEqual([TOKEN]);
});
