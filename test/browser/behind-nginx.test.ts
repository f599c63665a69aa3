/** A real browser that reaches the server through a real nginx, below a path, and through one that stops WebSockets. */
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { SCREEN_SIZES, startBrowser, type TestBrowser } from "../support/browser.ts";
import { onTestEnd } from "../support/clean-up.ts";
import { openRoom } from "../support/host-client.ts";
import { writeFiles } from "../support/http-app.ts";
import { deployedConfig, startNginx, withoutUpgrade } from "../support/nginx.ts";
import { startServer } from "../support/server.ts";

let browser: TestBrowser;

beforeAll(async () => {
  browser = await startBrowser("behind-nginx");
}, 60_000);

afterAll(() => browser.close());

/** A game as the documents show it, with a script of its own in a folder. */
const GAME = {
  "duck/index.html": `<!doctype html><meta charset="utf-8"><title>Duck</title><h1 id="code"></h1><p id="heard"></p>
    <script type="module" src="tv/main.js"></script>`,
  "duck/tv/main.js": `import { createRoom } from "/sdk/couchwire.js";
    createRoom().then((room) => {
      document.querySelector("#code").textContent = room.code;
      room.on("text", (player, text) => {
        document.querySelector("#heard").textContent = text;
        room.send(player, "The TV heard " + text);
      });
    });`,
  "duck/player.html": `<!doctype html><meta charset="utf-8"><title>Duck</title><p id="heard"></p>
    <script type="module">
      import { joinRoom } from "/sdk/couchwire.js";
      const me = joinRoom();
      me.on("open", () => me.send("quack"));
      me.on("text", (text) => (document.querySelector("#heard").textContent = text));
    </script>`,
};

describe.each([
  ["passes /party on", (config: string) => config],
  ["takes /party off", (config: string) => config.replace("http://couchwire;", "http://couchwire/;")],
])("a party below a path, behind a proxy that %s", (_what, change) => {
  test("a game is started from the start page, a phone joins it with its code, and they talk", async () => {
    const files = writeFiles(GAME);
    onTestEnd(() => files.remove());
    const server = await startServer({ games: files.folder, publicUrl: "https://example.org/party/" });
    const nginx = await startNginx(change(deployedConfig("nginx-subpath.conf", server.port)));
    const tv = await browser.open(`${nginx.url}/party/`, SCREEN_SIZES.tv);
    await tv.getByRole("link", { name: /Start on this screen/ }).click();
    await tv.waitForURL(`${nginx.url}/party/games/duck/`);
    await tv.locator("#code:not(:empty)").waitFor();
    const code = (await tv.locator("#code").textContent()) ?? "";

    const phone = await browser.open(`${nginx.url}/party/`, SCREEN_SIZES.phone);
    await phone.getByRole("textbox", { name: "What is the code?" }).fill(code);
    await phone.waitForURL(`${nginx.url}/party/games/duck/player.html?room=${code}`);
    await phone.getByText("The TV heard quack").waitFor();
    await tv.getByText("quack").waitFor();
    // A browser asks for /favicon.ico by itself, which is another site's there.
    expect(browser.problems.filter((problem) => !problem.includes("Failed to load resource"))).toEqual([]);
  });
});

test("where a proxy stops WebSockets, TV and phone say that the server answers and WebSockets are blocked", async () => {
  const server = await startServer();
  const { code } = await openRoom(server);
  const nginx = await startNginx(withoutUpgrade(deployedConfig("nginx.conf", server.port)));
  const tv = await browser.open(nginx.url, SCREEN_SIZES.tv);
  await tv.getByRole("alert").getByText("The server answers, but WebSockets are blocked").waitFor();
  await browser.keep(tv, "blocked-tv");
  const phone = await browser.open(nginx.url, SCREEN_SIZES.phone);
  await phone.getByRole("textbox", { name: "What is the code?" }).fill(code);
  await phone.getByRole("status").getByText("WebSockets are blocked on the way").waitFor();
  await browser.keep(phone, "blocked-phone");
});
