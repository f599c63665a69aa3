import { expect, test } from "@jest/globals";
import { published, SHORT_LEASE_MS, startChannelCluster } from "../../../support/cluster/channel-nodes.ts";

async function startThree(leaseMs?: number) {
  const { node, bus } = startChannelCluster(leaseMs);
  return { bus, home: await node("home"), b: await node("b"), c: await node("c") };
}

test("P8.7 the home of a channel dies: lines come back and are told of the gap, and the channel goes on at another node", async () => {
  const { home, b, c } = await startThree(SHORT_LEASE_MS);
  await home.connect().subscribe("news");
  const [first, second] = [b.connect(), c.connect()];
  const { epoch } = await first.subscribe("news");
  await second.subscribe("news");
  expect(await published(home.channels, "news", 1)).toBe(3);
  await first.until(() => first.heard("news").length > 0);
  await home.kill();
  expect(await Promise.all([first.closed(), second.closed()])).toEqual(["restarting", "restarting"]);
  const again = b.connect();
  const answered = await again.subscribe("news", { epoch, offset: 1 });
  expect(answered).toMatchObject({ offset: 0, recovered: false });
  expect(answered.epoch).not.toBe(epoch);
  expect(await published(c.channels, "news", 2)).toBe(1);
  await again.until(() => again.heard("news").length > 0);
  expect(again.heard("news")).toEqual([2]);
});

test("P8.7 what is published while the home is lost waits for the next one, or is refused with a sentence; none of it is silently gone", async () => {
  const { home, b, c } = await startThree(SHORT_LEASE_MS);
  await home.connect().subscribe("news");
  await published(b.channels, "news", 0);
  const line = c.connect();
  await line.subscribe("news");
  await home.kill();
  const outcomes = await Promise.allSettled(
    Array.from({ length: 50 }, (_, number) => published(b.channels, "news", number)),
  );
  for (const outcome of outcomes) {
    if (outcome.status === "rejected") expect(String(outcome.reason)).toMatch(/ChannelUnavailableError: .*was lost/);
  }
  expect(outcomes.some(({ status }) => status === "rejected")).toBe(true);
  expect(await published(b.channels, "news", "after")).toBe(0);
});

test("P8.3 a line whose publication cannot be passed on is answered 500 with a sentence, and stays", async () => {
  const { home, b } = await startThree(SHORT_LEASE_MS);
  await home.connect().subscribe("news");
  const line = b.connect();
  expect(await line.publish("news", 1)).toBe(1);
  await home.kill();
  const { error } = await line.call("publish", { channel: "news", data: 2 });
  expect(error).toEqual({ code: 500, message: expect.stringContaining("was lost") });
  expect((await line.call("ping")).result).toEqual({});
  expect(await line.publish("news", 3)).toBe(0);
});

test("P8.7 a lost message between two nodes is mended from what the home has kept: no line is closed, and none misses anything", async () => {
  const { home, b, bus } = await startThree(SHORT_LEASE_MS);
  const line = b.connect();
  await home.connect().subscribe("news");
  await line.subscribe("news");
  await published(home.channels, "news", 1);
  await line.until(() => line.heard("news").length > 0);
  const dropped = bus.dropNext(({ subject, data }) => subject === "test.node.b-1" && isMail(data));
  await published(home.channels, "news", 2);
  await dropped;
  await published(home.channels, "news", 3);
  await line.until(() => line.heard("news").length >= 3);
  expect(line.offsets("news")).toEqual([1, 2, 3]);
  expect(line.port.closing).toBeUndefined();
  await expectSoon(() => published(home.channels, "news", 4), 2);
});

test("P8.7 a home that goes in order leaves its channels to a node that has all of them: no line notices", async () => {
  const { home, b, c } = await startThree();
  await home.connect().subscribe("news");
  const [first, second] = [b.connect(), c.connect()];
  const { epoch } = await first.subscribe("news");
  await second.subscribe("news");
  for (const number of [1, 2, 3]) await published(home.channels, "news", number);
  await home.close();
  await expectSoon(() => published(b.channels, "news", 4), 2);
  for (const line of [first, second]) {
    await line.until(() => line.heard("news").includes(4));
    expect(line.offsets("news").slice(0, 3)).toEqual([1, 2, 3]);
    expect(line.port.closing).toBeUndefined();
  }
  const late = b.connect();
  expect(await late.subscribe("news", { epoch, offset: 1 })).toMatchObject({ epoch, offset: 1, recovered: true });
  await late.until(() => late.heard("news").includes(4));
  expect(late.offsets("news").slice(0, 3)).toEqual([2, 3, 4]);
});

test("P8.7 a home that was cut off for longer than its lease closes the lines of a channel that another node has by now", async () => {
  const { home, b } = await startThree(SHORT_LEASE_MS);
  const [mine, theirs] = [home.connect(), b.connect()];
  const { epoch } = await mine.subscribe("news");
  await theirs.subscribe("news");
  home.setReachable(false);
  expect(await published(home.channels, "news", "alone")).toBeGreaterThanOrEqual(1);
  expect(await theirs.closed()).toBe("restarting");
  const again = b.connect();
  const next = await again.subscribe("news", { epoch, offset: 0 });
  expect(next.recovered).toBe(false);
  home.setReachable(true);
  expect(await mine.closed()).toBe("restarting");
  const back = home.connect();
  expect(await back.subscribe("news", { epoch, offset: 1 })).toMatchObject({ epoch: next.epoch, recovered: false });
  await expectSoon(() => published(home.channels, "news", "together"), 2);
  await back.until(() => back.heard("news").includes("together"));
  expect(again.heard("news")).not.toContain("alone");
});

test("P8.7 a node that is cut off from the bus answers after a bounded time, and a home that nothing has taken goes on as it was", async () => {
  const { home, b } = await startThree(SHORT_LEASE_MS);
  const line = home.connect();
  const { epoch } = await line.subscribe("news");
  await published(home.channels, "news", 1);
  b.setReachable(false);
  const { error } = await b.connect().call("subscribe", { channel: "news" });
  expect(error).toMatchObject({ code: 500, message: expect.stringContaining("cannot be reached") });
  b.setReachable(true);
  const back = b.connect();
  expect(await back.subscribe("news", { epoch, offset: 0 })).toMatchObject({ epoch, recovered: true });
  expect(line.port.closing).toBeUndefined();
});

/** Whether a bus message is mail of a conversation: the version, and then its type. */
function isMail(data: Uint8Array): boolean {
  return data[1] === 2;
}

/** Publishes until so many lines get it: a line that goes on at another home is counted as soon as it is there. */
async function expectSoon(publish: () => Promise<number>, lines: number): Promise<void> {
  let delivered = -1;
  while (delivered !== lines) {
    delivered = await publish().catch(() => -1);
    await new Promise(setImmediate);
  }
  expect(delivered).toBe(lines);
}
