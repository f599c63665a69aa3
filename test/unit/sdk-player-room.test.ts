import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { ACK_AFTER_MS } from "../../src/sdk/reliable-connection.ts";
import { joinRoom, type JoinRoomOptions } from "../../src/sdk/join-room.ts";
import type { PlayerRoom } from "../../src/sdk/player-room.ts";
import { createFakeNetwork } from "../support/fake-socket.ts";

const MIB = 1_048_576;

async function join(options: JoinRoomOptions = {}) {
  const network = createFakeNetwork();
  const me = joinRoom({
    code: "BCDF",
    server: "https://party.example/tv",
    warn: () => undefined,
    WebSocket: network.WebSocket,
    ...options,
  });
  await Promise.resolve(); // the line begins when the page's own code has run
  const heard = listen(me);
  jest.advanceTimersByTime(0); // what is said is told from the turn after the first listener on
  return { me, network, heard };
}

function listen(me: PlayerRoom): unknown[][] {
  const heard: unknown[][] = [];
  for (const event of ["open", "text", "json", "binary", "away", "back", "gap", "close"] as const) {
    me.on(event, (...values: unknown[]) => void heard.push([event, ...values]));
  }
  return heard;
}

const fetchBefore = globalThis.fetch;

beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ["queueMicrotask", "nextTick"] });
  globalThis.fetch = () => Promise.reject(new TypeError("Failed to fetch"));
});
afterEach(() => {
  jest.useRealTimers();
  globalThis.fetch = fetchBefore;
});

describe("joining", () => {
  test("connects to the room's address, the code in capitals", async () => {
    const { me, network } = await join({ code: " bcdf " });
    expect(me.code).toBe("BCDF");
    expect(network.socket.url).toMatch(/^wss:\/\/party\.example\/tv\/BCDF\?game=&attempt=[0-9a-f]{32}\.1$/);
    expect(network.socket.protocols).toEqual([
      "couchwire.v1",
      expect.stringMatching(/^couchwire\.session\.[0-9a-f]{32}$/),
    ]);
    expect(me.isConnected).toBe(false);
    network.socket.accept();
    expect(me.isConnected).toBe(false); // a room that refuses says so after the handshake
    network.socket.greet();
    expect(me.isConnected).toBe(true);
  });

  test("says who it is, what newcomers are asked for, and whose seat it takes, until it has it", async () => {
    const { network } = await join({ name: " Ada & Co ", pin: "12 34", rescue: "TOKEN" });
    expect(network.socket.url).toMatch(/\?name=Ada\+%26\+Co&game=&attempt=\w+\.1$/);
    expect(network.socket.protocols.slice(2)).toEqual(["couchwire.pin.MTIgMzQ", "couchwire.rescue.TOKEN"]);
    network.socket.end(1006);
    jest.runOnlyPendingTimers();
    expect(network.socket.protocols).toContain("couchwire.rescue.TOKEN");
    network.socket.greet({ epoch: "l&f", next: 5 });
    network.socket.end(1006);
    jest.runOnlyPendingTimers();
    expect(network.socket.url).toMatch(/&received=4&epoch=l%26f&attempt=\w+\.3$/);
    expect(network.socket.protocols.slice(2)).toEqual(["couchwire.pin.MTIgMzQ"]);
  });

  test.each<[JoinRoomOptions, string]>([
    [{ code: "BCD" }, 'A room code is four letters, such as "BCDF"; this is "BCD".'],
    [{ code: "BCD1" }, 'A room code is four letters, such as "BCDF"; this is "BCD1".'],
    [{ code: "" }, 'A room code is four letters, such as "BCDF"; this is "".'],
    [{ server: "party.example" }, "`server` has to be an address"],
  ])("what makes no sense is refused at once: %j", async (options, message) => {
    await expect(join(options)).rejects.toThrow(message);
  });

  test("without a page and a code it asks which room", async () => {
    expect(() => joinRoom({ server: "http://tv" })).toThrow("Which room?");
  });
});

describe("sending", () => {
  test("what is sent before the line is open goes first, in order, and as it was", async () => {
    const { me, network } = await join();
    const bytes = new Uint8Array([1, 2, 3]);
    me.send("one");
    me.send(bytes);
    me.send({ three: 3 });
    bytes.fill(9);
    me.on("open", () => me.send("four"));
    network.socket.greet();
    expect(network.socket.sent).toEqual(["one", new Uint8Array([1, 2, 3]), '{"three":3}', "four"]);
  });

  test("what is sent while the line is lost goes when it is back", async () => {
    const { me, network, heard } = await join();
    network.socket.greet();
    network.socket.end(1006);
    me.send("still here");
    jest.runOnlyPendingTimers();
    network.socket.greet();
    expect(network.socket.sent).toEqual(["still here"]);
    expect(heard).toEqual([
      ["open", { isReconnect: false, isResumed: false }],
      ["away"],
      ["back"],
      ["open", { isReconnect: true, isResumed: true }],
    ]);
  });

  test("at most 1 MiB waits: past it there is an error, and what waited is kept", async () => {
    const { me, network } = await join();
    me.send("first");
    expect(() => me.send(new Uint8Array(MIB))).toThrow("at most 1048576 are kept");
    expect(() => me.send("ü".repeat(MIB / 2))).toThrow(expect.objectContaining({ code: "queue_full" }));
    me.send("last");
    network.socket.greet();
    expect(network.socket.sent).toEqual(["first", "last"]);
  });

  test("there is room again once what waited has arrived", async () => {
    const { me, network } = await join();
    const large = new Uint8Array(MIB - 100);
    me.send(large);
    network.socket.greet();
    expect(() => me.send(large)).toThrow("are kept");
    network.socket.deliver("\0ack 1");
    me.send(large);
    expect(network.socket.sent).toHaveLength(2);
  });

  test("empty frames cannot pile up without end", async () => {
    const { me } = await join();
    expect(() => {
      for (let frame = 0; frame < MIB; frame++) me.send("");
    }).toThrow("are kept");
  });

  test("of what is volatile only the newest waits, also where there is no room for it", async () => {
    const { me, network } = await join({ outboxBytes: 50 });
    me.send("x".repeat(30));
    for (const x of [1, 2]) me.send({ x }, { volatile: true });
    network.socket.greet();
    expect(network.socket.sent).toEqual(["x".repeat(30)]);
    network.socket.deliver("\0ack 1");
    me.send({ x: 3 }, { volatile: true });
    expect(network.socket.sent.slice(1)).toEqual(['{"x":3}']);
  });

  test("after the end nothing is sent, and it says so", async () => {
    const { me, network } = await join();
    network.socket.greet();
    me.close();
    expect(me.send("late")).toBe(false);
    expect(network.socket.sent).toEqual([]);
  });
});

describe("hearing", () => {
  test("text is told as text, and as JSON too where it is JSON; binary as bytes", async () => {
    const { network, heard } = await join();
    network.socket.greet();
    heard.length = 0;
    for (const frame of ["[1]", "hello", "", new Uint8Array([7])]) network.socket.deliver(frame);
    expect(heard).toEqual([
      ["text", "[1]"],
      ["json", [1]],
      ["text", "hello"],
      ["text", ""],
      ["binary", new Uint8Array([7])],
    ]);
  });

  test("P5.5.12 a message that was refused is told with its reason, and is no frame of the game", async () => {
    const { me, network, heard } = await join();
    const reasons: string[] = [];
    me.on("refused", (reason) => void reasons.push(reason));
    network.socket.accept();
    network.socket.greet();
    heard.length = 0;
    network.socket.deliver('\0refused {"reason":"Be \\"nice\\"."}');
    network.socket.deliver("\0refused to be understood");
    expect(reasons).toEqual(['Be "nice".']);
    expect(heard).toEqual([]);
  });

  test("nothing is parsed where nobody listens for JSON", async () => {
    const network = createFakeNetwork();
    const me = joinRoom({ code: "BCDF", server: "http://tv", WebSocket: network.WebSocket });
    await Promise.resolve();
    const texts: string[] = [];
    me.on("text", (text) => texts.push(text));
    jest.advanceTimersByTime(0);
    network.socket.greet();
    const parse = JSON.parse;
    const parsed: string[] = [];
    JSON.parse = (text: string) => parsed.push(text);
    try {
      network.socket.deliver("{}");
    } finally {
      JSON.parse = parse;
    }
    expect(texts).toEqual(["{}"]);
    expect(parsed).toEqual([]);
  });

  test("what the server kept for a page that begins from nothing comes as ordinary frames, after it was told that it is open", async () => {
    const { network, heard } = await join();
    network.socket.greet({ next: 9 }, '{"screen":1}', new Uint8Array([1]));
    expect(heard).toEqual([
      ["open", { isReconnect: false, isResumed: false }],
      ["text", '{"screen":1}'],
      ["json", { screen: 1 }],
      ["binary", new Uint8Array([1])],
    ]);
  });

  test("frames that are lost are told, in either direction", async () => {
    const { me, network, heard } = await join();
    network.socket.greet();
    network.socket.end(1006);
    me.send("for the old room");
    jest.runOnlyPendingTimers();
    network.socket.greet({ epoch: "another", next: 4, lost: 3 });
    expect(heard.slice(-3)).toEqual([
      ["back"],
      ["open", { isReconnect: true, isResumed: false }],
      ["gap", { lost: 3, unsent: 1 }],
    ]);
    expect(network.socket.sent).toEqual([]);
  });

  test("what was heard is acknowledged after half a second, and not before", async () => {
    const { network } = await join();
    network.socket.greet();
    network.socket.deliver("one");
    network.socket.deliver("two");
    jest.advanceTimersByTime(ACK_AFTER_MS - 1);
    expect(network.socket.sent).toEqual([]);
    jest.advanceTimersByTime(1);
    expect(network.socket.sent).toEqual(["\0ack 2"]);
  });

  test("a lost line is told, and comes back by itself", async () => {
    const { me, network, heard } = await join();
    const retries: unknown[] = [];
    me.on("reconnecting", (retry) => retries.push(retry));
    network.socket.greet();
    network.socket.end(4008, "Nothing was heard from you for too long.");
    expect(retries).toMatchObject([{ attempt: 1, code: 4008, reason: "Nothing was heard from you for too long." }]);
    jest.runOnlyPendingTimers();
    expect(network.sockets).toHaveLength(2);
    expect(heard.filter(([event]) => event === "close")).toEqual([]);
  });

  test("the back-off begins anew once there is a seat, and not before", async () => {
    const { me, network } = await join();
    const attempts: number[] = [];
    me.on("reconnecting", ({ attempt }) => attempts.push(attempt));
    for (const isHeard of [false, false, true, true]) {
      network.socket.accept();
      if (isHeard) network.socket.greet();
      network.socket.end(1006);
      jest.runOnlyPendingTimers();
    }
    expect(attempts).toEqual([1, 2, 1, 1]);
  });

  test("a final close is told with its name, once, and leaves nothing running", async () => {
    const { me, network, heard } = await join();
    network.socket.greet();
    network.socket.end(4503, "Too loud.");
    me.close();
    expect(heard.slice(1)).toEqual([["close", { code: 4503, name: "kicked", reason: "Too loud.", isFinal: true }]]);
    expect(jest.getTimerCount()).toBe(0);
    expect(network.sockets).toHaveLength(1);
  });
});

describe("what the TV's SDK says of itself and of the player", () => {
  test("P5.10.3 `reloaded` tells that the TV's page was loaded again, at once, and a listener of it lets nothing else out", async () => {
    const network = createFakeNetwork();
    const me = joinRoom({ code: "BCDF", server: "http://tv", WebSocket: network.WebSocket });
    await Promise.resolve(); // the line begins when the page's own code has run
    const [reloaded, text] = [jest.fn(), jest.fn()];
    me.on("reloaded", reloaded);
    network.socket.greet();
    network.socket.deliver("before it has a listener");
    network.socket.deliver('{"cw":"event","name":"cw:again"}');
    jest.advanceTimersByTime(0);
    expect(reloaded).toHaveBeenCalledTimes(1);
    me.on("text", text);
    jest.advanceTimersByTime(0);
    expect(text).toHaveBeenCalledWith("before it has a listener");
  });

  test("P5.10.3 a profile of the TV's takes the place of the player's, and is said back", async () => {
    const { me, network } = await join({ name: "Ada", meta: { avatar: 3, hat: "red" } });
    const profile = jest.fn();
    me.on("profile", profile);
    network.socket.greet();
    network.socket.sent.length = 0;
    network.socket.deliver('{"cw":"event","name":"cw:profile","data":{"meta":[1]}}');
    expect([profile.mock.calls, me.meta]).toEqual([[], { avatar: 3, hat: "red" }]);
    network.socket.deliver('{"cw":"event","name":"cw:profile","data":{"meta":{"avatar":4}}}');
    expect([profile.mock.calls, me.name, me.meta]).toEqual([[[]], "Ada", { avatar: 4 }]);
    expect(network.socket.sent).toEqual([
      '{"cw":"event","name":"cw:profile","data":{"name":"Ada","meta":{"avatar":4}}}',
    ]);
  });
});
