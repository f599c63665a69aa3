import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { ACK_AFTER_MS } from "../../src/sdk/line.ts";
import { joinRoom, type JoinRoomOptions } from "../../src/sdk/join-room.ts";
import type { PlayerRoom } from "../../src/sdk/player-room.ts";
import { createHandNetwork } from "../support/hand-socket.ts";

const MIB = 1_048_576;

function join(options: JoinRoomOptions = {}) {
  const network = createHandNetwork();
  const me = joinRoom({ code: "BCDF", server: "https://party.example/tv", WebSocket: network.WebSocket, ...options });
  return { me, network, heard: listen(me) };
}

function listen(me: PlayerRoom): unknown[][] {
  const heard: unknown[][] = [];
  for (const event of ["open", "text", "json", "binary", "away", "back", "gap", "close"] as const) {
    me.on(event, (...values: unknown[]) => void heard.push([event, ...values]));
  }
  return heard;
}

beforeEach(() => void jest.useFakeTimers({ doNotFake: ["queueMicrotask", "nextTick"] }));
afterEach(() => void jest.useRealTimers());

describe("joining", () => {
  test("connects to the room's address, the code in capitals", () => {
    const { me, network } = join({ code: " bcdf " });
    expect(me.code).toBe("BCDF");
    expect(network.socket.url).toMatch(
      /^wss:\/\/party\.example\/tv\/BCDF\?session=[0-9a-f]{32}&attempt=[0-9a-f]{32}\.1$/,
    );
    expect(me.isConnected).toBe(false);
    network.socket.accept();
    expect(me.isConnected).toBe(false); // a room that refuses says so after the handshake
    network.socket.greet();
    expect(me.isConnected).toBe(true);
  });

  test("says who it is, what newcomers are asked for, and whose seat it takes, until it has it", () => {
    const { network } = join({ name: " Ada & Co ", pin: "12 34", rescue: "TOKEN" });
    expect(network.socket.url).toMatch(/\?session=\w+&name=Ada\+%26\+Co&pin=12\+34&rescue=TOKEN&attempt=\w+\.1$/);
    network.socket.end(1006);
    jest.runOnlyPendingTimers();
    expect(network.socket.url).toContain("&rescue=TOKEN");
    network.socket.greet({ epoch: "l&f", next: 5 });
    network.socket.end(1006);
    jest.runOnlyPendingTimers();
    expect(network.socket.url).toMatch(/&pin=12\+34&received=4&epoch=l%26f&attempt=\w+\.3$/);
  });

  test.each<[JoinRoomOptions, string]>([
    [{ code: "BCD" }, 'A room code is four letters, such as "BCDF"; this is "BCD".'],
    [{ code: "BCD1" }, 'A room code is four letters, such as "BCDF"; this is "BCD1".'],
    [{ code: "" }, 'A room code is four letters, such as "BCDF"; this is "".'],
    [{ server: "party.example" }, "`server` has to be an address"],
  ])("what makes no sense is refused at once: %j", (options, message) => {
    expect(() => join(options)).toThrow(message);
  });

  test("without a page and a code it asks which room", () => {
    expect(() => joinRoom({ server: "http://tv" })).toThrow("Which room?");
  });
});

describe("sending", () => {
  test("what is sent before the line is open goes first, in order, and as it was", () => {
    const { me, network } = join();
    const bytes = new Uint8Array([1, 2, 3]);
    me.send("one");
    me.send(bytes);
    me.send({ three: 3 });
    bytes.fill(9);
    me.on("open", () => me.send("four"));
    network.socket.greet();
    expect(network.socket.sent).toEqual(["one", new Uint8Array([1, 2, 3]), '{"three":3}', "four"]);
  });

  test("what is sent while the line is lost goes when it is back", () => {
    const { me, network, heard } = join();
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

  test("at most 1 MiB waits: past it there is an error, and what waited is kept", () => {
    const { me, network } = join();
    me.send("first");
    expect(() => me.send(new Uint8Array(MIB))).toThrow("at most 1048576 are kept");
    expect(() => me.send("ü".repeat(MIB / 2))).toThrow(expect.objectContaining({ code: "queue_full" }));
    me.send("last");
    network.socket.greet();
    expect(network.socket.sent).toEqual(["first", "last"]);
  });

  test("there is room again once what waited has arrived", () => {
    const { me, network } = join();
    const large = new Uint8Array(MIB - 100);
    me.send(large);
    network.socket.greet();
    expect(() => me.send(large)).toThrow("are kept");
    network.socket.deliver("\0ack 1");
    me.send(large);
    expect(network.socket.sent).toHaveLength(2);
  });

  test("empty frames cannot pile up without end", () => {
    const { me } = join();
    expect(() => {
      for (let frame = 0; frame < MIB; frame++) me.send("");
    }).toThrow("are kept");
  });

  test("of what is volatile only the newest waits, also where there is no room for it", () => {
    const { me, network } = join({ outboxBytes: 50 });
    me.send("x".repeat(30));
    for (const x of [1, 2]) me.send({ x }, { volatile: true });
    network.socket.greet();
    expect(network.socket.sent).toEqual(["x".repeat(30)]);
    network.socket.deliver("\0ack 1");
    me.send({ x: 3 }, { volatile: true });
    expect(network.socket.sent.slice(1)).toEqual(['{"x":3}']);
  });

  test("after the end nothing is sent, and it says so", () => {
    const { me, network } = join();
    network.socket.greet();
    me.close();
    expect(me.send("late")).toBe(false);
    expect(network.socket.sent).toEqual([]);
  });
});

describe("hearing", () => {
  test("text is told as text, and as JSON too where it is JSON; binary as bytes", () => {
    const { network, heard } = join();
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

  test("nothing is parsed where nobody listens for JSON", () => {
    const network = createHandNetwork();
    const me = joinRoom({ code: "BCDF", server: "http://tv", WebSocket: network.WebSocket });
    const texts: string[] = [];
    me.on("text", (text) => texts.push(text));
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

  test("what the server kept for a page that begins from nothing comes as ordinary frames, after it was told that it is open", () => {
    const { network, heard } = join();
    network.socket.greet({ next: 9 }, '{"screen":1}', new Uint8Array([1]));
    expect(heard).toEqual([
      ["open", { isReconnect: false, isResumed: false }],
      ["text", '{"screen":1}'],
      ["json", { screen: 1 }],
      ["binary", new Uint8Array([1])],
    ]);
  });

  test("frames that are lost are told, in either direction", () => {
    const { me, network, heard } = join();
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

  test("what was heard is acknowledged after half a second, and not before", () => {
    const { network } = join();
    network.socket.greet();
    network.socket.deliver("one");
    network.socket.deliver("two");
    jest.advanceTimersByTime(ACK_AFTER_MS - 1);
    expect(network.socket.sent).toEqual([]);
    jest.advanceTimersByTime(1);
    expect(network.socket.sent).toEqual(["\0ack 2"]);
  });

  test("a lost line is told, and comes back by itself", () => {
    const { me, network, heard } = join();
    const retries: unknown[] = [];
    me.on("reconnecting", (retry) => retries.push(retry));
    network.socket.greet();
    network.socket.end(4008, "Nothing was heard from you for too long.");
    expect(retries).toMatchObject([{ attempt: 1, code: 4008, reason: "Nothing was heard from you for too long." }]);
    jest.runOnlyPendingTimers();
    expect(network.sockets).toHaveLength(2);
    expect(heard.filter(([event]) => event === "close")).toEqual([]);
  });

  test("the back-off begins anew once there is a seat, and not before", () => {
    const { me, network } = join();
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

  test("a final close is told with its name, once, and leaves nothing running", () => {
    const { me, network, heard } = join();
    network.socket.greet();
    network.socket.end(4503, "Too loud.");
    me.close();
    expect(heard.slice(1)).toEqual([["close", { code: 4503, name: "kicked", reason: "Too loud.", isFinal: true }]]);
    expect(jest.getTimerCount()).toBe(0);
    expect(network.sockets).toHaveLength(1);
  });
});
