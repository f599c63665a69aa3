/** A drawing on a poor line, in a real browser: pings, pongs and questions wait behind it, and it arrives at the first attempt. */
import { afterAll, afterEach, beforeAll, expect, test } from "@jest/globals";
import { startBrowser, SCREEN_SIZES, type TestBrowser } from "../support/browser.ts";
import { openRoom } from "../support/host-client.ts";
import { poorLine } from "../support/poor-line.ts";
import { startServer } from "../support/server.ts";

const DRAWING_BYTES = 12 * 1_048_576;
/** So that it takes twelve seconds, of which the machine itself takes the first few megabytes off the page's hands at once. */
const BYTES_PER_MS = 1_000;

let browser: TestBrowser;

beforeAll(async () => {
  browser = await startBrowser("slow-upload");
}, 60_000);

afterAll(() => browser.close());

afterEach(() => expect(browser.problems).toEqual([]));

test("P4.1 4008 is not for a phone whose drawing takes longer than any pong may, nor does its own page give it up", async () => {
  const server = await startServer({
    pingMs: 1_500,
    idleMs: 4_000,
    maxPayload: 2 * DRAWING_BYTES,
    maxHostPayload: 2 * DRAWING_BYTES,
    sendQueue: 2 * DRAWING_BYTES,
    playerRate: 0,
    playerBytes: 0,
  });
  const { host, code } = await openRoom(server, { query: "?bytes=string" });
  const line = await poorLine(server, BYTES_PER_MS);
  const page = await browser.open(`${line.url}/healthz`, SCREEN_SIZES.phone);
  await page.evaluate(
    async ({ room, bytes }) => {
      const sdk = "/sdk/couchwire.js";
      const { joinRoom } = await import(sdk);
      const me = joinRoom({ code: room, pongTimeoutMs: 4_000, outboxBytes: 2 * bytes, maxFrameBytes: 2 * bytes });
      const retries: unknown[] = [];
      me.on("reconnecting", (retry: unknown) => retries.push(retry));
      me.send(new Uint8Array(bytes).fill(7));
      Object.assign(window, { retries });
    },
    { room: code, bytes: DRAWING_BYTES },
  );
  expect(await host.next()).toMatchObject({ cmd: "player_joined" });
  expect(await host.next()).toMatchObject({ cmd: "state" });
  const { cmd, data } = await host.next();
  expect(cmd).toBe("from");
  expect(data instanceof Uint8Array && data.length).toBe(DRAWING_BYTES);
  expect(await page.evaluate(() => Reflect.get(window, "retries"))).toEqual([]);
});
