/** What a line that was cut gets when it is back (P8.2, P8.5). */
import { expect, test } from "@jest/globals";
import { ChannelClient, type Subscribed } from "../../support/channel-client.ts";
import { type HostClient, openRoom, roundTrip } from "../../support/host-client.ts";
import { JWT_SECRET } from "../../support/member-client.ts";
import { startServer, type TestServer } from "../../support/server.ts";

const start = (): Promise<TestServer> => startServer({ jwtSecret: JWT_SECRET, hostRate: 0 });

/** Follows the channel `score` of a room, and is cut. */
async function followAndLeave(server: TestServer, code: string): Promise<Subscribed> {
  const client = await ChannelClient.connect(server);
  const subscribed = await client.subscribe(`room:${code}:score`);
  await client.close();
  return subscribed;
}

async function publish(host: HostClient, count: number, from = 1): Promise<void> {
  for (let number = from; number < from + count; number++) {
    host.send({ cmd: "publish", channel: "score", data: number });
  }
  expect(await roundTrip(host)).toEqual([]);
}

/** What is pushed next, as many as are asked for. */
async function pushed(client: ChannelClient, count: number): Promise<unknown[]> {
  const all: unknown[] = [];
  while (all.length < count) all.push(await client.publication());
  return all;
}

/** Publications from this number on; the data is the number too. */
function numbered(code: string, from: number, count: number): unknown[] {
  return Array.from({ length: count }, (_, index) => {
    const offset = from + index;
    return { channel: `room:${code}:score`, data: offset, offset };
  });
}

test("P8.2 row 83: what was missed is pushed behind the answer, in order, and then what is new", async () => {
  const server = await start();
  const { host, code } = await openRoom(server);
  const before = await followAndLeave(server, code);
  expect(before).toMatchObject({ offset: 0, recovered: false });
  await publish(host, 300);
  const client = await ChannelClient.connect(server);
  const since = { epoch: before.epoch, offset: 0 };
  const id = client.tell("subscribe", { channel: `room:${code}:score`, since });
  expect(await client.next()).toEqual({
    id,
    result: { subscribed: true, epoch: before.epoch, offset: 0, recovered: true },
  });
  await publish(host, 300, 301);
  expect(await pushed(client, 600)).toEqual(numbered(code, 1, 600));
});

test("P8.2 a line that has missed nothing is told so, and gets what is new alone", async () => {
  const server = await start();
  const { host, code } = await openRoom(server);
  const { epoch } = await followAndLeave(server, code);
  await publish(host, 3);
  const client = await ChannelClient.connect(server);
  expect(await client.subscribe(`room:${code}:score`, { epoch, offset: 3 })).toEqual({
    subscribed: true,
    epoch,
    offset: 3,
    recovered: true,
  });
  await publish(host, 1, 4);
  expect(await pushed(client, 1)).toEqual(numbered(code, 4, 1));
});

test("P8.2 a position may be taken up again on the same line, and the subscription stays one", async () => {
  const server = await start();
  const { host, code } = await openRoom(server);
  const client = await ChannelClient.connect(server);
  const { epoch } = await client.subscribe(`room:${code}:score`);
  await publish(host, 3);
  await client.subscribe(`room:${code}:score`, { epoch, offset: 1 });
  expect(await pushed(client, 2)).toEqual(numbered(code, 2, 2));
  await publish(host, 1, 4);
  expect(await pushed(client, 1)).toEqual(numbered(code, 4, 1));
  const presence = await client.call("presence", { channel: `room:${code}:score` });
  expect(presence.result).toEqual({ clients: 1 });
});

test("P8.5 the last 1024 publications are kept; a line that missed more is told so and begins with what is new", async () => {
  const server = await start();
  const { host, code } = await openRoom(server);
  const { epoch } = await followAndLeave(server, code);
  await publish(host, 1_030);
  const client = await ChannelClient.connect(server);
  expect(await client.subscribe(`room:${code}:score`, { epoch, offset: 6 })).toMatchObject({ recovered: true });
  expect(await pushed(client, 1_024)).toEqual(numbered(code, 7, 1_024));
  const late = await ChannelClient.connect(server);
  expect(await late.subscribe(`room:${code}:score`, { epoch, offset: 5 })).toEqual({
    subscribed: true,
    epoch,
    offset: 1_030,
    recovered: false,
  });
  await publish(host, 1, 1_031);
  expect(await pushed(late, 1)).toEqual(numbered(code, 1_031, 1));
});

test.each([
  ["of another life of the channel", { epoch: "another", offset: 1 }],
  ["that the channel has not reached", { offset: 4 }],
])("P8.2 a position %s is not recovered", async (_, since) => {
  const server = await start();
  const { host, code } = await openRoom(server);
  const { epoch } = await followAndLeave(server, code);
  await publish(host, 3);
  const client = await ChannelClient.connect(server);
  expect(await client.subscribe(`room:${code}:score`, { epoch, ...since })).toEqual({
    subscribed: true,
    epoch,
    offset: 3,
    recovered: false,
  });
});
