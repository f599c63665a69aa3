/** A host publishes what overlays and companion pages follow (P8.5). */
import { expect, test } from "@jest/globals";
import { createRoom } from "../../../src/sdk/node.ts";
import { ChannelClient } from "../../support/channel-client.ts";
import { onTestEnd } from "../../support/clean-up.ts";
import { HostClient, openRoom } from "../../support/host-client.ts";
import { Inbox } from "../../support/inbox.ts";
import { JWT_SECRET } from "../../support/member-client.ts";
import { startServer, type TestServer } from "../../support/server.ts";
import { testInProcess } from "../../support/target.ts";

const start = (): Promise<TestServer> => startServer({ jwtSecret: JWT_SECRET });

/** Follows a channel of this room with a token for all of that room's channels and no other. */
async function overlay(server: TestServer, code: string, channel = "score"): Promise<ChannelClient> {
  const client = await ChannelClient.connect(server, { channels: [`room:${code}:*`], publish: [] });
  await client.subscribe(`room:${code}:${channel}`);
  return client;
}

const DATA = { round: 2, scores: [{ name: "Zoë", points: 30.5 }], isOver: false, winner: null };

test.each(["cbor", "json"])("P8.5 a host that speaks %s publishes on a channel of its room", async (format) => {
  const server = await start();
  const { host, code } = await openRoom(server, { query: `?format=${format}` });
  const client = await overlay(server, code);
  const command = { cmd: "publish", channel: "score", data: DATA };
  if (format === "cbor") host.send(command);
  else host.sendFrame(JSON.stringify(command));
  expect(await client.publication()).toEqual({ channel: `room:${code}:score`, data: DATA, offset: 1 });
});

test("P8.5 one room's channels are not another's", async () => {
  const server = await start();
  const [one, other] = [await openRoom(server), await openRoom(server)];
  const client = await overlay(server, one.code);
  expect(await client.refusal("subscribe", { channel: `room:${other.code}:score` })).toBe(403);
  other.host.send({ cmd: "publish", channel: "score", data: "other" });
  one.host.send({ cmd: "publish", channel: "score", data: "one" });
  expect(await client.publication()).toMatchObject({ data: "one", offset: 1 });
});

test.each([
  [
    "bytes",
    { channel: "score", data: new Uint8Array([1, 2]) },
    "invalid_field",
    /`data` has to be a value that JSON has/,
  ],
  ["no data", { channel: "score" }, "invalid_field", /`data` .* missing/],
  ["no channel", { data: 1 }, "invalid_field", /`channel` .* missing/],
  ["too long a name", { channel: "x".repeat(129), data: 1 }, "too_large", /`channel` has 129 bytes/],
  ["too much", { channel: "score", data: "x".repeat(300_000) }, "too_large", /`data` has 300002 bytes/],
])("P8.5 a host that publishes %s is told, and its room stays", async (_, fields, code, reason) => {
  const server = await start();
  const room = await openRoom(server);
  const client = await overlay(server, room.code);
  room.host.send({ cmd: "publish", ...fields });
  expect(await room.host.next()).toMatchObject({
    cmd: "error",
    code,
    in: "publish",
    reason: expect.stringMatching(reason),
  });
  room.host.send({ cmd: "publish", channel: "score", data: "fine" });
  expect(await client.publication()).toMatchObject({ data: "fine", offset: 1 });
});

test("P8.5 before prepare a host has no channels", async () => {
  const server = await start();
  const host = await HostClient.connect(server);
  host.send({ cmd: "publish", channel: "score", data: 1 });
  expect(await host.until("error")).toMatchObject({ code: "not_prepared", in: "publish" });
});

test("P8.5 what a host publishes counts in its rate: it is told, and nothing is lost", async () => {
  const server = await startServer({ jwtSecret: JWT_SECRET, hostRate: 100, hostBurst: 10 });
  const { host, code } = await openRoom(server);
  const client = await overlay(server, code);
  for (let number = 1; number <= 40; number++) host.send({ cmd: "publish", channel: "score", data: number });
  expect(await host.until("error")).toMatchObject({ code: "rate_limited" });
  for (let number = 1; number <= 40; number++) {
    expect(await client.publication()).toMatchObject({ data: number, offset: number });
  }
});

test("P8.5 room.publish of the SDK", async () => {
  const server = await start();
  const room = await createRoom({ server: server.url, game: "sketch" });
  onTestEnd(() => room.close());
  const client = await overlay(server, room.code);
  expect(room.publish("score", DATA)).toBe(true);
  expect(await client.publication()).toMatchObject({ data: DATA, offset: 1 });
  expect(() => room.publish("", 1)).toThrow("`publish` takes a channel's name first");
  expect(() => room.publish("score", undefined)).toThrow("`publish` takes what JSON can hold; this is undefined.");
  const errors = new Inbox<unknown>("the errors of a room");
  room.on("error", (error) => errors.push(error));
  room.publish("x".repeat(200), 1);
  expect(await errors.next()).toMatchObject({ code: "too_large", in: "publish" });
  room.close();
  expect(room.publish("score", 1)).toBe(false);
});

test("P8.5 a line is told when the room ends whose channel it follows, and stays", async () => {
  const server = await start();
  const room = await createRoom({ server: server.url, game: "sketch" });
  onTestEnd(() => room.close());
  const client = await overlay(server, room.code);
  room.close();
  const channel = `room:${room.code}:score`;
  expect(await client.next()).toEqual({ method: "unsubscribed", params: { channel } });
  expect((await client.call("presence", { channel })).result).toEqual({ clients: 0 });
});

testInProcess("P8.2 server.channels publishes from the server's own program", async () => {
  const server = await start();
  const { code } = await openRoom(server);
  const [one, two] = [await overlay(server, code), await overlay(server, code)];
  const { channels } = server.inside();
  expect(await channels.publish(`room:${code}:score`, DATA)).toEqual({ delivered: 2 });
  for (const client of [one, two]) expect(await client.publication()).toMatchObject({ data: DATA });
  await expect(channels.publish("", 1)).rejects.toThrow(TypeError);
});
