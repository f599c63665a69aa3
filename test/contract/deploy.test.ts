/** The files of `deploy/` that run here: proxies in front of a real server, the health check, the unit of systemd. */
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "@jest/globals";
import { ensureTool } from "../../scripts/debian.js";
import { startCaddy } from "../support/caddy.ts";
import { makeTestCertificate, writeCertificate } from "../support/certificate.ts";
import { onTestEnd } from "../support/clean-up.ts";
import { joinPlayer, openRoom } from "../support/host-client.ts";
import { eventually } from "../support/inbox.ts";
import { listen } from "../support/listen.ts";
import { deployedConfig, freePort, startNginx } from "../support/nginx.ts";
import { newSession, ReliableClient } from "../support/reliable-client.ts";
import { startServer, type TestServer } from "../support/server.ts";
import { connect } from "../support/socket-end.ts";

const DEPLOY = fileURLToPath(new URL("../../deploy/", import.meta.url));

interface Proxied {
  readonly server: TestServer;
  readonly url: string;
  readonly ws: string;
  accessLog(): string;
}

const ROOT_URL = "https://play.example.org";
const SUBPATH_URL = "https://example.org/party";

/** By name, a proxy with a file of `deploy/`; `url` and `ws` are what a browser asks, path included. */
const PROXIES: readonly (readonly [string, () => Promise<Proxied>])[] = [
  [
    "nginx.conf",
    async () => {
      const server = await startServer({ publicUrl: ROOT_URL, trustProxy: "loopback", guessLimit: 3, pingMs: 1_000 });
      return { server, ...(await startNginx(deployedConfig("nginx.conf", server.port))) };
    },
  ],
  [
    "nginx-subpath.conf",
    async () => {
      const server = await startServer({
        publicUrl: SUBPATH_URL,
        trustProxy: "loopback",
        guessLimit: 3,
        pingMs: 1_000,
      });
      const nginx = await startNginx(deployedConfig("nginx-subpath.conf", server.port));
      return { server, ...nginx, url: `${nginx.url}/party`, ws: `${nginx.ws}/party` };
    },
  ],
  [
    "Caddyfile",
    async () => {
      const server = await startServer({ publicUrl: ROOT_URL, trustProxy: "loopback", guessLimit: 3, pingMs: 1_000 });
      return { server, ...(await startCaddy("Caddyfile", "play.example.org", server.port)) };
    },
  ],
  [
    "Caddyfile.subpath",
    async () => {
      const server = await startServer({
        publicUrl: SUBPATH_URL,
        trustProxy: "loopback",
        guessLimit: 3,
        pingMs: 1_000,
      });
      const caddy = await startCaddy("Caddyfile.subpath", "example.org", server.port);
      return { server, ...caddy, url: `${caddy.url}/party`, ws: `${caddy.ws}/party` };
    },
  ],
];

describe.each(PROXIES)("behind %s", (name, start) => {
  test("pages, look-ups and a party work, and links lead to the public URL", async () => {
    const proxy = await start();
    const publicUrl = name.includes("subpath") ? SUBPATH_URL : ROOT_URL;
    expect(await (await fetch(`${proxy.url}/api/info`)).json()).toMatchObject({ public_url: publicUrl });
    expect((await fetch(`${proxy.url}/`, { headers: { Accept: "text/html" } })).status).toBe(200);
    const room = await openRoom(proxy);
    expect(await (await fetch(`${proxy.url}/${room.code}`)).text()).toBe("sketch");
    const { player } = await joinPlayer(proxy, room);
    player.send("hello");
    expect(await room.host.until("from_str")).toMatchObject({ data: "hello" });
    room.host.send({ cmd: "to_str", to: [], data: "welcome" });
    expect(await player.next()).toBe("welcome");
    room.host.send({ cmd: "kick", player: 1, reason: "Out!" });
    expect(await player.closed).toEqual({ code: 4503, reason: "Out!" });
  });

  test("a reliable phone comes back through it, and the server closes with its own codes", async () => {
    const proxy = await start();
    const { host, code } = await openRoom(proxy);
    const path = `${code}?session=${newSession()}`;
    const before = new ReliableClient(proxy, path);
    const { epoch } = await before.hello();
    before.socket.terminate();
    host.send({ cmd: "to_str", to: [], data: "meanwhile" });
    const after = new ReliableClient(proxy, `${path}&received=0&epoch=${epoch}`);
    await after.hello();
    expect(await after.next()).toBe("meanwhile");
    await proxy.server.close();
    expect(await after.closed).toMatchObject({ code: 1012 });
  });

  test("each phone counts for its own address, and a forged X-Forwarded-For for nothing", async () => {
    const { ws } = await start();
    const codeOf = async (): Promise<number> => {
      const { closed, opened } = connect(`${ws}/BCDF`);
      await opened;
      return (await closed).code;
    };
    const codes = [await codeOf(), await codeOf(), await codeOf(), await codeOf()];
    expect(codes).toEqual([4504, 4504, 4504, 4029]);
  });

  test("the proxy's log has paths and no secret of a query or a subprotocol", async () => {
    const proxy = await start();
    const { code } = await openRoom(proxy);
    const { socket, opened } = connect(`${proxy.ws}/${code}?session=top-secret-session-1234&pin=987654`);
    await opened;
    socket.close();
    await (
      await fetch(`${proxy.url}/healthz?token=top-secret-token`, { headers: { Authorization: "Bearer top-secret" } })
    ).text();
    await eventually(
      "both are logged",
      () => proxy.accessLog().includes("/healthz") && proxy.accessLog().includes(`/${code}`),
    );
    expect(proxy.accessLog()).not.toMatch(/top-secret|987654/);
  });
});

/** How it ends with these variables. */
const check = (environment: Readonly<Record<string, string>>): Promise<number | null> =>
  new Promise((resolve) => {
    const child = spawn(process.execPath, [join(DEPLOY, "health-check.js")], { env: environment, stdio: "ignore" });
    child.once("exit", resolve);
  });

describe("the health check of the image", () => {
  test("ends with 0 for a server that answers, on whatever port and address", async () => {
    const { port, close } = await startServer();
    expect(await check({ PORT: String(port) })).toBe(0);
    expect(await check({ PORT: String(port), COUCHWIRE_HOST: "0.0.0.0" })).toBe(0);
    expect(await check({ PORT: String(port), COUCHWIRE_HOST: "127.0.0.1" })).toBe(0);
    await close();
    expect(await check({ PORT: String(port) })).toBe(1);
  });

  test("ends with 0 for a server with TLS, and below a path", async () => {
    const { tlsCert, tlsKey } = writeCertificate(await makeTestCertificate());
    const { port } = await startServer({ tlsCert, tlsKey, publicUrl: "https://example.org/party" });
    expect(await check({ PORT: String(port), COUCHWIRE_TLS_CERT: tlsCert })).toBe(0);
    expect(await check({ PORT: String(port) })).toBe(0); // the certificate was given by a flag, or by a program
  });

  test("ends with 1 where nothing listens, and where what listens says nothing", async () => {
    expect(await check({ PORT: String(await freePort()) })).toBe(1);
    const silent = createServer(() => {});
    onTestEnd(() => silent.closeAllConnections());
    onTestEnd(() => silent.close());
    expect(await check({ PORT: String(await listen(silent)) })).toBe(1);
  });
});

/** The unit with a command that is there. */
function unit(): string {
  const folder = mkdtempSync(join(tmpdir(), "couchwire-unit-"));
  onTestEnd(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "couchwire.service");
  const text = readFileSync(join(DEPLOY, "couchwire.service"), "utf8");
  writeFileSync(file, text.replace("ExecStart=/usr/bin/node ", `ExecStart=${process.execPath} `));
  return file;
}

describe("couchwire.service", () => {
  const tool = ensureTool("systemd-analyze", (line) => process.stderr.write(`${line}\n`), "systemd");

  test("is understood to the last line", () => {
    const { status, stderr } = spawnSync(tool ?? "systemd-analyze", ["verify", unit()], { encoding: "utf8" });
    expect([status, stderr.split("\n").filter((line) => line.includes("couchwire"))]).toEqual([0, []]);
  });

  test("is exposed less than 2 of 10", () => {
    const words = ["security", "--offline=true", "--threshold=20", "--no-pager", unit()];
    const { status, stdout } = spawnSync(tool ?? "systemd-analyze", words, { encoding: "utf8" });
    expect([status, stdout]).toEqual([0, expect.stringContaining("Overall exposure level")]);
  });
});
