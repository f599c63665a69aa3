import { expect, jest, test } from "@jest/globals";
import { Line } from "../../src/sdk/line.ts";
import type { Wake } from "../../src/sdk/wake.ts";
import { createHandNetwork } from "../support/hand-socket.ts";

const nobody = () => undefined;

const pageOf = ({ url }: { readonly url: string }): string | undefined => /attempt=(\w+)\.\d+$/.exec(url)?.[1];

/** A line of a page, and what the browser tells that page. */
function openLine() {
  const network = createHandNetwork();
  const wakes: Wake[] = [];
  const line = new Line(
    { address: () => "ws://tv/BCDF?session=anna", answerMs: 1_000, limitBytes: 1_000, whenFull: "refuse" },
    { greeted: nobody, received: nobody, lost: nobody, closed: nobody },
    {
      WebSocket: network.WebSocket,
      random: () => 0,
      isVisible: () => true,
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

test("P5.5.2 what is said while the server closes the socket goes over the next one", () => {
  jest.useFakeTimers();
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
  jest.useRealTimers();
});
