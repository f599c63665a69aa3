import { expect, test } from "@jest/globals";
import { createRoomChannels } from "../../../../src/channels/room-channels.ts";
import { bytes } from "../../../support/room/fake-port.ts";
import { published, startChannelCluster } from "../../../support/cluster/channel-nodes.ts";

async function startTwo() {
  const { node } = startChannelCluster();
  return { a: await node("a"), b: await node("b") };
}

const upTo = (count: number, from = 1): number[] => Array.from({ length: count }, (_, index) => from + index);

test("row 93: counts are exact over two nodes with three lines each, and each line hears each publication once", async () => {
  const { a, b } = await startTwo();
  const lines = [a, a, a, b, b, b].map((node) => node.connect());
  for (const line of lines) await line.subscribe("news");
  const publishers = [...lines, a.connect(), b.connect()];
  for (const [number, line] of publishers.entries()) expect(await line.publish("news", number)).toBe(6);
  expect(await published(a.channels, "news", "server")).toBe(6);
  expect(await published(b.channels, "news", "server")).toBe(6);
  const all = [...publishers.keys(), "server", "server"];
  for (const line of lines) {
    await line.until(() => line.heard("news").length >= all.length);
    expect(line.heard("news")).toEqual(all);
    expect(line.offsets("news")).toEqual(upTo(all.length));
  }
  expect(await a.connect().presence("news")).toBe(6);
  expect(await b.connect().presence("news")).toBe(6);
});

test("row 90: a subscription that was answered counts and hears, wherever the next publication comes from", async () => {
  const { a, b } = await startTwo();
  for (let number = 0; number < 200; number++) {
    const line = b.connect();
    const channel = `welcome ${number}`;
    if (number % 2 === 0) await published(a.channels, channel, "before");
    await line.subscribe(channel);
    expect(await published(a.channels, channel, number)).toBe(1);
    await line.until(() => line.heard(channel).length > 0);
    expect(line.heard(channel)).toEqual([number]);
  }
});

test("P8.2 a line that left, or was cut, is counted no more once it was answered", async () => {
  const { a, b } = await startTwo();
  const [home, line, other] = [a.connect(), b.connect(), b.connect()];
  await home.subscribe("news");
  await line.subscribe("news");
  await other.subscribe("news");
  expect(await home.publish("news", 1)).toBe(3);
  await line.until(() => line.heard("news").length > 0);
  await line.call("unsubscribe", { channel: "news" });
  expect(await home.publish("news", 2)).toBe(2);
  await other.call("unsubscribe", { channel: "news" });
  expect(await home.publish("news", 3)).toBe(1);
  expect(line.heard("news")).toEqual([1]);
  await line.subscribe("news");
  expect(await home.publish("news", 4)).toBe(2);
  await line.until(() => line.heard("news").length >= 2);
  expect(line.heard("news")).toEqual([1, 4]);
});

test("P8.2 a publisher that follows the channel hears itself, before its answer, at any node", async () => {
  const { a, b } = await startTwo();
  await a.connect().subscribe("news");
  const line = b.connect();
  await line.subscribe("news");
  expect(await line.publish("news", "mine")).toBe(2);
  expect(line.frames.slice(-2)).toMatchObject([{ params: { data: "mine" } }, { result: { delivered: 2 } }]);
});

test("P8.4 what one publisher says keeps its order, also what it says before the home is known", async () => {
  const { a, b } = await startTwo();
  const line = a.connect();
  await line.subscribe("news");
  const delivered = upTo(300).map((number) => published(b.channels, "news", number));
  expect(new Set(await Promise.all(delivered))).toEqual(new Set([1]));
  await line.until(() => line.heard("news").length >= 300);
  expect(line.heard("news")).toEqual(upTo(300));
});

test("P8.2 row 83: a line that was cut at one node goes on at another, each publication once and in order", async () => {
  const { a, b } = await startTwo();
  const first = a.connect();
  const { epoch, offset } = await first.subscribe("news");
  expect(offset).toBe(0);
  for (const number of upTo(10)) await published(b.channels, "news", number);
  await first.until(() => first.heard("news").length >= 10);
  first.cut();
  for (const number of upTo(10, 11)) await published(b.channels, "news", number);
  const second = b.connect();
  expect(await second.subscribe("news", { epoch, offset: 10 })).toEqual({
    subscribed: true,
    epoch,
    offset: 10,
    recovered: true,
  });
  await published(a.channels, "news", 21);
  await second.until(() => second.heard("news").length >= 11);
  expect(second.offsets("news")).toEqual(upTo(11, 11));
  // The mirror reaches back now, and another line is answered from it.
  const third = b.connect();
  expect(await third.subscribe("news", { epoch, offset: 15 })).toMatchObject({ offset: 15, recovered: true });
  await third.until(() => third.heard("news").length >= 6);
  expect(third.heard("news")).toEqual(upTo(6, 16));
  const lost = b.connect();
  expect(await lost.subscribe("news", { epoch: "another", offset: 3 })).toMatchObject({ offset: 21, recovered: false });
});

test("P8.5 a line that missed more than is kept is told so at every node, and how many it missed", async () => {
  const { a, b } = await startTwo();
  const first = a.connect();
  const { epoch } = await first.subscribe("news");
  for (const number of upTo(1_030)) await published(a.channels, "news", number);
  const far = b.connect();
  expect(await far.subscribe("news", { epoch, offset: 5 })).toMatchObject({ epoch, offset: 1_030, recovered: false });
  const near = b.connect();
  expect(await near.subscribe("news", { epoch, offset: 6 })).toMatchObject({ epoch, offset: 6, recovered: true });
  await near.until(() => near.heard("news").length >= 1_024);
  expect(near.offsets("news")).toEqual(upTo(1_024, 7));
});

test("P8.5 when a room ends, lines at all nodes are told behind what was published, and another life of the channel has another epoch", async () => {
  const { a, b } = await startTwo();
  const [here, there] = [a.connect(), b.connect()];
  const { epoch } = await there.subscribe("room:BCDF:score");
  await here.subscribe("room:BCDF:score");
  await here.subscribe("room:BCDG:score");
  expect(await published(a.channels, "room:BCDF:score", 1)).toBe(2);
  a.channels.endRoom("BCDF", "room_closed");
  for (const line of [here, there]) {
    await line.until(() => line.frames.some(({ method }) => method === "unsubscribed"));
    expect(line.frames.slice(-2)).toMatchObject([
      { method: "publication", params: { data: 1 } },
      { method: "unsubscribed", params: { channel: "room:BCDF:score" } },
    ]);
  }
  expect((await here.subscribe("room:BCDF:score", { epoch, offset: 0 })).recovered).toBe(false);
  expect(await published(b.channels, "room:BCDF:score", 2)).toBe(1);
  expect(await published(b.channels, "room:BCDG:score", 3)).toBe(1);
});

test("P8.5 a room ends behind what its host has published last, wherever the channel is at home", async () => {
  const { a, b } = await startTwo();
  const line = b.connect();
  await line.subscribe("room:BCDF:score");
  const rooms = createRoomChannels(a.channels);
  const outcomes = [1, 2, 3].map(async (number) => rooms.publish("BCDF", "score", bytes(String(number))));
  rooms.end("BCDF", "room_closed");
  await line.until(() => line.frames.some(({ method }) => method === "unsubscribed"));
  expect(line.heard("room:BCDF:score")).toEqual([1, 2, 3]);
  expect(line.frames.at(-1)).toMatchObject({ method: "unsubscribed" });
  expect(await Promise.all(outcomes)).toEqual([undefined, undefined, undefined]);
});

test("P8.5 a room that goes on at another node keeps its channels", async () => {
  const { a, b } = await startTwo();
  const line = b.connect();
  await line.subscribe("room:BCDF:score");
  a.channels.endRoom("BCDF", "restarting");
  expect(await published(a.channels, "room:BCDF:score", 1)).toBe(1);
  expect(line.frames.some(({ method }) => method === "unsubscribed")).toBe(false);
});

test("P8.7 names of channels are no patterns of the bus: nothing leaks", async () => {
  const { a, b } = await startTwo();
  const names = [">", "*", "a.b", "a", "news.>", "ns/ü\u0000 ", "é".repeat(128)];
  const lines = [];
  for (const name of names) {
    const line = b.connect();
    await line.subscribe(name);
    lines.push(line);
  }
  for (const name of names) expect(await published(a.channels, name, name)).toBe(1);
  for (const [index, line] of lines.entries()) {
    const name = names[index] ?? "";
    await line.until(() => line.heard(name).length > 0);
    expect(line.frames.flatMap(({ params }) => params ?? [])).toEqual([{ channel: name, data: name, offset: 1 }]);
  }
});
