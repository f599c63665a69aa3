import { expect, test } from "@jest/globals";
import { BusChannels } from "../../../../src/cluster/channels/bus-channels.ts";
import { memoryBus } from "../../../../src/cluster/memory/memory-bus.ts";
import type { Bus } from "../../../../src/cluster/ports.ts";
import { onTestEnd } from "../../../support/clean-up.ts";
import { published, REAL_CLOCK, TestLine } from "../../../support/cluster/channel-nodes.ts";
import { FaultyBus } from "../../../support/cluster/faulty-bus.ts";
import { unlimitedMemory } from "../../../support/room/memory-budget.ts";

function startNode(bus: Bus) {
  const budget = unlimitedMemory();
  const failures: unknown[] = [];
  const channels = new BusChannels({
    bus,
    prefix: "test",
    clock: REAL_CLOCK,
    budget,
    onFailure: (error) => failures.push(error),
  });
  onTestEnd(() => channels.close());
  return { channels, budget, failures, connect: () => new TestLine(channels, budget) };
}

/** A bus in ten lines, as a program may write one. */
function tenLineBus(): Bus {
  const listeners = new Map<string, Set<(data: Uint8Array) => void>>();
  return {
    publish: (subject, data) => listeners.get(subject)?.forEach((listener) => listener(data)),
    subscribe(subject, listener) {
      const all = listeners.get(subject) ?? new Set();
      listeners.set(subject, all.add(listener));
      return () => all.delete(listener);
    },
    close: () => listeners.clear(),
  };
}

test.each([
  ["of ten lines", tenLineBus],
  ["in memory", () => memoryBus()],
])(
  "row 86: over a bus %s lines of all nodes hear each publication once, in the order of its publisher",
  async (_, make) => {
    const bus = make();
    const [a, b] = [startNode(bus), startNode(bus)];
    const lines = [a, a, a, b, b, b].map(({ connect }) => connect());
    for (const line of lines) await line.subscribe("news");
    for (let number = 1; number <= 50; number++) expect(await published(a.channels, "news", number)).toBe(3);
    const numbers = Array.from({ length: 50 }, (__, index) => index + 1);
    for (const line of lines) {
      await line.until(() => line.heard("news").length >= 50);
      expect(line.heard("news")).toEqual(numbers);
      expect(line.offsets("news")).toEqual(numbers);
    }
  },
);

test("row 90: a line is subscribed on the bus before it is answered", async () => {
  const bus = new FaultyBus();
  const [a, b] = [startNode(bus.end()), startNode(bus.end())];
  for (let number = 0; number < 50; number++) {
    const line = b.connect();
    await line.subscribe(`welcome ${number}`);
    await published(a.channels, `welcome ${number}`, number);
    await line.until(() => line.heard(`welcome ${number}`).length > 0);
    expect(line.heard(`welcome ${number}`)).toEqual([number]);
  }
});

test("a line goes on at the node where it was, and is told at another that it does not", async () => {
  const bus = memoryBus();
  const [a, b] = [startNode(bus), startNode(bus)];
  const line = a.connect();
  const { epoch } = await line.subscribe("news");
  line.cut();
  await published(b.channels, "news", 1);
  const [here, there] = [a.connect(), b.connect()];
  expect(await there.subscribe("news", { epoch, offset: 0 })).toMatchObject({ recovered: false });
  expect(await here.subscribe("news", { epoch, offset: 0 })).toMatchObject({ epoch, recovered: true });
  await here.until(() => here.heard("news").length > 0);
  expect(here.heard("news")).toEqual([1]);
});

test("what was lost on the bus closes the lines of that channel, so that they are told of the gap", async () => {
  const bus = new FaultyBus();
  const [a, b] = [startNode(bus.end()), startNode(bus.end())];
  const [line, other] = [b.connect(), b.connect()];
  const { epoch } = await line.subscribe("news");
  await other.subscribe("other");
  await published(a.channels, "news", 1);
  await line.until(() => line.heard("news").length > 0);
  const dropped = bus.dropNext(() => true);
  await published(a.channels, "news", 2);
  await dropped;
  await published(a.channels, "news", 3);
  expect(await line.closed()).toBe("restarting");
  const again = b.connect();
  expect(await again.subscribe("news", { epoch, offset: 1 })).toMatchObject({ recovered: false });
  await published(a.channels, "news", 4);
  await again.until(() => again.heard("news").length > 0);
  expect(again.heard("news")).toEqual([4]);
  expect(other.port.closing).toBeUndefined();
});

test("row 89: when the bus is back, lines are told that something may be missing; until then this node's lines hear each other", async () => {
  const bus = new FaultyBus();
  const end = bus.end();
  const a = startNode(end);
  const line = a.connect();
  const { epoch } = await line.subscribe("news");
  end.setUp(false);
  expect(await published(a.channels, "news", 1)).toBe(1);
  expect(line.heard("news")).toEqual([1]);
  end.setUp(true);
  expect(await line.closed()).toBe("restarting");
  expect(await a.connect().subscribe("news", { epoch, offset: 1 })).toMatchObject({ recovered: false });
});

test("P8.5 when a room ends, lines at all nodes are told", async () => {
  const bus = memoryBus();
  const [a, b] = [startNode(bus), startNode(bus)];
  const line = b.connect();
  await line.subscribe("room:BCDF:score");
  await published(a.channels, "room:BCDF:score", 1);
  a.channels.endRoom("BCDF", "room_closed");
  await line.until(() => line.frames.some(({ method }) => method === "unsubscribed"));
  expect(line.frames.slice(-2)).toMatchObject([{ params: { data: 1 } }, { method: "unsubscribed" }]);
});

test("what is no publication is dropped, and a foreign name on a subject too", async () => {
  const bus = new FaultyBus();
  const a = startNode(bus.end());
  const b = startNode(bus.end());
  const line = a.connect();
  await line.subscribe("news");
  const subjects: string[] = [];
  bus.fault = (message) => {
    subjects.push(message.subject);
    return [
      { ...message, data: Uint8Array.of() },
      { ...message, data: Uint8Array.of(255, 1) },
      { ...message, data: message.data.subarray(0, 20) },
      message,
    ];
  };
  await published(b.channels, "other", 1);
  await published(b.channels, "news", 2);
  await line.until(() => line.heard("news").length > 0);
  expect(line.frames.flatMap(({ params }) => params ?? [])).toEqual([{ channel: "news", data: 2, offset: 1 }]);
  expect(new Set(subjects).size).toBe(2);
});

test("a bus that takes no subscription refuses lines with a sentence; the next one is tried again", async () => {
  const bus = memoryBus();
  let isBroken = true;
  const a = startNode({
    publish: (subject, data) => bus.publish(subject, data),
    subscribe(subject, listener) {
      if (isBroken) throw new Error("broken");
      return bus.subscribe(subject, listener);
    },
    close: () => bus.close(),
  });
  const line = a.connect();
  const { error } = await line.call("subscribe", { channel: "news" });
  expect(error).toMatchObject({ code: 500, message: expect.stringContaining("cannot be reached") });
  expect(a.failures).toContainEqual(new Error("broken"));
  isBroken = false;
  await line.subscribe("news");
  expect(await published(a.channels, "news", 1)).toBe(1);
});

test("nothing is left of a channel that is forgotten, on the bus neither", async () => {
  const bus = new FaultyBus();
  const a = startNode(bus.end());
  const line = a.connect();
  await line.subscribe("news");
  line.cut();
  a.channels.close();
  expect(bus.subscriptions).toBe(0);
  expect(a.budget.used).toBe(0);
});
