import { describe, expect, jest, test } from "@jest/globals";
import { createRoom, type CreateRoomOptions } from "../../src/sdk/create-room.ts";
import { joinRoom, type JoinRoomOptions } from "../../src/sdk/join-room.ts";
import { joinRoom as joinRoomOfNode } from "../../src/sdk/node.ts";
import { createFakeNetwork } from "../support/fake-socket.ts";

/** As a program without TypeScript says it. */
const said = (options: object): CreateRoomOptions & JoinRoomOptions => ({ server: "http://tv", ...options });

describe("options that do not exist or make no sense", () => {
  test.each<[object, string]>([
    [{ maxplayers: 4 }, "createRoom has no option `maxplayers`. Did you mean `maxPlayers`?"],
    [{ timeout: 4 }, "createRoom has no option `timeout`. Did you mean `timeoutMs`?"],
    [{ colour: "red" }, "createRoom has no option `colour`. There are storage, keepAwake,"],
    [{ timeoutMs: 0 }, "`timeoutMs` has to be more than 0; this is 0."],
    [{ pin: 1234 }, "`pin` has to be text; this is 1234."],
    [{ whenFull: "drop" }, '`whenFull` has to be "refuse" or "drop_oldest"; this is "drop".'],
    [{ storage: "local" }, '`storage` has to be "frame" or a storage such as `localStorage`; this is "local".'],
    [{ timeoutMs: "5000" }, '`timeoutMs` has to be more than 0; this is "5000".'],
    [{ pongTimeoutMs: Infinity }, "`pongTimeoutMs` may be 3600000 at most; this is Infinity."],
    [{ signal: {} }, "`signal` has to be an AbortSignal; this is [object Object]."],
    [{ storage: {} }, '`storage` has to be "frame" or a storage such as `localStorage`; this is [object Object].'],
    [
      { server: "http://a b" },
      '`server` has to be an address such as "http://192.168.1.7:8081"; this is "http://a b".',
    ],
    [
      { server: "http://tv:99999" },
      '`server` has to be an address such as "http://192.168.1.7:8081"; this is "http://tv:99999".',
    ],
    [
      { joinUrl: "https://a b/" },
      '`joinUrl` has to be a full address such as "https://example.org/player.html"; this is "https://a b/".',
    ],
    [{ meta: 1n }, "`meta` has to be something that JSON can hold. Do not know how to serialize a BigInt"],
    [{ meta: () => 1 }, "`meta` has to be something that JSON can hold."],
    [{ onConnecting: true }, "`onConnecting` has to be a function; this is true."],
    [{ acceptPlayerState: async () => await Promise.resolve("no") }, "`acceptPlayerState` has to answer at once"],
  ])("createRoom(%p) rejects and says what was meant", async (options, message) => {
    const creating = createRoom(said(options));
    await expect(creating).rejects.toThrow(message);
    await expect(creating).rejects.toMatchObject({ code: "invalid_argument" });
  });

  test.each<[object, string]>([
    [{ rooom: "BCDF" }, "joinRoom has no option `rooom`. There are storage,"],
    [{ Code: "BCDF" }, "joinRoom has no option `Code`. Did you mean `code`?"],
    [{ code: "BCDF", constructor: 1 }, "joinRoom has no option `constructor`."],
    [{ code: "BCDF", name: 7 }, "`name` has to be text; this is 7."],
    [{ code: "BCDF", rescue: "a b" }, "`rescue` has to be the token of a rescue link"],
  ])("joinRoom(%j) throws and says what was meant", (options, message) => {
    expect(() => joinRoom(said(options))).toThrow(message);
  });

  test("what is no object is refused", () => {
    // @ts-expect-error TypeScript would have said so.
    expect(() => joinRoom("BCDF")).toThrow('joinRoom takes an object with options; this is "BCDF".');
    // @ts-expect-error TypeScript would have said so.
    expect(() => joinRoomOfNode("BCDF")).toThrow('joinRoom takes an object with options; this is "BCDF".');
    // @ts-expect-error TypeScript would have said so.
    expect(() => joinRoomOfNode(null)).toThrow("joinRoom takes an object with options; this is null.");
  });

  test.each([Infinity, 2 ** 31])("timeoutMs: %p never comes", async (timeoutMs) => {
    jest.useFakeTimers({ doNotFake: ["queueMicrotask", "nextTick"] });
    const fetchBefore = globalThis.fetch;
    globalThis.fetch = () => Promise.reject(new TypeError("Failed to fetch"));
    try {
      const abort = new AbortController();
      const { WebSocket } = createFakeNetwork();
      let isSettled = false;
      const creating = createRoom({
        server: "http://tv",
        WebSocket,
        timeoutMs,
        signal: abort.signal,
        warn: () => undefined,
      });
      const settled = creating.catch(String).then((result) => {
        isSettled = true;
        return result;
      });
      await jest.advanceTimersByTimeAsync(60_000); // what is too long for a timer would end after a millisecond
      expect(isSettled).toBe(false);
      abort.abort(new Error("enough"));
      expect(await settled).toBe("Error: enough");
    } finally {
      globalThis.fetch = fetchBefore;
      jest.useRealTimers();
    }
  });

  test("what JSON cannot hold is not sent, and the error says why", () => {
    const me = joinRoom({ server: "http://tv", code: "BCDF", WebSocket: createFakeNetwork().WebSocket });
    const circle: { self?: object } = {};
    circle.self = circle;
    for (const data of [circle, 1n, undefined]) {
      expect(() => me.send(data)).toThrow(expect.objectContaining({ code: "invalid_argument" }));
    }
    me.close();
  });
});

describe("names are counted in what people see", () => {
  const { WebSocket } = createFakeNetwork();
  const join = (name: string) => joinRoom({ server: "http://tv", code: "BCDF", name, WebSocket }).close();

  test("six families of emoji are six characters, and 64 of anything are let in", () => {
    for (const name of ["👨‍👩‍👧‍👦".repeat(6), "🏳️‍🌈".repeat(64), "é".normalize("NFD").repeat(64)]) {
      expect(() => join(name)).not.toThrow();
    }
  });

  test("65 characters are not, nor more than 1,024 bytes, however few characters they are", () => {
    expect(() => join("🙂".repeat(65))).toThrow("`name` may have 64 characters, not 65.");
    expect(() => join(`a${"\u0301".repeat(600)}`)).toThrow("`name` may have 1024 bytes of UTF-8, and has more.");
    expect(() => join("x".repeat(1_000_000))).toThrow("`name` may have 1024 bytes of UTF-8, and has more.");
  });

  test("a browser without a segmenter counts code points", () => {
    const { Segmenter } = Intl;
    Reflect.set(Intl, "Segmenter", undefined);
    try {
      expect(() => join("👨‍👩‍👧‍👦".repeat(6))).not.toThrow();
      expect(() => join("🙂".repeat(65))).toThrow("64 characters, not 65");
    } finally {
      Reflect.set(Intl, "Segmenter", Segmenter);
    }
  });
});
