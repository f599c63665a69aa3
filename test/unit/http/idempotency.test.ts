import { expect, test } from "@jest/globals";
import { IdempotentAnswers, type IdempotencyOptions } from "../../../src/http/api/idempotency.ts";
import { MemoryBudget } from "../../../src/room/memory-budget.ts";
import { unlimitedMemory } from "../../support/room/memory-budget.ts";

const DAY_MS = 86_400_000;

function answersAt(clock: { ms: number }, budget = unlimitedMemory(), limits: Partial<IdempotencyOptions> = {}) {
  let done = 0;
  const answers = new IdempotentAnswers({ budget, now: () => clock.ms, ...limits });
  return {
    budget,
    answers,
    done: () => done,
    once: (key: string, fingerprint = "f") =>
      answers.once("key 1", key, fingerprint, () => ({ status: 200, body: (done += 1) })),
  };
}

test("P9.1 an answer is kept for a day", async () => {
  const clock = { ms: 0 };
  const { once } = answersAt(clock);
  expect(await once("a")).toEqual({ status: 200, body: 1 });
  clock.ms = DAY_MS - 1;
  expect(await once("a")).toMatchObject({ status: 200, body: 1 });
  clock.ms = DAY_MS;
  expect(await once("a")).toEqual({ status: 200, body: 2 });
});

test("P9.1 so many answers are kept, and the oldest go first", async () => {
  const { once } = answersAt({ ms: 0 }, unlimitedMemory(), { maxAnswers: 2 });
  for (const key of ["a", "b", "c"]) await once(key);
  expect(await once("c")).toMatchObject({ body: 3 });
  expect(await once("b")).toMatchObject({ body: 2 });
  expect(await once("a")).toMatchObject({ body: 4 });
});

test("P9.1 so many bytes are kept, those of the answers' bodies among them, and the oldest go first", async () => {
  const { answers, budget } = answersAt({ ms: 0 }, unlimitedMemory(), { maxBytes: 100_000 });
  let done = 0;
  const once = (key: string, length: number) =>
    answers.once("key 1", key, "f", () => ({ status: 201, body: `${(done += 1)} ${"m".repeat(length)}` }));
  for (const key of ["a", "b"]) await once(key, 5_000);
  expect(budget.used).toBeGreaterThan(10_000);
  await once("c", 10_000);
  expect(budget.used).toBeLessThanOrEqual(100_000);
  expect(String((await once("c", 10_000)).body)).toMatch(/^3 /);
  expect(String((await once("a", 0)).body)).toMatch(/^4 /);
  // One that is too large by itself is not kept at all.
  await once("d", 20_000);
  expect(budget.used).toBe(0);
});

test("P9.1 an action that throws is forgotten, and those that waited for it fail as well", async () => {
  const { answers } = answersAt({ ms: 0 });
  let tries = 0;
  const action = async () => {
    tries += 1;
    if (tries === 1) throw new Error("The first one fails.");
    return { status: 200 };
  };
  const both = [answers.once("p", "k", "f", action), answers.once("p", "k", "f", action)];
  expect((await Promise.allSettled(both)).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  expect(await answers.once("p", "k", "f", action)).toEqual({ status: 200 });
});

test("P9.1 what is kept counts in the budget of the process, which takes the older half where it is used up", async () => {
  const scheduled: (() => void)[] = [];
  const budget = new MemoryBudget({ limit: 10_000, schedule: (action) => void scheduled.push(action) });
  const { once, answers } = answersAt({ ms: 0 }, budget);
  for (let count = 0; count < 20; count++) await once(`key ${count}`);
  expect(budget.used).toBeGreaterThan(10_000);
  for (let next = scheduled.shift(); next !== undefined; next = scheduled.shift()) next();
  expect(budget.used).toBeLessThanOrEqual(12_000);
  expect(await once("key 19")).toMatchObject({ body: 20 });
  expect(await once("key 0")).toMatchObject({ body: 21 });
  answers.close();
  expect(budget.used).toBe(0);
});
