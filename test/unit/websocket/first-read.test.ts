/** Who is heard of by whom when a connection says its first words. */
import { once } from "node:events";
import { createServer, IncomingMessage } from "node:http";
import { connect, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { afterEach, describe, expect, jest, test } from "@jest/globals";
import { createFirstReads } from "../../../src/transport/websocket/first-read.ts";
import { followStream } from "../../../src/transport/websocket/stream-events.ts";
import type { RequestHead } from "../../../src/transport/websocket/request-header.ts";
import { onTestEnd } from "../../support/clean-up.ts";
import { eventually } from "../../support/inbox.ts";
import { listen } from "../../support/listen.ts";
import { HANDSHAKE_HEADERS, makeRequest } from "../../support/raw-client.ts";
import { endOfTurn } from "../../support/websocket/hand-stream.ts";

const HANDSHAKE = makeRequest("GET", "/BCDF", Object.entries(HANDSHAKE_HEADERS));
const PLAIN = makeRequest("GET", "/healthz", []);

afterEach(() => void jest.useRealTimers());

/** An HTTP server in front of which first reads stand; of handshakes those are taken whose path is not `/nobody`. */
async function openServer() {
  const taken: RequestHead[] = [];
  const upgrades: string[] = [];
  const http = createServer((request: IncomingMessage, response) => {
    if (request.url !== "/nobody-listens") response.end(`plain ${request.url}`);
  });
  http.on("upgrade", (request: IncomingMessage, stream: Duplex, head: Buffer) => {
    upgrades.push(`${request.url} ${head.toString()}`);
    stream.end("HTTP/1.1 404 Not Found\r\n\r\n");
  });
  const firstReads = createFirstReads(http, (head) => {
    if (head.url === "/nobody") return false;
    taken.push(head);
    followStream(head.socket, {
      onData: (chunk) => void head.socket.write(chunk),
      onEnd: () => void head.socket.end(),
      onStreamClosed() {},
    });
    head.socket.write("taken");
    return true;
  });
  const port = await listen(http);
  onTestEnd(() => {
    firstReads.close();
    http.closeAllConnections();
    http.close();
  });
  return { http, firstReads, taken, upgrades, come: () => comeTo(port) };
}

/** Lets somebody come, in front of a clock that is the test's. */
async function openSilently() {
  jest.useFakeTimers({ doNotFake: ["nextTick", "setImmediate", "queueMicrotask", "performance", "Date"] });
  const server = await openServer();
  const come = async () => {
    const accepted = once(server.http, "connection");
    const client = await server.come();
    await accepted;
    return client;
  };
  return { ...server, come };
}

async function comeTo(port: number) {
  const socket = connect({ port, host: "127.0.0.1", noDelay: true });
  onTestEnd(() => socket.destroy());
  socket.on("error", () => {});
  let heard = "";
  socket.on("data", (chunk: Buffer) => (heard += chunk.toString("latin1")));
  await once(socket, "connect");
  /** Whatever the timers are. */
  const hear = async (text: string): Promise<void> => {
    while (!heard.includes(text)) await endOfTurn();
  };
  return { socket, hear };
}

async function sayByteByByte(socket: Socket, words: Buffer): Promise<void> {
  for (const byte of words) {
    socket.write(Buffer.of(byte));
    await endOfTurn();
  }
}

describe("what a connection says first", () => {
  // First, so that its first connection is the first that this file reads from: that is read by the stream.
  test("is Node's if it is a request whose body nobody takes, of which no more is read than by itself", async () => {
    const { http, come } = await openServer();
    for (let round = 0; round < 2; round++) {
      const { socket } = await come();
      const asked = once(http, "request");
      socket.write("POST /nobody-listens HTTP/1.1\r\nHost: here\r\nContent-Length: 8000000\r\n\r\n");
      socket.write(Buffer.alloc(8_000_000));
      const [request]: unknown[] = await asked;
      if (!(request instanceof IncomingMessage)) throw new Error("A request has a message.");
      await eventually("some of it is there", () => request.readableLength > 0);
      for (let turn = 0; turn < 200; turn++) await endOfTurn();
      expect(request.readableLength).toBeLessThan(200_000);
      let bytes = 0;
      request.on("data", (chunk: Buffer) => (bytes += chunk.length));
      await once(request, "end");
      expect(bytes).toBe(8_000_000);
    }
  });

  test("is taken if it is a handshake, and Node's server does not hear of it", async () => {
    const { http, taken, upgrades, come } = await openServer();
    for (let round = 0; round < 3; round++) {
      const { socket, hear } = await come();
      socket.write(HANDSHAKE);
      await hear("taken");
    }
    expect(taken.map(({ method, url }) => `${method} ${url}`)).toEqual(["GET /BCDF", "GET /BCDF", "GET /BCDF"]);
    expect(taken.every(({ socket }) => Reflect.get(socket, "parser") === undefined)).toBe(true);
    expect([upgrades, http.listenerCount("upgrade")]).toEqual([[], 1]);
  });

  test.each([
    ["is a plain request", PLAIN, "plain /healthz", []],
    ["is a handshake for nobody", Buffer.from(HANDSHAKE.toString().replace("BCDF", "nobody")), "404", ["/nobody "]],
    ["has more behind the handshake", Buffer.concat([HANDSHAKE, Buffer.from("more")]), "404", ["/BCDF more"]],
    ["is no HTTP", Buffer.from("\x16\x03\x01 hello\r\n\r\n"), "400 Bad Request", []],
  ])("is Node's if it %s", async (_what, words, answer, told) => {
    const { taken, upgrades, come } = await openServer();
    for (let round = 0; round < 2; round++) {
      const { socket, hear } = await come();
      socket.write(words);
      await hear(answer);
    }
    expect([taken, upgrades]).toEqual([[], [...told, ...told]]);
  });

  test("is Node's if it is cut in the middle", async () => {
    const { taken, upgrades, come } = await openServer();
    for (const at of [1, 40, HANDSHAKE.length - 1]) {
      const { socket, hear } = await come();
      socket.write(HANDSHAKE.subarray(0, at));
      for (let turn = 0; turn < 5; turn++) await endOfTurn();
      socket.write(HANDSHAKE.subarray(at));
      await hear("404");
    }
    expect([taken, upgrades]).toEqual([[], ["/BCDF ", "/BCDF ", "/BCDF "]]);
  });

  test("is Node's if there are several requests, which are answered in their order", async () => {
    const { come } = await openServer();
    const { socket, hear } = await come();
    socket.write(Buffer.concat([PLAIN, makeRequest("GET", "/second", [])]));
    await hear("plain /healthz");
    await hear("plain /second");
  });

  test("is Node's if it comes byte by byte, and all that follows is, too", async () => {
    const { taken, upgrades, come } = await openServer();
    const { socket, hear } = await come();
    await sayByteByByte(socket, PLAIN);
    await hear("plain /healthz");
    await sayByteByByte(socket, HANDSHAKE);
    await hear("404");
    expect([taken, upgrades]).toEqual([[], ["/BCDF "]]);
  });

  describe("after a silence", () => {
    test("is Node's", async () => {
      const { come, taken, upgrades } = await openSilently();
      const { socket, hear } = await come();
      jest.advanceTimersByTime(2_000);
      socket.write(HANDSHAKE);
      await hear("404");
      expect([taken, upgrades]).toEqual([[], ["/BCDF "]]);
    });

    test("is taken if that was a short one, and nobody takes the connection away again", async () => {
      const { come, taken, upgrades } = await openSilently();
      const { socket, hear } = await come();
      jest.advanceTimersByTime(1_000);
      socket.write(HANDSHAKE);
      await hear("taken");
      await come(); // so that it is looked again
      jest.advanceTimersByTime(3_000);
      socket.write("GET / HTTP/1.1 is what it says");
      await hear("GET / HTTP/1.1 is what it says");
      expect([taken.length, upgrades]).toEqual([1, []]);
    });
  });

  test("is waited for no longer when the server closes, whoever has hung up before", async () => {
    const { http, firstReads, come } = await openServer();
    const gone = await come();
    gone.socket.destroy();
    const { socket } = await come();
    const end = once(socket, "close");
    const closed = new Promise((resolve) => http.close(resolve));
    await endOfTurn();
    firstReads.close();
    await Promise.all([end, closed]);
  });
});
