import { describe, expect, test } from "@jest/globals";
import { WriteScheduler } from "../../../src/transport/websocket/write-scheduler.ts";
import { unlimitedMemory } from "../../support/room/memory-budget.ts";
import { makeFrame, OPCODE } from "../../support/raw-client.ts";
import { acceptWith } from "../../support/websocket/accept.ts";
import { endOfTurn, FakeStream } from "../../support/websocket/fake-stream.ts";
import { createWriterBench, takeAll } from "../../support/websocket/writer-bench.ts";

const LARGE_BYTES = 65_536;

const ignore = (): void => undefined;

/** Two phones that do not read, and the budget that their queues count in. */
function setUp() {
  const budget = unlimitedMemory();
  const scheduler = new WriteScheduler();
  const phones = [1, 2].map(() => {
    const account = budget.open({ cut() {} });
    const bench = createWriterBench(scheduler, account);
    bench.stream.takesAtOnce = () => false;
    return Object.assign(bench, { account });
  });
  const [first, second] = phones;
  if (first === undefined || second === undefined) throw new Error("There are two.");
  return { budget, phones, first, second };
}

describe("what waits for phones that do not read", () => {
  test("counts in the budget, a large frame for two of them once", async () => {
    const { budget, phones } = setUp();
    const frame = Buffer.alloc(LARGE_BYTES, 1);
    for (let count = 0; count < 3; count++) {
      for (const { writer } of phones) writer.send(OPCODE.binary, frame);
      await endOfTurn();
    }
    expect(phones.map(({ account }) => account.bytes)).toEqual(phones.map(({ writer }) => writer.queued));
    expect(budget.used).toBeLessThan(LARGE_BYTES + 100);
    expect(budget.used).toBeGreaterThanOrEqual(LARGE_BYTES);
  });

  test("counts as what it takes up where its frames are small", async () => {
    const { first } = setUp();
    for (let count = 0; count < 100; count++) first.send(`frame ${count}`);
    await endOfTurn();
    for (let count = 0; count < 100; count++) first.send(`frame ${count}`);
    expect(first.account.bytes).toBe(first.writer.queued);
  });

  test("is given back when it has left", async () => {
    const { budget, first, second } = setUp();
    for (const { writer } of [first, second]) {
      for (const bytes of [100, LARGE_BYTES, 5_000, LARGE_BYTES, 1]) writer.send(OPCODE.binary, Buffer.alloc(bytes, 1));
    }
    await endOfTurn();
    expect(budget.used).toBeGreaterThan(0);
    await takeAll(first.stream);
    expect([first.account.bytes, first.writer.queued]).toEqual([0, 0]);
    await takeAll(second.stream);
    expect(budget.used).toBe(0);
  });

  test("is given back when it is dropped, but for what the stream has", async () => {
    const { first } = setUp();
    first.send("taken");
    for (const bytes of [100, LARGE_BYTES, 5_000]) first.writer.send(OPCODE.binary, Buffer.alloc(bytes, 1));
    await endOfTurn();
    first.writer.dropQueue();
    expect(first.account.bytes).toBe(7);
    await takeAll(first.stream);
    expect([first.account.bytes, first.stream.bytes.toString("latin1")]).toEqual([0, "\x82\x05taken"]);
  });
});

test("a message that has come in part counts in the budget until it is whole", async () => {
  const account = unlimitedMemory().open({ cut() {} });
  const stream = new FakeStream();
  const scheduler = new WriteScheduler();
  const listener = {
    onMessage: ignore,
    onPing: ignore,
    onPong: ignore,
    onClose: ignore,
    onFault: ignore,
    onBytes: ignore,
    onPart: ignore,
    onDrained: ignore,
    onEnd: ignore,
    onSocketClosed: ignore,
  };
  acceptWith({ stream, scheduler, maxPayload: 1_000_000, memory: account })(listener);
  const frame = makeFrame(OPCODE.binary, Buffer.alloc(100_000));
  stream.push(frame.subarray(0, 50_000));
  await endOfTurn();
  expect(account.bytes).toBeGreaterThanOrEqual(50_000);
  expect(account.bytes).toBeLessThan(300_000);
  stream.push(frame.subarray(50_000));
  await endOfTurn();
  expect(account.bytes).toBe(0);
});
