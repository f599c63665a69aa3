/** Requests with an `Idempotency-Key` that come to several nodes. */
import { expect, test } from "@jest/globals";
import { FactSpread } from "../../../src/cluster/spread/fact-spread.ts";
import { Once } from "../../../src/cluster/spread/once.ts";
import { IdempotentAnswers } from "../../../src/http/api/idempotency.ts";
import { RoomUnreachableError } from "../../../src/http/all-rooms/room-unreachable.ts";
import type { ApiAnswer } from "../../../src/http/api/route.ts";
import { CallingNodes } from "../../support/node-calls.ts";
import { FakeClock } from "../../support/room/fake-clock.ts";
import { unlimitedMemory } from "../../support/room/memory-budget.ts";

const REPLAYED = { "Idempotency-Replayed": "true" };

function setUp() {
  const clock = new FakeClock();
  const nodes = new CallingNodes();
  const { directory } = nodes;
  const done: string[] = [];
  const add = () => {
    const calls = nodes.add();
    const self = (): string => calls.id;
    const answers = new IdempotentAnswers({ budget: unlimitedMemory(), now: () => clock.now() });
    const spread = new FactSpread({ calls, nodes: () => directory.nodes(), self, clock, onWrong: () => undefined });
    spread.add(answers);
    void spread.start();
    answers.shareWith({ once: new Once({ directory, self, kind: "once", clock }), calls });
    const once = (key: string, fingerprint = "f", action?: () => Promise<ApiAnswer>): Promise<ApiAnswer> =>
      answers.once(
        "key 1",
        key,
        fingerprint,
        action ??
          (() => {
            done.push(`${calls.id} ${key}`);
            return { status: 200, body: { delivered: done.length } };
          }),
      );
    return { calls, once, spread, answers };
  };
  return { clock, nodes, directory, add, done };
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < 100; turn++) await Promise.resolve();
}

test("P9.1 the same key at another node has the same answer, and is done once", async () => {
  const { add, done } = setUp();
  const [one, two] = [add(), add()];
  expect(await one.once("a")).toEqual({ status: 200, body: { delivered: 1 } });
  expect(await two.once("a")).toEqual({ status: 200, body: { delivered: 1 }, headers: REPLAYED });
  expect(await two.once("a", "other")).toMatchObject({ status: 409 });
  await settle();
  expect(await two.once("a")).toEqual({ status: 200, body: { delivered: 1 }, headers: REPLAYED });
  expect(done).toEqual(["node-1 a"]);
});

test("P9.1 of nodes that are asked at the same moment one does it, and the others wait for its answer", async () => {
  const { add, done } = setUp();
  const nodes = [add(), add(), add()];
  const answers = await Promise.all(nodes.map(({ once }) => once("a")));
  expect(answers.map(({ body }) => body)).toEqual([{ delivered: 1 }, { delivered: 1 }, { delivered: 1 }]);
  expect([done.length, answers.filter(({ headers }) => headers === undefined).length]).toEqual([1, 1]);
});

test("P9.1 what was done is known when its node has died and the directory has forgotten it", async () => {
  const { add, nodes, directory, done } = setUp();
  const [one, two] = [add(), add()];
  await one.once("a");
  await settle();
  nodes.remove(one.calls);
  directory.clear();
  const three = add();
  await three.spread.start();
  for (const { once } of [two, three])
    expect(await once("a")).toMatchObject({ body: { delivered: 1 }, headers: REPLAYED });
  expect(done).toHaveLength(1);
});

test("P9.1 what has failed at one node may be tried at another", async () => {
  const { add } = setUp();
  const [one, two] = [add(), add()];
  const refused = await one.once("a", "f", () => Promise.resolve({ status: 404 }));
  expect(refused).toEqual({ status: 404 });
  const thrown = one.once("b", "f", () => Promise.reject(new Error("It fails.")));
  await expect(thrown).rejects.toThrow("It fails.");
  expect(await two.once("a")).toMatchObject({ status: 200 });
  expect(await two.once("b")).toMatchObject({ status: 200 });
});

test("P9.1 a node that died while it was doing it leaves unknown whether it was done: it is not done again", async () => {
  const { add, nodes, done } = setUp();
  const [one, two] = [add(), add()];
  void one.once("a", "f", () => new Promise(() => undefined));
  await settle();
  nodes.remove(one.calls);
  expect(await two.once("a")).toMatchObject({ status: 503, headers: { "Retry-After": "1" } });
  expect(done).toEqual([]);
});

test("P9.1 nothing is done by a key while the directory is away", async () => {
  const { add, directory, done } = setUp();
  const one = add();
  directory.isThere = false;
  expect(await one.once("a")).toMatchObject({ status: 503, headers: { "Retry-After": "1" } });
  directory.isThere = true;
  expect(await one.once("a")).toMatchObject({ status: 200, body: { delivered: 1 } });
  expect(done).toHaveLength(1);
});

test("P9.1 an answer is kept for a day at every node", async () => {
  const { add, clock, directory } = setUp();
  const [one, two] = [add(), add()];
  await one.once("a");
  await settle();
  clock.pass(86_399_999);
  expect(await two.once("a")).toMatchObject({ headers: REPLAYED });
  clock.pass(1);
  directory.clear();
  expect(await two.once("a")).toEqual({ status: 200, body: { delivered: 2 } });
});

test("P9.1 what may have been done at a room's node is not done again with the same key, at whichever node", async () => {
  const { add, done } = setUp();
  const [one, two] = [add(), add()];
  const unanswered = (): Promise<ApiAnswer> => {
    done.push("said, perhaps");
    return Promise.reject(new RoomUnreachableError("unanswered"));
  };
  for (let tries = 0; tries < 3; tries++) await expect(one.once("a", "f", unanswered)).rejects.toThrow("may have been");
  expect(await two.once("a", "f", unanswered)).toMatchObject({ status: 503 });
  expect(done).toEqual(["said, perhaps"]);
});

test("P9.1 what was not done, since its room's node could not be found out, is done with the same key", async () => {
  const { add, done } = setUp();
  const [one, two] = [add(), add()];
  await expect(one.once("a", "f", () => Promise.reject(new RoomUnreachableError("away")))).rejects.toThrow("cannot");
  expect(await two.once("a")).toMatchObject({ status: 200 });
  expect(done).toEqual(["node-2 a"]);
});
