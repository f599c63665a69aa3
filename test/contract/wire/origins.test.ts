/** Which pages may connect (P1.9): the option `origins` on every path that a WebSocket may ask for. */
import { createServer } from "node:http";
import { describe, expect, test } from "@jest/globals";
import { WebSocket } from "ws";
import { createServer as createCouchwire } from "../../../src/server.ts";
import { onTestEnd } from "../../support/clean-up.ts";
import { openRoom } from "../../support/host-client.ts";
import { listen } from "../../support/listen.ts";
import { JWT_SECRET, tokenFor } from "../../support/member-client.ts";
import { HANDSHAKE_HEADERS, makeRequest, RawClient } from "../../support/raw-client.ts";
import { startServer } from "../../support/server.ts";
import { engineOptions, testInProcess } from "../../support/target.ts";

const ORIGINS = "https://games.example.com,https://*.example.org";

/** The status of a handshake with these headers. */
function statusOf(url: string, headers: Readonly<Record<string, string>>): Promise<number | undefined> {
  const socket = new WebSocket(url, { headers: { ...headers } });
  onTestEnd(() => socket.terminate());
  return new Promise((resolve) => {
    socket.on("unexpected-response", (_request, response) => resolve(response.statusCode));
    socket.on("open", () => resolve(101));
    socket.on("error", () => {});
  });
}

/** By what a path is for, its URL on a server with a room, tokens and the pages of a developer. */
async function startHouse(options: object) {
  const server = await startServer({ jwtSecret: JWT_SECRET, openRooms: "relay", dev: true, ...options });
  const { code } = await openRoom(server);
  const token = await tokenFor("ann", "hall");
  const paths = {
    host: "/CREATE",
    player: `/${code}`,
    member: `/ws?token=${token}`,
    "page of a developer": "/dev/socket?game=sketch&page=tv",
  };
  return { server, paths };
}

describe("P1.9 with a list of origins", () => {
  test.each([
    ["no origin", undefined, 101],
    ["the origin of the address that was asked", (port: number) => `http://127.0.0.1:${port}`, 101],
    ["its host with https", (port: number) => `https://127.0.0.1:${port}`, 403],
    ["its host without the port", () => "http://127.0.0.1", 403],
    ["another site", () => "https://evil.example", 403],
    ["a listed name with another scheme", () => "http://games.example.com", 403],
    ["a listed name with a port", () => "https://games.example.com:8443", 403],
    ["two labels for one", () => "https://a.b.example.org", 403],
    ["null", () => "null", 403],
    ["an empty origin", () => "", 403],
  ] as const)("P1.9 %s gets, on each path, what it should", async (_what, originOf, status) => {
    const { server, paths } = await startHouse({ origins: ORIGINS });
    const headers = originOf === undefined ? {} : { Origin: originOf(server.port) };
    for (const [what, path] of Object.entries(paths)) {
      expect([what, await statusOf(server.ws + path, headers)]).toEqual([what, status]);
    }
    expect(await statusOf(`${server.ws}/nothing`, headers)).toBe(status === 101 ? 404 : 403);
  });

  test.each(["https://games.example.com", "https://tv.example.org"])(
    "P1.9 a page of %s may connect",
    async (Origin) => {
      const { server, paths } = await startHouse({ origins: ORIGINS });
      for (const path of [paths.host, paths.player, paths.member]) {
        expect(await statusOf(server.ws + path, { Origin })).toBe(101);
      }
      // The sockets of a developer are for the pages of this server alone.
      expect(await statusOf(server.ws + paths["page of a developer"], { Origin })).toBe(403);
    },
  );

  test("P1.9 the refusal is a sentence that names the option, and nothing is upgraded", async () => {
    const server = await startServer({ origins: ORIGINS });
    const client = new RawClient(server.port);
    client.write(
      makeRequest("GET", "/CREATE", [...Object.entries(HANDSHAKE_HEADERS), ["Origin", "https://evil.example"]]),
    );
    const { status, body } = await client.answer();
    expect([status, body]).toEqual([403, expect.stringMatching(/origin.*COUCHWIRE_ORIGINS/)]);
    await client.gone;
  });

  test("P1.9 null may connect where it is listed", async () => {
    const { server, paths } = await startHouse({ origins: "null" });
    expect(await statusOf(server.ws + paths.host, { Origin: "null" })).toBe(101);
    expect(await statusOf(server.ws + paths.host, { Origin: "https://games.example.com" })).toBe(403);
  });

  test("P1.9 the public URL counts as the server's own", async () => {
    const { server, paths } = await startHouse({ origins: ORIGINS, publicUrl: "https://example.net/party/" });
    expect(await statusOf(server.ws + paths.host, { Origin: "https://example.net" })).toBe(101);
    expect(await statusOf(server.ws + paths.host, { Origin: "http://example.net" })).toBe(403);
  });

  test("P1.9 the host that a trusted proxy names counts, and that of another peer does not", async () => {
    const headers = {
      "X-Forwarded-Host": "party.example",
      "X-Forwarded-Proto": "https",
      Origin: "https://party.example",
    };
    const trusting = await startServer({ origins: ORIGINS, trustProxy: "loopback" });
    expect(await statusOf(`${trusting.ws}/CREATE`, headers)).toBe(101);
    expect(await statusOf(`${trusting.ws}/CREATE`, { ...headers, Origin: "http://party.example" })).toBe(403);
    const other = await startServer({ origins: ORIGINS });
    expect(await statusOf(`${other.ws}/CREATE`, headers)).toBe(403);
  });

  test("P1.9 P1.3 a room's name stays readable for every site", async () => {
    const server = await startServer({ origins: ORIGINS });
    const { code } = await openRoom(server);
    const answer = await fetch(`${server.url}/${code}`, { headers: { Origin: "https://evil.example" } });
    expect([answer.status, answer.headers.get("access-control-allow-origin")]).toEqual([200, "*"]);
  });

  testInProcess("P1.9 a server that is attached refuses on its own paths alone", async () => {
    const http = createServer();
    const port = await listen(http);
    const server = createCouchwire({ logLevel: "silent", ...engineOptions, origins: ORIGINS });
    onTestEnd(async () => {
      await server.close();
      http.closeAllConnections();
      http.close();
    });
    server.attach(http);
    http.on("upgrade", (_request, stream) => stream.end("HTTP/1.1 418 I'm a teapot\r\nContent-Length: 0\r\n\r\n"));
    const Origin = "https://evil.example";
    expect(await statusOf(`ws://127.0.0.1:${port}/CREATE`, { Origin })).toBe(403);
    expect(await statusOf(`ws://127.0.0.1:${port}/CREATE`, { Origin: `http://127.0.0.1:${port}` })).toBe(101);
    expect(await statusOf(`ws://127.0.0.1:${port}/owners`, { Origin })).toBe(418);
  });
});

test("P1.9 without a list pages of every origin may connect", async () => {
  const { server, paths } = await startHouse({});
  for (const path of [paths.host, paths.player, paths.member]) {
    expect(await statusOf(server.ws + path, { Origin: "https://evil.example" })).toBe(101);
    expect(await statusOf(server.ws + path, { Origin: "null" })).toBe(101);
  }
});
