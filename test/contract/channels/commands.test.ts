/** Turbine's wire, row by row (SEEDS §3.1, P8). */
import { describe, expect, test } from "@jest/globals";
import type { OptionsInput } from "../../../src/config.ts";
import { ChannelClient, channelToken } from "../../support/channel-client.ts";
import { eventually } from "../../support/inbox.ts";
import { handmadeToken, JWT_SECRET } from "../../support/member-client.ts";
import { startServer, type TestServer } from "../../support/server.ts";
import { isBunNative, testInProcess } from "../../support/target.ts";

const start = (options: OptionsInput = {}): Promise<TestServer> => startServer({ jwtSecret: JWT_SECRET, ...options });

describe("turbine's table", () => {
  test("P8.1 row 76: connect, subscribe, unsubscribe and ping are answered byte for byte", async () => {
    const server = await start();
    const client = await ChannelClient.open(server);
    client.send(`{"id":1,"method":"connect","params":{"token":"${await channelToken()}"}}`);
    expect(await client.frames.next()).toBe('{"id":1,"result":{"connected":true}}');
    client.send('{"id":2,"method":"subscribe","params":{"channel":"chat:lobby"}}');
    expect(await client.frames.next()).toMatch(
      /^\{"id":2,"result":\{"subscribed":true,"epoch":"[\w-]+","offset":0,"recovered":false\}\}$/,
    );
    client.send('{"id":3,"method":"unsubscribe","params":{"channel":"chat:lobby"}}');
    expect(await client.frames.next()).toBe('{"id":3,"result":{"unsubscribed":true}}');
    client.send('{"id":4,"method":"ping"}');
    expect(await client.frames.next()).toBe('{"id":4,"result":{}}');
    client.send('{"id":"five","method":"unsubscribe","params":{"channel":"never:followed"}}');
    expect(await client.frames.next()).toBe('{"id":"five","result":{"unsubscribed":true}}');
  });

  test("P8.4 row 78: what is published is pushed, without an id, to those that follow the channel", async () => {
    const server = await start();
    const [one, two] = [await ChannelClient.connect(server), await ChannelClient.connect(server)];
    await one.subscribe("chat:lobby");
    await two.subscribe("chat:other");
    await two.publish("chat:lobby", { text: "hi", list: [1, null] });
    expect(await one.frames.next()).toBe(
      '{"method":"publication","params":{"channel":"chat:lobby","data":{"text":"hi","list":[1,null]},"offset":1}}',
    );
    await one.publish("chat:other", 1);
    expect(await two.publication()).toEqual({ channel: "chat:other", data: 1, offset: 1 });
  });

  test("P8.2 row 84: publish answers how many lines get it; a publisher that follows the channel hears itself", async () => {
    const server = await start();
    const ann = await ChannelClient.connect(server);
    const ben = await ChannelClient.connect(server, { sub: "ben" });
    expect(await ann.publish("chat", 0)).toEqual({ delivered: 0 });
    await ann.subscribe("chat");
    await ben.subscribe("chat");
    const id = ann.tell("publish", { channel: "chat", data: "é" });
    const heard = [await ann.next(), await ann.next()];
    expect(heard).toContainEqual({ id, result: { delivered: 2 } });
    expect(heard).toContainEqual({ method: "publication", params: { channel: "chat", data: "é", offset: 2 } });
    expect(await ben.publication()).toEqual({ channel: "chat", data: "é", offset: 2 });
    await ben.call("unsubscribe", { channel: "chat" });
    expect(await ann.publish("chat", 1)).toEqual({ delivered: 1 });
  });

  test("P8.2 row 83: presence is the number of lines that follow a channel", async () => {
    const server = await start();
    const [ann, ben] = [await ChannelClient.connect(server), await ChannelClient.connect(server)];
    const presence = async (): Promise<unknown> => (await ann.call("presence", { channel: "chat" })).result;
    expect(await presence()).toEqual({ clients: 0 });
    await ann.subscribe("chat");
    await ben.subscribe("chat");
    await ben.subscribe("chat"); // is one subscription still
    expect(await presence()).toEqual({ clients: 2 });
    await ben.call("unsubscribe", { channel: "chat" });
    expect(await presence()).toEqual({ clients: 1 });
  });

  test("P8.2 presence no longer counts a line that is gone", async () => {
    const server = await start();
    const [ann, ben] = [await ChannelClient.connect(server), await ChannelClient.connect(server)];
    await ben.subscribe("chat");
    await ben.close();
    const lines = async (): Promise<unknown> => (await ann.call("presence", { channel: "chat" })).result?.["clients"];
    await eventually("the line is gone", async () => (await lines()) === 0);
  });

  test("P8.2 what is said behind a connect in the same read waits for its answer", async () => {
    const server = await start();
    const client = await ChannelClient.open(server);
    const token = await channelToken();
    client.tell("connect", { token });
    client.tell("subscribe", { channel: "a" });
    client.tell("publish", { channel: "a", data: 1 });
    client.tell("ping");
    expect([await client.next(), await client.next(), await client.next()]).toMatchObject([
      { id: 1, result: { connected: true } },
      { id: 2, result: { subscribed: true } },
      { method: "publication" },
    ]);
    expect([await client.next(), await client.next()]).toMatchObject([{ id: 3 }, { id: 4, result: {} }]);
  });
});

describe("who may do what", () => {
  test.each([
    [["*"], ["news", "chat:x"], []],
    [["chat:*"], ["chat:x", "chat:"], ["news", "chat"]],
    [["news"], ["news"], ["news2", "chat:x"]],
    [[], [], ["news", "chat:x", "*"]],
    [undefined, [], ["news", "chat:x", "*"]],
  ])("P8.1 row 8: a token for the channels %j may follow %j and not %j", async (channels, allowed, forbidden) => {
    const server = await start();
    const client = await ChannelClient.connect(server, { channels });
    for (const channel of allowed) {
      expect(await client.subscribe(channel)).toMatchObject({ subscribed: true });
      expect(await client.refusal("presence", { channel })).toBeUndefined();
    }
    for (const channel of forbidden) {
      expect((await client.call("subscribe", { channel })).error).toEqual({ code: 403, message: "forbidden" });
      expect((await client.call("presence", { channel })).error).toEqual({ code: 403, message: "forbidden" });
    }
  });

  test.each([
    [["*"], ["news"], []],
    [["chat:*"], ["chat:x"], ["news"]],
    [[], [], ["news"]],
    [undefined, [], ["news"]],
  ])("P8.1 row 84: a token to publish on %j may do so on %j and not on %j", async (publish, allowed, forbidden) => {
    const server = await start();
    const client = await ChannelClient.connect(server, { publish });
    for (const channel of allowed) expect(await client.publish(channel, 1)).toEqual({ delivered: 0 });
    for (const channel of forbidden) {
      expect((await client.call("publish", { channel, data: 1 })).error).toEqual({ code: 403, message: "forbidden" });
    }
  });

  test("P8.3 row 77: before connect all but ping is 401, and the line stays", async () => {
    const server = await start();
    const client = await ChannelClient.open(server);
    expect((await client.call("ping")).result).toEqual({});
    for (const method of ["subscribe", "unsubscribe", "publish", "presence"]) {
      expect((await client.call(method, { channel: "a", data: 1 })).error).toEqual({
        code: 401,
        message: "Connect with a token first.",
      });
    }
    expect((await client.call("connect", { token: await channelToken() })).result).toEqual({ connected: true });
  });

  test.each([
    ["that is empty", ""],
    ["that is none", "x.y.z"],
    ["of another secret", handmadeToken({ sub: "a", exp: 4e9, channels: ["*"] }, { secret: "b".repeat(32) })],
    ["without exp", handmadeToken({ sub: "a", channels: ["*"] })],
    ["that has expired", handmadeToken({ sub: "a", exp: 1_000, channels: ["*"] })],
    ["with alg none", handmadeToken({ sub: "a", exp: 4e9, channels: ["*"] }, { header: { alg: "none" } })],
    ["whose channels are no list", handmadeToken({ sub: "a", exp: 4e9, channels: "*" })],
  ])("P8.3 row 77: a token %s is 401 with a sentence, and the line stays", async (_, token) => {
    const server = await start();
    const client = await ChannelClient.open(server);
    const { error } = await client.call("connect", { token });
    expect(error).toEqual({ code: 401, message: expect.stringMatching(/^.{10,}\.$/) });
    expect((await client.call("connect", { token: await channelToken() })).result).toEqual({ connected: true });
  });

  test("P8.3 three tokens in a row that do not count end the line with 4501", async () => {
    const server = await start();
    const client = await ChannelClient.open(server);
    expect(await client.refusal("connect", { token: "x" })).toBe(401);
    expect(await client.refusal("connect")).toBe(401);
    client.tell("connect", { token: "y" });
    expect(await client.closed).toEqual({ code: 4501, reason: "Three tokens in a row did not count." });
  });

  test("P8.2 row 85: a second connect of the same sub renews the token, with its channels", async () => {
    const server = await start();
    const client = await ChannelClient.connect(server, { channels: ["a", "b"] });
    await client.subscribe("a");
    await client.subscribe("b");
    const id = client.tell("connect", { token: await channelToken({ channels: ["b", "c"] }) });
    expect(await client.next()).toEqual({ id, result: { connected: true } });
    expect(await client.next()).toEqual({ method: "unsubscribed", params: { channel: "a" } });
    expect(await client.refusal("subscribe", { channel: "a" })).toBe(403);
    await client.subscribe("c");
    expect(await client.publish("a", 1)).toEqual({ delivered: 0 });
    expect(await client.publish("b", 1)).toEqual({ delivered: 1 });
  });

  test("P8.2 a token of another sub does not renew, and the line stays what it was", async () => {
    const server = await start();
    const client = await ChannelClient.connect(server, { channels: ["a"] });
    expect(await client.refusal("connect", { token: await channelToken({ sub: "ben" }) })).toBe(401);
    await client.subscribe("a");
    expect(await client.refusal("subscribe", { channel: "b" })).toBe(403);
  });

  test("P8.6 row 85: when the token expires the line is closed with 4401; one that was renewed stays", async () => {
    const server = await start();
    const [short, renewed] = [await ChannelClient.open(server), await ChannelClient.open(server)];
    const token = await channelToken({}, 2);
    for (const client of [short, renewed]) await client.call("connect", { token });
    await renewed.call("connect", { token: await channelToken() });
    expect(await short.closed).toEqual({ code: 4401, reason: "Your token has expired." });
    expect((await renewed.call("ping")).result).toEqual({});
  });

  testInProcess(
    "P8.6 a line whose token is revoked is closed with 4501, one whose sub is banned with 4503",
    async () => {
      const server = await start();
      const [ann, ben, cid] = [
        await ChannelClient.connect(server, { sub: "ann" }),
        await ChannelClient.connect(server, { sub: "ben" }),
        await ChannelClient.connect(server, { sub: "cid" }),
      ];
      const { tokens, bans } = server.inside();
      tokens?.revoke({ sub: "ann" });
      bans.add({ sub: "ben" }, { reason: "No shouting." });
      expect(await ann.closed).toMatchObject({ code: 4501 });
      expect(await ben.closed).toEqual({ code: 4503, reason: "No shouting." });
      expect((await cid.call("ping")).result).toEqual({});
      const again = await ChannelClient.open(server);
      again.tell("connect", { token: await channelToken({ sub: "ben" }) });
      expect(await again.closed).toEqual({ code: 4503, reason: "No shouting." });
    },
  );

  test("P6.0 a token in the query is for channels where `wire` says so", async () => {
    const server = await start();
    const path = `ws?wire=channels&token=${await channelToken({ room: "lobby", channels: ["a"] })}`;
    const client = await ChannelClient.open(server, { path });
    expect((await client.call("connect")).result).toEqual({ connected: true });
    await client.subscribe("a");
  });

  test.each([
    ["Authorization", async () => ({ headers: { Authorization: `Bearer ${await channelToken()}` } })],
    ["a subprotocol", async () => ({ protocols: ["couchwire", `couchwire.token.${await channelToken()}`] })],
  ])("P8.1 with a token in %s, connect needs none", async (_, options) => {
    const server = await start();
    const client = await ChannelClient.open(server, await options());
    expect((await client.call("connect")).result).toEqual({ connected: true });
    await client.subscribe("a");
  });
});

describe("what is no command", () => {
  test.each([
    ["no JSON", "hello", null],
    ["half of a command", '{"id":1,"method":', null],
    ["a list", "[1]", null],
    ["a command without a method", '{"id":2}', 2],
    ["an unknown method", '{"id":"x","method":"shout"}', "x"],
    ["a subscription without a channel", '{"id":4,"method":"subscribe","params":{}}', 4],
    ["an empty channel", '{"id":4,"method":"subscribe","params":{"channel":""}}', 4],
    ["a channel of 257 bytes", `{"id":4,"method":"subscribe","params":{"channel":"${"x".repeat(257)}"}}`, 4],
    ["an id that is an object", '{"id":{"a":1},"method":"ping"}', null],
    ["bytes that are no UTF-8", new Uint8Array([0xff, 0xfe]), null],
    ["a publication without data", '{"id":5,"method":"publish","params":{"channel":"a"}}', 5],
    [
      "too large a publication",
      `{"id":6,"method":"publish","params":{"channel":"a","data":"${"x".repeat(262_144)}"}}`,
      6,
    ],
    ["JSON that is too deep", `{"id":7,"method":"publish","params":{"channel":"a","data":${"[".repeat(200)}`, null],
  ])("P8.3 row 77: %s is 400 with its id and a sentence; the line stays", async (_, frame, id) => {
    const server = await start();
    const client = await ChannelClient.connect(server);
    client.send(frame);
    expect(await client.next()).toEqual({ id, error: { code: 400, message: expect.stringMatching(/^.{10,}\.$/) } });
    expect((await client.call("ping")).result).toEqual({});
  });

  test("P8.3 a binary frame is read as text", async () => {
    const server = await start();
    const client = await ChannelClient.connect(server);
    client.send(Buffer.from('{"id":"é","method":"ping"}'));
    expect(await client.next()).toEqual({ id: "é", result: {} });
  });

  test("P8.3 ten in a row end the line with 4500; nine and a good one do not", async () => {
    const server = await start();
    const client = await ChannelClient.connect(server);
    for (let bad = 0; bad < 9; bad++) expect(await client.refusal("shout")).toBe(400);
    expect((await client.call("ping")).result).toEqual({});
    for (let bad = 0; bad < 9; bad++) expect(await client.refusal("shout")).toBe(400);
    client.tell("shout");
    expect(await client.closed).toEqual({ code: 4500, reason: "Ten commands in a row could not be understood." });
  });

  test("P8.3 a frame over the limit of players' frames is 1009", async () => {
    const server = await start({ maxPayload: 1_000 });
    const client = await ChannelClient.connect(server);
    client.send("x".repeat(1_001));
    expect(await client.closed).toMatchObject({ code: 1009 });
  });
});

describe("limits of one line", () => {
  test("P8.3 row 81: the 65th subscription is 429, and one less makes room", async () => {
    const server = await start();
    const client = await ChannelClient.connect(server);
    for (let number = 0; number < 64; number++) await client.subscribe(`c${number}`);
    expect((await client.call("subscribe", { channel: "c64" })).error).toEqual({
      code: 429,
      message: "Too many subscriptions: at most 64 on one line.",
    });
    await client.subscribe("c5"); // which it follows already
    await client.call("unsubscribe", { channel: "c5" });
    await client.subscribe("c64");
    expect(await client.refusal("subscribe", { channel: "c65" })).toBe(429);
  });

  test("P8.3 more than 50 commands at once are 429, each with its id; the line stays", async () => {
    const server = await start();
    const client = await ChannelClient.connect(server);
    for (let count = 0; count < 80; count++) client.tell("ping");
    const codes: (number | undefined)[] = [];
    for (let count = 0; count < 80; count++) {
      const { id, error } = await client.next();
      expect(id).toBe(count + 2);
      codes.push(error?.code);
    }
    expect(codes.slice(0, 49)).toEqual(Array<undefined>(49).fill(undefined));
    expect(codes.filter((code) => code === 429).length).toBeGreaterThan(0);
    // Two a second come back, and more.
    for (;;) if ((await client.call("ping")).error === undefined) break;
  });

  test("P8.3 a line that goes on all the same is closed with 4029", async () => {
    const server = await start();
    const client = await ChannelClient.connect(server);
    for (let count = 0; count < 3_000; count++) client.tell("ping");
    expect(await client.closed).toMatchObject({ code: 4029 });
  });

  test("P8.3 one that never connects is closed with 4501 after 10 seconds", async () => {
    const server = await start();
    const beganAt = performance.now();
    const [silent, pinging] = [await ChannelClient.open(server), await ChannelClient.open(server)];
    await pinging.call("ping");
    const reason = "No token was shown within 10 seconds.";
    expect(await Promise.all([silent.closed, pinging.closed])).toEqual([
      { code: 4501, reason },
      { code: 4501, reason },
    ]);
    expect(performance.now() - beganAt).toBeGreaterThan(9_000);
  });
});

describe("on /ws", () => {
  test("P6.0 a first frame that is no command ends the line with 4501", async () => {
    const server = await start();
    const client = await ChannelClient.open(server);
    client.send('{"data":1}');
    expect(await client.closed).toMatchObject({ code: 4501, reason: expect.stringMatching(/method/) });
  });

  test("P8.2 when the server ends, its lines are closed with 1012", async () => {
    const server = await start();
    const client = await ChannelClient.connect(server);
    await client.subscribe("a");
    await server.close();
    if (isBunNative) expect((await client.closed).code).toBe(1012);
    else expect(await client.closed).toMatchObject({ code: 1012, reason: expect.stringMatching(/./) });
  });
});
