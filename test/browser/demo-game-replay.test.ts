/** A recorded evening of the demo game, replayed into a TV page that has nothing of it but the frames: the same podium at any speed. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "@jest/globals";
import type { Page } from "playwright-core";
import { z } from "zod";
import { createServer, type CouchwireServer } from "../../src/index.ts";
import { joinRoom, type PlayerRoom } from "../../src/sdk/node.ts";
import { API_KEY } from "../support/api-client.ts";
import { SCREEN_SIZES, startBrowser, type TestBrowser } from "../support/browser.ts";
import { onTestEnd } from "../support/clean-up.ts";
import { startCli } from "../support/cli-process.ts";
import { button, codeOn } from "../support/demo-game.ts";

const PNG = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGNgYGBgAAAABQABpfZFQAAAAABJRU5ErkJggg==",
  "base64",
);

/** What plays by itself is quick; what phones do has all the time it takes. */
const QUICK = "reveal=0.2&scores=0.2&think=0.05";

let server: CouchwireServer;
let browser: TestBrowser;
let url = "";

beforeAll(async () => {
  server = createServer({ port: 0, host: "127.0.0.1", logLevel: "silent", drainMs: 0, apiKey: API_KEY });
  ({ url } = await server.listen());
  browser = await startBrowser("demo-game-replay");
}, 60_000);

afterAll(async () => {
  await browser.close();
  await server.close();
}, 60_000);

afterEach(() => browser.closePages(), 60_000);

async function openTv(query: string): Promise<{ readonly tv: Page; readonly code: string }> {
  const tv = await browser.open(`${url}/games/demo-game/?${query}`, SCREEN_SIZES.tv);
  await tv.locator("[data-code]").waitFor();
  return { tv, code: await codeOn(tv) };
}

/** All that a podium says: who is where with how many points, the honours, and the secrets that were drawn. */
async function podiumOn(tv: Page): Promise<readonly string[]> {
  await tv.locator(".podium-scene").waitFor({ timeout: 60_000 });
  return tv
    .locator(".place, .other, .award, .wall span, .podium-scene h2 + p")
    .evaluateAll((elements) => elements.map((element) => element.textContent ?? ""));
}

const SCREEN = z.object({
  screen: z.string(),
  turn: z.string().default(""),
  options: z.array(z.object({ option: z.int(), isOwn: z.boolean() })).default([]),
});

/** A phone that plays at once: it draws a dot, fibs, and votes for the last title that is not its own. */
function play(code: string, name: string): PlayerRoom {
  const me = joinRoom({ server: url, code, name, warn() {}, keepAwake: false });
  onTestEnd(() => me.close());
  me.setProfile({ name });
  let seen = "";
  me.state.on("screen", (told) => {
    const { data = { screen: "", turn: "", options: [] } } = SCREEN.safeParse(told);
    const { screen, turn, options } = data;
    if (`${turn} ${screen}` === seen) return;
    seen = `${turn} ${screen}`;
    if (screen === "draw") me.send(PNG);
    if (screen === "title") void me.ask("title", `what ${name} makes of ${turn}`);
    if (screen === "vote") me.emit("vote", options.findLast(({ isOwn }) => !isOwn)?.option);
  });
  return me;
}

test("a recorded game replays to the same podium at 1 × and 20 ×, and a file that was cut off to its end", async () => {
  const folder = mkdtempSync(join(tmpdir(), "couchwire-replay-"));
  onTestEnd(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "party.cwrec");

  const { tv, code } = await openTv(QUICK);
  const recorder = startCli(["record", code, "--out", file, "--server", url, "--key", API_KEY]);
  onTestEnd(() => recorder.kill("SIGKILL"));
  await recorder.said(/is recorded into/);
  await button(tv, "Add a bot").click();
  await tv.locator(".seats .remove-bot").waitFor();
  const ada = play(code, "Ada");
  play(code, "Bob");
  await tv.locator(".seats [data-person]").nth(2).waitFor();
  ada.emit("start");
  const podium = await podiumOn(tv);
  expect(podium.length).toBeGreaterThan(4);
  recorder.kill("SIGINT");
  expect((await recorder.ended).exitCode).toBe(0);
  await browser.closePages();

  const cut = join(folder, "cut.cwrec");
  writeFileSync(cut, readFileSync(file).subarray(0, -5));
  await Promise.all(
    [
      { recording: file, speed: "1" },
      { recording: file, speed: "20" },
      { recording: cut, speed: "20" },
    ].map(async ({ recording, speed }) => {
      const again = await openTv(`${QUICK}&replay`);
      const words = ["replay", recording, again.code, "--server", url, "--speed", speed, "--patience", "60"];
      const replayed = startCli(words);
      onTestEnd(() => replayed.kill("SIGKILL"));
      const { exitCode, stdout, stderr } = await replayed.ended;
      expect([exitCode, stderr]).toEqual([0, ""]);
      expect(stdout).toContain("the host showed what the recording has");
      expect(stdout.includes("The end of the file is damaged")).toBe(recording === cut);
      expect(await podiumOn(again.tv)).toEqual(podium);
    }),
  );
}, 180_000);
