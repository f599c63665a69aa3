/** The playground over HTTP; test/browser/playground.test.ts plays in it. */
import { describe, expect, test } from "@jest/globals";
import { startServer } from "../support/server.ts";

const PATHS = [
  "/playground",
  "/playground/",
  "/playground/sketch?phones=4",
  "/playground/assets/agent.js",
  "/playground/assets/playground.js",
  "/playground/assets/playground.css",
];

const answerTo = (url: string): Promise<Response> => fetch(url, { redirect: "manual" });

describe("the playground over HTTP", () => {
  test("row 19.6 is not there without the option `dev`, and no page of a game has its script", async () => {
    const { url } = await startServer();
    for (const path of PATHS) expect([path, (await answerTo(url + path)).status]).toEqual([path, 404]);
    expect(await (await fetch(`${url}/games/sketch/`)).text()).not.toContain("agent.js");
  });

  test("row 19.6 is there with it, for games that exist, and frames pages of any origin", async () => {
    const { url } = await startServer({ dev: true });
    const statuses = await Promise.all(PATHS.map(async (path) => (await answerTo(url + path)).status));
    expect(statuses).toEqual([302, 200, 200, 200, 200, 200]);
    expect((await answerTo(`${url}/playground/nothing`)).status).toBe(404);
    expect((await answerTo(`${url}/playground/assets/messages.js`)).status).toBe(404);
    const page = await fetch(`${url}/playground/sketch`);
    expect(page.headers.get("content-security-policy")).toContain("frame-src http: https:");
    expect(page.headers.get("content-security-policy")).toContain("frame-ancestors 'none'");
    expect(await page.text()).toContain('data-game="sketch"');
    const agent = await fetch(`${url}/playground/assets/agent.js`);
    expect(agent.headers.get("cross-origin-resource-policy")).toBe("cross-origin");
  });

  test("row 19.6 comes to a game's page before the page's own scripts", async () => {
    const { url } = await startServer({ dev: true });
    const page = await (await fetch(`${url}/games/sketch/player.html`)).text();
    expect(/<script[^>]*>/.exec(page)?.[0]).toContain('src="/playground/assets/agent.js"');
  });

  test("row 19.6 is below the path of the public address", async () => {
    const { url } = await startServer({ dev: true, publicUrl: "http://tv.example/party" });
    const page = await (await fetch(`${url}/party/playground/sketch`)).text();
    expect(page).toContain('src="/party/playground/assets/playground.js"');
    expect(await (await fetch(`${url}/party/games/sketch/`)).text()).toContain(
      'src="/party/playground/assets/agent.js"',
    );
  });
});
