/** What waits for a socket that does not take it. */
import { Duplex } from "node:stream";
import { describe, expect, test } from "@jest/globals";
import { MemoryBudget } from "../../../src/room/memory-budget.ts";
import { SocketWriter } from "../../../src/transport/tcp/socket-writer.ts";

/** A socket that takes what it is given when the test says so. */
function setUp() {
  const taken: Buffer[] = [];
  const waiting: { chunks: Buffer[]; done: () => void }[] = [];
  let isEnded = false;
  const socket = new Duplex({
    read() {},
    write: (chunk: Buffer, _encoding, done) => void waiting.push({ chunks: [chunk], done }),
    writev: (chunks, done) => void waiting.push({ chunks: chunks.map(({ chunk }) => chunk), done }),
    final: (done) => {
      isEnded = true;
      done();
    },
  });
  const budget = new MemoryBudget({ limit: 2 ** 30, schedule: queueMicrotask });
  const told: string[] = [];
  const writer = new SocketWriter(socket, budget.open({ cut: () => {} }), {
    onTaken: () => void told.push("taken"),
    onDrained: () => void told.push("drained"),
  });
  return {
    writer,
    budget,
    told,
    isEnded: () => isEnded,
    text: () => Buffer.concat(taken).toString(),
    /** The socket takes the oldest batch. */
    take: async (): Promise<void> => {
      const batch = waiting.shift();
      taken.push(...(batch?.chunks ?? []));
      batch?.done();
      await turn();
    },
    batches: () => waiting.map(({ chunks }) => Buffer.concat(chunks).toString()),
  };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const frame = (text: string): Uint8Array => new Uint8Array(Buffer.from(text));

describe("the frames of one socket", () => {
  test("those of one turn leave together, and nothing is queued until then", async () => {
    const { writer, batches } = setUp();
    writer.send(frame("one "));
    writer.send(frame("two"));
    expect([writer.queued, writer.isBusy, batches()]).toEqual([0, false, []]);
    await turn();
    expect(batches()).toEqual(["one two"]);
  });

  test("what the socket refuses waits, is counted, and leaves in order", async () => {
    const { writer, budget, told, take, text } = setUp();
    writer.send(frame("one "));
    writer.send(frame("two "));
    await turn();
    writer.send(frame("three "));
    writer.send(frame("four"));
    expect([writer.isBusy, writer.queuedFrames, writer.queued, budget.used]).toEqual([true, 2, 18, 18]);
    while (told.at(-1) !== "drained") await take();
    expect([text(), writer.isBusy, writer.queued, budget.used]).toEqual(["one two three four", false, 0, 0]);
    expect(told.filter((what) => what === "drained")).toHaveLength(1);
  });

  test("a backlog leaves in batches, so that it shows that the peer reads", async () => {
    const { writer, told, take, budget } = setUp();
    for (let count = 0; count < 100; count++) writer.send(new Uint8Array(4_000));
    expect(writer.queuedFrames).toBeGreaterThan(50);
    while (told.at(-1) !== "drained") await take();
    expect(told.filter((what) => what === "taken").length).toBeGreaterThan(10);
    expect(budget.used).toBe(0);
  });

  test("dropping the queue leaves what the socket was given, and the last word comes behind it", async () => {
    const { writer, budget, take, text, isEnded, told } = setUp();
    writer.send(frame("given "));
    await turn();
    writer.send(frame("dropped "));
    writer.dropQueue();
    expect([writer.queuedFrames, budget.used]).toEqual([0, 6]);
    writer.send(frame("last word"));
    writer.end();
    writer.send(frame("too late"));
    expect(isEnded()).toBe(false);
    while (told.at(-1) !== "drained") await take();
    await turn();
    expect([text(), isEnded(), budget.used]).toEqual(["given last word", true, 0]);
  });

  test("an end without anything to write comes at once", async () => {
    const { writer, isEnded } = setUp();
    writer.end();
    writer.end();
    await turn();
    expect(isEnded()).toBe(true);
  });
});
