/** A recorded evening of the demo game, replayed into a TV page that has nothing of it but the frames: the same podium at any speed. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { Locator, Page } from "playwright-core";
import { z } from "zod";
import { createServer, type CouchwireServer } from "../../src/index.ts";
import { itemLength, readRecording } from "../../src/recording/recording-file.ts";
import { joinRoom, type PlayerRoom } from "../../src/sdk/node.ts";
import { API_KEY, askApi } from "../support/api-client.ts";
import { STILL_SCREENS, startBrowser, type TestBrowser } from "../support/browser.ts";
import { onTestEnd } from "../support/clean-up.ts";
import { startCli, type Ending } from "../support/cli-process.ts";
import { button, codeOn } from "../support/demo-game.ts";

const PNG = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGNgYGBgAAAABQABpfZFQAAAAABJRU5ErkJggg==",
  "base64",
);

/** What the TV shows by itself is short. A phase that waits for phones lasts until all have answered, however slow the machine is. */
const TIMES = "draw=600&title=600&vote=600&reveal=0.2&scores=0.2&think=0.05";
/** Seconds for which a replay waits for the TV. */
const PATIENCE = "120";

let server: CouchwireServer;
let browser: TestBrowser;
let url = "";
let port = 0;

beforeAll(async () => {
  server = createServer({ port: 0, host: "127.0.0.1", logLevel: "silent", drainMs: 0, apiKey: API_KEY });
  ({ url, port } = await server.listen());
  browser = await startBrowser("demo-game-replay");
}, 60_000);

afterAll(async () => {
  await browser.close();
  await server.close();
}, 60_000);

interface OpenTv {
  readonly tv: Page;
  readonly code: string;
}

async function openTv(query: string): Promise<OpenTv> {
  const tv = await browser.open(`${url}/games/demo-game/?${query}`, STILL_SCREENS.smallTv);
  await tv.locator("[data-code]").waitFor();
  return { tv, code: await codeOn(tv) };
}

const textsOf = async (elements: Locator): Promise<readonly string[]> =>
  elements.evaluateAll((all) => all.map((element) => element.textContent ?? ""));

/** All that a podium says: who is where with how many points, the honours, and the secrets that were drawn. */
async function podiumOn(tv: Page): Promise<readonly string[]> {
  await tv.locator(".podium-scene").waitFor({ timeout: 120_000 });
  return textsOf(tv.locator(".place, .other, .award, .wall span, .podium-scene .heading .call"));
}

const SCREEN = z.object({
  screen: z.string(),
  turn: z.string(),
  options: z.array(z.object({ option: z.int(), text: z.string(), isOwn: z.boolean() })).default([]),
});
type Screen = z.infer<typeof SCREEN>;

interface Phone {
  readonly me: PlayerRoom;
  /** What it was asked to choose from, by the scene of the TV. */
  readonly options: ReadonlyMap<string, readonly string[]>;
  /** Resolves when it shows the podium: the server has been given all of the game by then. */
  readonly podium: Promise<void>;
}

/** A phone that plays at once: it draws a dot, fibs, and votes for the last title that is not its own. `luck` is what it brings to what the TV shuffles. */
async function play({ tv, code }: OpenTv, name: string, luck: number): Promise<Phone> {
  const me = joinRoom({ server: url, code, name, meta: { luck }, warn() {}, keepAwake: false });
  onTestEnd(() => me.close());
  const options = new Map<string, readonly string[]>();
  let seen = "";
  const look = ({ screen, turn, options: choices }: Screen): void => {
    if (`${turn} ${screen}` === seen) return;
    seen = `${turn} ${screen}`;
    if (screen === "draw") me.send(PNG);
    if (screen === "title") void me.ask("title", `what ${name} makes of ${turn}`);
    if (screen !== "vote") return;
    options.set(
      turn,
      choices.map(({ text }) => text),
    );
    me.emit("vote", choices.findLast(({ isOwn }) => !isOwn)?.option);
  };
  const podium = new Promise<void>((resolve) => {
    me.state.on("screen", (told) => {
      const { data } = SCREEN.safeParse(told);
      if (data !== undefined) look(data);
      if (data?.screen === "podium") resolve();
    });
  });
  // The first phone starts the game, and the order of the players is part of its chance: each has its place before the next one comes.
  await tv.locator(".seats").getByText(name, { exact: true }).waitFor();
  return { me, options, podium };
}

interface Evening {
  readonly file: string;
  readonly podium: readonly string[];
  readonly options: ReadonlyMap<string, readonly string[]>;
}

/** A whole game of three phones and a bot, recorded from its beginning to the end of its room. */
async function recordEvening(folder: string): Promise<Evening> {
  const file = join(folder, "party.cwrec");
  const room = await openTv(TIMES);
  const recorder = startCli(["record", room.code, "--out", file, "--server", url, "--key", API_KEY]);
  onTestEnd(() => recorder.kill("SIGKILL"));
  await recorder.said(/is recorded into/);
  await button(room.tv, "Add a bot").click();
  await room.tv.locator(".seats .remove-bot").waitFor();
  const phones = [await play(room, "Ada", 1), await play(room, "Bob", 2), await play(room, "Cleo", 3)];
  phones[0]?.me.emit("start");
  const podium = await podiumOn(room.tv);
  await Promise.all(phones.map((phone) => phone.podium));
  expect((await askApi({ port }, `DELETE /api/rooms/${room.code}`)).status).toBe(204);
  expect(await recorder.ended).toMatchObject({ exitCode: 0, stderr: "" });
  await browser.closePages();
  return { file, podium, options: new Map(phones.flatMap(({ options }) => Array.from(options))) };
}

/** Frames by which the players vote on one drawing: three of the four do. */
const VOTES = 3;

interface CutFile {
  readonly file: string;
  /** What the players have said in it. */
  readonly frames: number;
}

/** The file up to the middle of the first vote on the second drawing. */
function cutInTheSecondVote(file: string, folder: string): CutFile {
  const bytes = readFileSync(file);
  const { items = [] } = readRecording(bytes) ?? {};
  const spoken = items.filter((item) => item.is === "from");
  const votes = spoken.filter(({ data }) => typeof data === "string" && data.includes('"name":"vote"'));
  const first = votes[VOTES];
  if (first === undefined) throw new Error("There is no vote on a second drawing.");
  let at = lengthAt(bytes, 0);
  for (const _ of items.slice(0, items.indexOf(first))) at += lengthAt(bytes, at);
  const cut = join(folder, "cut.cwrec");
  writeFileSync(cut, bytes.subarray(0, at + Math.floor(lengthAt(bytes, at) / 2)));
  return { file: cut, frames: spoken.indexOf(first) };
}

function lengthAt(bytes: Uint8Array, at: number): number {
  const length = itemLength(bytes, at);
  if (typeof length !== "number") throw new Error("The recording is not whole.");
  return length;
}

/** Plays the file into another TV, which shows all that the first one had shown. */
async function replay(file: string, speed: string): Promise<{ readonly tv: Page; readonly stdout: string }> {
  const { tv, code } = await openTv(`${TIMES}&replay`);
  const words = ["replay", file, code, "--server", url, "--speed", speed, "--patience", PATIENCE];
  const replaying = startCli(words);
  onTestEnd(() => replaying.kill("SIGKILL"));
  const { exitCode, stdout, stderr }: Ending = await replaying.ended;
  expect([exitCode, stderr]).toEqual([0, ""]);
  expect(stdout).toContain("the host showed what the recording has");
  return { tv, stdout };
}

test("a recorded game replays to the same podium at 1 × and 20 ×, and a file that was cut off to its end", async () => {
  const folder = mkdtempSync(join(tmpdir(), "couchwire-replay-"));
  onTestEnd(() => rmSync(folder, { recursive: true }));
  const { file, podium, options } = await recordEvening(folder);
  expect(podium.length).toBeGreaterThanOrEqual(9); // four players, four drawings, the sentence about them
  const cut = cutInTheSecondVote(file, folder);

  const [slow, quick, broken] = await Promise.all([replay(file, "1"), replay(file, "20"), replay(cut.file, "20")]);
  expect(await podiumOn(slow.tv)).toEqual(podium);
  expect(await podiumOn(quick.tv)).toEqual(podium);
  expect(broken.stdout).toMatch(/The end of the file is damaged: its last \d+ bytes are left out\./);
  expect(broken.stdout).toContain(`${cut.frames} frames were said`);
  expect(await textsOf(broken.tv.locator(".options li"))).toEqual(options.get("vote 2"));
}, 300_000);
