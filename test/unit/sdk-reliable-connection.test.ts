import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { ReliableConnection } from "../../src/sdk/reliable-connection.ts";
import { ASK_AFTER_SEND_MS } from "../../src/sdk/liveness-monitor.ts";
import type { Wake } from "../../src/sdk/page-lifecycle.ts";
import { createFakeNetwork } from "../support/fake-socket.ts";

const PONG_TIMEOUT_MS = 1_000;

const nobody = () => undefined;

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

const pageOf = ({ url }: { readonly url: string }): string | undefined => /attempt=(\w+)\.\d+$/.exec(url)?.[1];

/** A line of a page, and what the browser tells that page. */
function openLine({ isVisible = true } = {}) {
  const network = createFakeNetwork();
  const wakes: Wake[] = [];
  const line = new ReliableConnection(
    {
      server: "http://tv",
      target: () => ({ address: "ws://tv/BCDF", query: {}, secrets: ["couchwire.session.anna"] }),
      pongTimeoutMs: PONG_TIMEOUT_MS,
      limitBytes: 1_000,
      maxFrameBytes: 1_000,
      whenFull: "refuse",
      warn: nobody,
    },
    { greeted: nobody, received: nobody, lost: nobody, connecting: nobody, closed: nobody },
    {
      WebSocket: network.WebSocket,
      soon: (start) => start(),
      random: () => 0,
      isVisible: () => isVisible,
      keepAwake: () => nobody,
      onWake: (wake) => {
        wakes.push(wake);
        return nobody;
      },
    },
  );
  return { line, network, wake: (isRestored: boolean) => wakes.forEach((callBack) => callBack(isRestored)) };
}

test("P5.2.4 a page that comes back from the back/forward cache calls itself anew, or its successor would keep its place", () => {
  const { line, network, wake } = openLine();
  for (const [isRestored, count] of [
    [false, 1],
    [true, 2],
  ] as const) {
    network.socket.greet();
    network.socket.die();
    wake(isRestored);
    expect(new Set(network.sockets.map(pageOf)).size).toBe(count);
  }
  expect(network.sockets).toHaveLength(3);
  line.close({ code: 1000, reason: "" });
});

test("P5.2.4 also where the browser says first that the page is seen, and then that it was in the cache", () => {
  const { line, network, wake } = openLine();
  network.socket.greet();
  network.socket.die();
  wake(false);
  wake(true);
  const [first, seen, restored] = network.sockets.map(pageOf);
  expect(seen).toBe(first);
  expect(restored).not.toBe(first);
  expect(network.sockets[1]?.readyState).toBe(2);
  line.close({ code: 1000, reason: "" });
});

describe("a socket that the server is closing, of which no event has told yet", () => {
  test("P5.5.2 carries nothing more: what is said goes over the next one", () => {
    const { line, network } = openLine();
    network.socket.greet();
    network.socket.readyState = 2;
    expect(line.send("said meanwhile")).toBe(true);
    network.socket.end(1012);
    jest.runOnlyPendingTimers();
    const [closed, next] = network.sockets;
    next?.greet();
    expect(closed?.sent).toEqual([]);
    expect(next?.sent).toEqual(["said meanwhile"]);
    line.close({ code: 1000, reason: "" });
  });

  test("P5.3.4 of what is volatile only the newest waits for the next one", () => {
    const { line, network } = openLine();
    network.socket.greet();
    network.socket.readyState = 2;
    for (const place of ["here", "there", "elsewhere"]) line.sendVolatile("place", place);
    network.socket.end(1012);
    jest.runOnlyPendingTimers();
    network.socket.greet();
    expect(network.socket.sent).toEqual(["elsewhere"]);
    line.close({ code: 1000, reason: "" });
  });
});

test.each([
  ["nothing has been heard of what was sent", []],
  ["it was only said that a part of it has come", ["\0ack 0"]],
  ["something came meanwhile that was said before", ["on its way"]],
])("P5.5.7 a line that dies is asked, on a hidden page too, where %s", (_why, heard) => {
  const { line, network } = openLine({ isVisible: false });
  network.socket.greet();
  line.send("a drawing");
  for (const frame of heard) network.socket.deliver(frame);
  jest.advanceTimersByTime(ASK_AFTER_SEND_MS);
  expect(network.socket.sent.filter((frame) => !String(frame).startsWith("\0ack"))).toEqual(["a drawing", "\0ping"]);
  expect(network.socket.closedWith).toEqual([]);
  jest.advanceTimersByTime(PONG_TIMEOUT_MS);
  expect(network.sockets[0]?.closedWith).toEqual([undefined]); // given up
  line.close({ code: 1000, reason: "" });
});

test("P5.5.7 a line is not asked once all that was sent is known to have come", () => {
  const { line, network } = openLine({ isVisible: false });
  network.socket.greet();
  line.send("a drawing");
  network.socket.deliver("\0ack 1");
  jest.advanceTimersByTime(600_000);
  expect(network.socket.sent).toEqual(["a drawing"]);
  line.close({ code: 1000, reason: "" });
});
