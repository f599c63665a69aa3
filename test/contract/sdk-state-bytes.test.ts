/** What a large state costs on the wire: each change goes in a frame of its own, as where a game changes it twenty times a second. */
import { expect, test } from "@jest/globals";
import { WebSocket } from "ws";
import { joinRoom } from "../../src/sdk/index.ts";
import { onTestEnd } from "../support/clean-up.ts";
import { eventually } from "../support/inbox.ts";
import { openPage, openTestHost } from "../support/sdk-page.ts";
import { startServer } from "../support/server.ts";

const PHONES = 8;
const KEYS = 1_000;
const CHANGES = 400;

const tank = (number: number): object => ({
  x: number,
  y: -number,
  angle: number / 7,
  lives: 3,
  name: "a tank that rolls",
  trail: Array.from({ length: 20 }, (_, step) => number + step),
});

test("P5.10.2 a state of 1,000 keys costs each phone no more than its changes", async () => {
  const server = await startServer();
  const tv = await openTestHost(await openPage(server));
  const received: number[] = [];
  const phones = Array.from({ length: PHONES }, (_, index) => {
    class CountingWebSocket extends WebSocket {
      constructor(url: string, protocols: string[]) {
        super(url, protocols, { perMessageDeflate: false });
        this.on("message", (data: Buffer) => {
          received[index] =
            (received[index] ?? 0) + data.length + (data.length < 126 ? 2 : data.length < 65_536 ? 4 : 10);
        });
      }
    }
    const me = joinRoom({ code: tv.room.code, server: server.url, WebSocket: CountingWebSocket });
    onTestEnd(() => me.close());
    return me;
  });
  await eventually("all are in", () => tv.room.players.length === PHONES);
  tv.room.state.set(Object.fromEntries(Array.from({ length: KEYS }, (_, key) => [`tank${key}`, tank(key)])));
  await eventually("all have it", () => phones.every(({ state }) => state.keys().length === KEYS));
  const before = [...received];
  let bytesOfChanges = 0;
  for (let number = 0; number < CHANGES; number++) {
    const changes = { [`tank${(number * 37) % KEYS}`]: tank(number + 0.123_456) };
    bytesOfChanges += JSON.stringify(changes).length;
    tv.room.state.set(changes);
    await new Promise((resolve) => void setImmediate(resolve));
  }
  tv.room.state.set("end", true);
  await eventually("all have the end", () => phones.every(({ state }) => state.get("end") === true));
  for (const [index, bytes] of received.entries()) {
    const cost = bytes - (before[index] ?? 0);
    expect(cost).toBeGreaterThan(bytesOfChanges);
    expect(cost).toBeLessThan(1.2 * bytesOfChanges + 4_096);
  }
  expect(phones.map(({ state }) => state.all())).toEqual(phones.map(() => tv.room.state.all()));
});
