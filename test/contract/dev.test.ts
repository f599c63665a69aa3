/** The option `dev`: what a developer's server does beside the others, and what no other server does. */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Writable } from "node:stream";
import { expect, test } from "@jest/globals";
import { WebSocket } from "ws";
import { z } from "zod";
import { createLogger } from "../../src/log/logger.ts";
import { onTestEnd } from "../support/clean-up.ts";
import { writeFiles } from "../support/http-app.ts";
import { Inbox } from "../support/inbox.ts";
import { startServer, type TestServer } from "../support/server.ts";
import { testInProcess } from "../support/target.ts";

const PAGE = "<!doctype html><title>Duck</title>";

function gamesFolder(): string {
  const files = writeFiles({
    "duck/index.html": PAGE,
    "duck/player.html": PAGE,
    "duck/art/style.css": "body {}",
    "duck/README.md": "A duck.",
    "goose/index.html": PAGE,
    "goose/player.html": PAGE,
  });
  onTestEnd(() => files.remove());
  return files.folder;
}

const MESSAGE = z.object({
  version: z.string().optional(),
  files: z.array(z.string()).optional(),
  sentence: z.string().optional(),
});

class DevPage {
  readonly socket: WebSocket;
  readonly #messages: z.infer<typeof MESSAGE>[] = [];
  readonly #waiting: ((message: z.infer<typeof MESSAGE>) => void)[] = [];

  constructor({ ws }: Pick<TestServer, "ws">, query: string, headers: Record<string, string> = {}) {
    this.socket = new WebSocket(`${ws}/dev/socket?${query}`, { headers });
    this.socket.on("message", (data) => {
      const message = MESSAGE.parse(JSON.parse(Buffer.isBuffer(data) ? data.toString() : ""));
      const take = this.#waiting.shift();
      if (take === undefined) this.#messages.push(message);
      else take(message);
    });
    onTestEnd(() => this.socket.terminate());
  }

  async next(): Promise<z.infer<typeof MESSAGE>> {
    return this.#messages.shift() ?? new Promise((resolve) => this.#waiting.push(resolve));
  }
}

const statusOf = async (socket: WebSocket): Promise<number | undefined> =>
  new Promise((resolve) => {
    socket.on("unexpected-response", (_request, response) => resolve(response.statusCode));
    socket.on("open", () => resolve(101));
    socket.on("error", () => {});
  });

test("row 19.5 without the option nothing of development is served", async () => {
  const server = await startServer({ games: gamesFolder() });
  expect(await (await fetch(`${server.url}/games/duck/`)).text()).toBe(PAGE);
  expect((await fetch(`${server.url}/dev/client.js`)).status).toBe(404);
  expect(await statusOf(new WebSocket(`${server.ws}/dev/socket?game=duck&page=tv`))).toBe(404);
});

test("row 19.5 with the option each page gets the script, and the script is there", async () => {
  const server = await startServer({ games: gamesFolder(), dev: true });
  for (const [path, page] of [
    ["/games/duck/", "tv"],
    ["/games/duck/player.html?room=BCDF", "phone"],
  ] as const) {
    const text = await (await fetch(`${server.url}${path}`)).text();
    expect(text).toContain(`<script src="/dev/client.js" data-game="duck" data-page="${page}" data-version="`);
  }
  const script = await fetch(`${server.url}/dev/client.js`);
  expect(script.headers.get("content-type")).toMatch(/javascript/);
  expect(await script.text()).toContain("location.reload()");
});

test("row 19.5 a saved file is told to the pages of its game alone, with a new version", async () => {
  const folder = gamesFolder();
  const server = await startServer({ games: folder, dev: true });
  const duck = new DevPage(server, "game=duck&page=phone");
  const goose = new DevPage(server, "game=goose&page=tv");
  const before = await duck.next();
  await goose.next();

  writeFileSync(join(folder, "duck/README.md"), "No page loads this.");
  writeFileSync(join(folder, "duck/art/style.css"), "body { color: red }");
  const changed = await duck.next();
  expect(changed.files).toEqual(["art/style.css"]);
  expect(changed.version).not.toBe(before.version);
  const page = await (await fetch(`${server.url}/games/duck/`)).text();
  expect(page).toContain(`data-version="${changed.version}"`);

  writeFileSync(join(folder, "goose/new.js"), "new file");
  expect((await goose.next()).files).toEqual(["new.js"]);
});

test("row 19.5 a folder that is one game is watched as that game", async () => {
  const folder = join(gamesFolder(), "duck");
  const server = await startServer({ games: folder, dev: true });
  const page = new DevPage(server, "game=duck&page=tv");
  await page.next();
  writeFileSync(join(folder, "index.html"), `${PAGE}new`);
  expect((await page.next()).files).toEqual(["index.html"]);
});

test("row 19.5 the error of a phone reaches the TVs of its game", async () => {
  const server = await startServer({ games: gamesFolder(), dev: true });
  const tv = new DevPage(server, "game=duck&page=tv");
  await tv.next();
  const phone = new DevPage(server, "game=duck&page=phone");
  await phone.next();
  phone.socket.send("nonsense");
  phone.socket.send(JSON.stringify({ message: "Error: quack", at: "player.html:3:1", player: { id: 2, name: "Ada" } }));
  expect((await tv.next()).sentence).toBe("Ada (player 2): Error: quack (player.html:3:1)");

  // One that is just being reloaded misses nothing.
  const reloaded = new DevPage(server, "game=duck&page=tv");
  expect(await reloaded.next()).toHaveProperty("version");
  expect((await reloaded.next()).sentence).toBe("Ada (player 2): Error: quack (player.html:3:1)");
  const other = new DevPage(server, "game=goose&page=tv");
  await other.next();
  other.socket.send(JSON.stringify({ message: "the TV's own is for the terminal" }));
  const goose = new DevPage(server, "game=goose&page=phone");
  await goose.next();
  goose.socket.send(JSON.stringify({ message: "honk" }));
  expect((await other.next()).sentence).toBe("A phone: honk");
});

testInProcess("row 19.5 and the terminal, at most ten a second of one page", async () => {
  const lines: string[] = [];
  const output = new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk));
      done();
    },
  });
  const server = await startServer({ games: gamesFolder(), dev: true }, { logger: createLogger("info", output) });
  const tv = new DevPage(server, "game=duck&page=tv");
  await tv.next();
  const phone = new DevPage(server, "game=duck&page=phone");
  await phone.next();
  for (let number = 1; number <= 200; number++) phone.socket.send(JSON.stringify({ message: `\u001b[2J ${number}` }));
  const heard = new Promise((resolve) => phone.socket.on("pong", resolve));
  phone.socket.ping(); // answered when all of them were read
  await heard;
  const errors = lines.filter((line) => line.includes("A phone: "));
  expect(errors.length).toBeGreaterThanOrEqual(10);
  expect(errors.length).toBeLessThan(200);
  expect(errors[0]).toContain(String.raw`A phone: \u001b[2J 1`);
});

testInProcess(
  "row 19.5 the terminal says which game was added and where its playground is, and which was removed",
  async () => {
    const said = new Inbox<string>("the log");
    const output = new Writable({
      write(chunk, _encoding, done) {
        said.push(String(chunk));
        done();
      },
    });
    const folder = gamesFolder();
    const server = await startServer({ games: folder, dev: true }, { logger: createLogger("info", output) });
    mkdirSync(join(folder, "my swan"));
    writeFileSync(join(folder, "my swan/index.html"), PAGE);
    writeFileSync(join(folder, "my swan/player.html"), PAGE);
    const added = await said.until((line) => line.includes("was added"));
    expect(JSON.parse(added)).toMatchObject({
      game: "my swan",
      msg: `a game was added; its playground is at ${server.url}/playground/my%20swan?phones=4`,
    });
    expect((await fetch(`${server.url}/playground/my%20swan?phones=4`)).status).toBe(200);
    rmSync(join(folder, "goose"), { recursive: true });
    const removed = await said.until((line) => line.includes("was removed"));
    expect(JSON.parse(removed)).toMatchObject({ game: "goose", msg: "a game was removed" });
  },
);

test("row 19.5 a page of another site gets no connection, one of this machine's other ports does", async () => {
  const server = await startServer({ games: gamesFolder(), dev: true });
  const open = (origin: string): WebSocket => new DevPage(server, "game=duck&page=tv", { Origin: origin }).socket;
  expect(await statusOf(open("https://evil.example"))).toBe(403);
  expect(await statusOf(open("null"))).toBe(403);
  expect(await statusOf(open("http://127.0.0.1:5173"))).toBe(101);
});

test("row 19.5 a frame that is too large ends its page's connection, and no other", async () => {
  const server = await startServer({ games: gamesFolder(), dev: true });
  const tv = new DevPage(server, "game=duck&page=tv");
  await tv.next();
  const phone = new DevPage(server, "game=duck&page=phone");
  await phone.next();
  const closed = new Promise((resolve) => phone.socket.on("close", resolve));
  phone.socket.send("x".repeat(20_000));
  await closed;
  const other = new DevPage(server, "game=duck&page=phone");
  other.socket.on("open", () => other.socket.send(JSON.stringify({ message: "still here" })));
  expect((await tv.next()).sentence).toBe("A phone: still here");
});
