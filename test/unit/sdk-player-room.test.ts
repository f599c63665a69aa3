import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import * as fc from "fast-check";
import { joinRoom, type JoinRoomOptions } from "../../src/sdk/join-room.ts";
import type { PlayerRoom } from "../../src/sdk/player-room.ts";
import { SEND_QUEUE_BYTES } from "../../src/sdk/send-queue.ts";
import { createHandNetwork } from "../support/hand-socket.ts";

function join(options: JoinRoomOptions = {}) {
  const network = createHandNetwork();
  const me = joinRoom({ code: "BCDF", server: "https://party.example/tv", WebSocket: network.WebSocket, ...options });
  return { me, network, heard: listen(me) };
}

function listen(me: PlayerRoom): unknown[][] {
  const heard: unknown[][] = [];
  for (const event of ["open", "text", "json", "binary", "close"] as const) {
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
    expect(network.socket.url).toBe("wss://party.example/tv/BCDF");
    expect(me.isConnected).toBe(false);
    network.socket.accept();
    expect(me.isConnected).toBe(true);
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
    network.socket.accept();
    expect(network.socket.sent).toEqual(["one", new Uint8Array([1, 2, 3]), '{"three":3}', "four"]);
  });

  test("what is sent while the line is lost goes when it is back", () => {
    const { me, network, heard } = join();
    network.socket.accept();
    network.socket.end(1006);
    me.send("still here");
    jest.runOnlyPendingTimers();
    network.socket.accept();
    expect(network.socket.sent).toEqual(["still here"]);
    expect(heard).toEqual([
      ["open", { isReconnect: false }],
      ["open", { isReconnect: true }],
    ]);
  });

  test("at most 1 MiB waits: past it there is an error, and what waited is kept", () => {
    const { me, network } = join();
    me.send("first");
    expect(() => me.send(new Uint8Array(SEND_QUEUE_BYTES))).toThrow("at most 1048576 are kept");
    expect(() => me.send("ü".repeat(SEND_QUEUE_BYTES / 2))).toThrow(expect.objectContaining({ code: "queue_full" }));
    me.send("last");
    network.socket.accept();
    expect(network.socket.sent).toEqual(["first", "last"]);
  });

  test("there is room again once what waited is sent", () => {
    const { me, network } = join();
    const large = new Uint8Array(SEND_QUEUE_BYTES - 100);
    me.send(large);
    network.socket.accept();
    network.socket.end(1006);
    me.send(large);
    jest.runOnlyPendingTimers();
    network.socket.accept();
    expect(network.sockets.map(({ sent }) => sent.length)).toEqual([1, 1]);
  });

  test("empty frames cannot pile up without end", () => {
    const { me } = join();
    expect(() => {
      for (let frame = 0; frame < SEND_QUEUE_BYTES; frame++) me.send("");
    }).toThrow("are kept");
  });

  test("any frames at all go out in the order they were sent, however often the line is cut", () => {
    const step = fc.oneof(
      { weight: 4, arbitrary: fc.string() },
      fc.constantFrom<["cut"] | ["open"]>(["cut"], ["open"]),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const { me, network } = join();
        const open = (): void => {
          if (network.socket.readyState === 3) jest.runOnlyPendingTimers();
          if (network.socket.readyState === 0) network.socket.accept();
        };
        for (const next of steps) {
          if (typeof next === "string") me.send(next);
          else if (next[0] === "open") open();
          else if (network.socket.readyState < 3) network.socket.end(1006);
        }
        open();
        const sent = network.sockets.flatMap((socket) => socket.sent);
        me.close();
        expect(sent).toEqual(steps.filter((next) => typeof next === "string"));
      }),
    );
  });

  test("after the end nothing is sent, and it says so", () => {
    const { me, network } = join();
    network.socket.accept();
    me.close();
    expect(me.send("late")).toBe(false);
    expect(network.socket.sent).toEqual([]);
  });
});

describe("hearing", () => {
  test("text is told as text, and as JSON too where it is JSON; binary as bytes", () => {
    const { network, heard } = join();
    network.socket.accept();
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
    network.socket.accept();
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

  test("a lost line is told, and comes back by itself", () => {
    const { me, network, heard } = join();
    const retries: unknown[] = [];
    me.on("reconnecting", (retry) => retries.push(retry));
    network.socket.accept();
    network.socket.end(4008, "Nothing was heard from you for too long.");
    expect(retries).toMatchObject([{ attempt: 1, code: 4008, reason: "Nothing was heard from you for too long." }]);
    jest.runOnlyPendingTimers();
    expect(network.sockets).toHaveLength(2);
    expect(heard.filter(([event]) => event === "close")).toEqual([]);
  });

  test("the back-off begins anew once the host was heard, and not before", () => {
    const { me, network } = join();
    const attempts: number[] = [];
    me.on("reconnecting", ({ attempt }) => attempts.push(attempt));
    for (const isHeard of [false, false, true, true]) {
      network.socket.accept();
      if (isHeard) network.socket.deliver("your turn");
      network.socket.end(1006);
      jest.runOnlyPendingTimers();
    }
    expect(attempts).toEqual([1, 2, 1, 1]);
  });

  test("a final close is told with its name, once, and leaves nothing running", () => {
    const { me, network, heard } = join();
    network.socket.accept();
    network.socket.end(4503, "Too loud.");
    me.close();
    expect(heard.slice(1)).toEqual([["close", { code: 4503, name: "kicked", reason: "Too loud.", isFinal: true }]]);
    expect(jest.getTimerCount()).toBe(0);
    expect(network.sockets).toHaveLength(1);
  });
});
