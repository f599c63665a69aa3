import { expect, test } from "@jest/globals";
import { Line } from "../../src/sdk/line.ts";
import type { Wake } from "../../src/sdk/wake.ts";
import { createHandNetwork } from "../support/hand-socket.ts";

const nobody = () => undefined;

test("P5.2.4 a page that comes back from the back/forward cache calls itself anew, or its successor would keep its place", () => {
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
  const pages = (): Set<string | undefined> =>
    new Set(network.sockets.map(({ url }) => /attempt=(\w+)\.\d+$/.exec(url)?.[1]));
  for (const [isRestored, count] of [
    [false, 1],
    [true, 2],
  ] as const) {
    network.socket.greet();
    network.socket.die();
    for (const wake of wakes) wake(isRestored);
    expect(pages().size).toBe(count);
  }
  expect(network.sockets).toHaveLength(3);
  line.close({ code: 1000, reason: "" });
});
