/** A server below a path of somebody's domain, behind a real nginx that passes the path on, or takes it off. */
import { describe, expect, test } from "@jest/globals";
import { onTestEnd } from "../support/clean-up.ts";
import { openRoom } from "../support/host-client.ts";
import { writeFiles } from "../support/http-app.ts";
import { deployedConfig, startNginx, type Nginx } from "../support/nginx.ts";
import { PlayerClient } from "../support/player-client.ts";
import { startServer, type TestServer } from "../support/server.ts";

const NAVIGATION = { Accept: "text/html,*/*;q=0.8" };
const PUBLIC_URL = "https://example.org/party/";

interface House {
  readonly server: TestServer;
  readonly nginx: Nginx;
}

const PROXIES = [
  ["a proxy that passes /party on", (config: string) => config],
  [
    "a proxy that takes /party off",
    (config: string) => config.replace("proxy_pass http://couchwire;", "proxy_pass http://couchwire/;"),
  ],
] as const;

async function startHouse(change: (config: string) => string): Promise<House> {
  const server = await startServer({ publicUrl: PUBLIC_URL });
  const nginx = await startNginx(change(deployedConfig("nginx-subpath.conf", server.port)));
  return { server, nginx };
}

/** What a page links to, and what it loads. */
function addressesIn(page: string): string[] {
  return [...page.matchAll(/\b(?:href|src|action)="([^"]+)"/g)].map(([, address = ""]) => address);
}

describe.each(PROXIES)("behind %s", (_name, change) => {
  test.each(["/party/", "/party/games/", "/party/ZZZZ", "/party/a/b"])(
    "every link, style, script and form of %s leads to something",
    async (path) => {
      const { nginx } = await startHouse(change);
      const page = await (await fetch(nginx.url + path, { headers: NAVIGATION })).text();
      const addresses = addressesIn(page).filter((address) => !address.startsWith("#"));
      expect(addresses.length).toBeGreaterThan(4);
      for (const address of addresses) {
        const { status } = await fetch(new URL(address, nginx.url + path), { headers: NAVIGATION });
        expect([address, status]).toEqual([address, 200]);
      }
    },
  );

  test("the SDK, its types, /api/info and /healthz are there", async () => {
    const { nginx } = await startHouse(change);
    for (const path of ["sdk/couchwire.js", "sdk/couchwire.d.ts", "healthz"]) {
      expect([path, (await fetch(`${nginx.url}/party/${path}`)).status]).toEqual([path, 200]);
    }
    expect(await (await fetch(`${nginx.url}/party/api/info`)).json()).toMatchObject({
      public_url: "https://example.org/party",
    });
  });

  test("redirects stay below the path", async () => {
    const { nginx } = await startHouse(change);
    const { code } = await openRoom({ ws: `${nginx.ws}/party` });
    const locationOf = async (path: string): Promise<string | null> =>
      (await fetch(nginx.url + path, { headers: NAVIGATION, redirect: "manual" })).headers.get("location");
    expect(await locationOf("/party/?code=bcdf")).toBe("/party/bcdf");
    expect(await locationOf("/party/games")).toBe("/party/games/");
    expect(await locationOf("/party/games/sketch?x=1")).toBe("/party/games/sketch/?x=1");
    expect(await locationOf(`/party/${code}`)).toBe(`/party/games/sketch/player.html?room=${code}`);
  });

  test("hosts and phones connect, and a message arrives", async () => {
    const { nginx } = await startHouse(change);
    const { host, code } = await openRoom({ ws: `${nginx.ws}/party` });
    const phone = await PlayerClient.connect({ ws: `${nginx.ws}/party` }, code);
    phone.send("hello");
    expect(await host.until("from_str")).toMatchObject({ data: "hello" });
    host.send({ cmd: "to_str", to: [], data: "welcome" });
    expect(await phone.next()).toBe("welcome");
  });
});

describe("a game below the path", () => {
  const IMPORT = 'import { createRoom } from "/sdk/couchwire.js";';

  test("finds the SDK under the address that the documents show, in pages and scripts", async () => {
    const files = writeFiles({
      "duck/index.html": `\uFEFF<script type="module">${IMPORT}</script>`,
      "duck/player.html": '<link rel="modulepreload" href="/sdk/couchwire.js">',
      "duck/main.js": IMPORT,
      "duck/other.js": 'import "./main.js"; const sdk = "sdk/couchwire.js";',
    });
    onTestEnd(() => files.remove());
    const server = await startServer({ publicUrl: PUBLIC_URL, games: files.folder });
    for (const file of ["", "player.html", "main.js"]) {
      const answer = await fetch(`${server.url}/party/games/duck/${file}`);
      expect([file, await answer.text()]).toEqual([file, expect.stringContaining('"/party/sdk/couchwire.js"')]);
      expect(answer.headers.get("content-security-policy")).toContain("'unsafe-eval'");
    }
    expect(await (await fetch(`${server.url}/games/duck/other.js`)).text()).toContain('"sdk/couchwire.js"');
  });

  test("a folder in it gets its slash below the path", async () => {
    const files = writeFiles({ "duck/index.html": "", "duck/player.html": "", "duck/more/index.html": "more" });
    onTestEnd(() => files.remove());
    const server = await startServer({ publicUrl: PUBLIC_URL, games: files.folder });
    const answer = await fetch(`${server.url}/games/duck/more?x`, { redirect: "manual" });
    expect([answer.status, answer.headers.get("location")]).toEqual([302, "/party/games/duck/more/?x"]);
  });
});

describe("a server with a path in its public address", () => {
  test("is still there without it, for those who come past the proxy", async () => {
    const server = await startServer({ publicUrl: PUBLIC_URL });
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
    const { code } = await openRoom(server);
    expect(await (await fetch(`${server.url}/${code}`)).text()).toBe("sketch");
  });

  test("takes nothing off an address that only begins like its path", async () => {
    const server = await startServer({ publicUrl: PUBLIC_URL });
    expect((await fetch(`${server.url}/partyhealthz`)).status).toBe(404);
    expect((await fetch(`${server.url}/party`)).status).toBe(200);
    expect((await fetch(`${server.url}/party?code=bcdf`, { redirect: "manual" })).status).toBe(303);
  });

  test.each([
    [
      "/games",
      ["/games/sketch/", "/games/sketch/player.html", "/games/games/sketch/", "/games/games/", "/games/healthz"],
    ],
    ["/sdk", ["/sdk/couchwire.js", "/sdk/sdk/couchwire.js", "/sdk/games/sketch/"]],
    ["/api", ["/api/info", "/api/api/info", "/api/games/sketch/"]],
  ])("may have %s for it, whether or not the proxy takes it off", async (basePath, paths) => {
    const server = await startServer({ publicUrl: `https://example.org${basePath}` });
    for (const path of paths) expect([path, (await fetch(server.url + path)).status]).toEqual([path, 200]);
    const { status, headers } = await fetch(`${server.url}/games/sketch`, { redirect: "manual" });
    expect([status, headers.get("location")]).toEqual([302, `${basePath}/games/sketch/`]);
  });

  test("may have it written with too many slashes: links never begin with two", async () => {
    const server = await startServer({ publicUrl: "https://example.org//party///night//" });
    const { headers } = await fetch(`${server.url}/games`, { redirect: "manual" });
    expect(headers.get("location")).toBe("/party/night/games/");
  });
});
