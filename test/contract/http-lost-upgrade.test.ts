/** A proxy that drops the `Upgrade` header: a WebSocket's handshake arrives as a plain request. */
import { expect, test } from "@jest/globals";
import { pino } from "pino";
import { WebSocket } from "ws";
import { openRoom } from "../support/host-client.ts";
import { deployedConfig, startNginx, withoutUpgrade } from "../support/nginx.ts";
import { HANDSHAKE_HEADERS, RawClient } from "../support/raw-client.ts";
import { startServer } from "../support/server.ts";
import { testInProcess } from "../support/target.ts";

const { Connection: _connection, Upgrade: _upgrade, ...WITHOUT_UPGRADE } = HANDSHAKE_HEADERS;

test("P1.5 the answer to a handshake without Upgrade names the proxy, for hosts and players", async () => {
  const server = await startServer({ jwtSecret: "s".repeat(32) });
  const { code } = await openRoom(server);
  for (const path of ["/CREATE", `/${code}`, "/ZZZZ", "/ws?token=x"]) {
    const { status, body } = await new RawClient(server.port).request("GET", path, WITHOUT_UPGRADE);
    expect([path, status]).toEqual([path, 426]);
    expect(body).toContain("A proxy in front of this server drops the Upgrade header");
  }
  expect((await new RawClient(server.port).request("GET", "/healthz", WITHOUT_UPGRADE)).status).toBe(200);
});

test("P1.6 a request that lost only one of the two headers is answered as the request that it is", async () => {
  const server = await startServer();
  const { code } = await openRoom(server);
  for (const one of [{ Upgrade: "websocket" }, { Connection: "Upgrade" }]) {
    const answer = await new RawClient(server.port).request("GET", `/${code}`, { ...WITHOUT_UPGRADE, ...one });
    expect([answer.status, answer.body]).toEqual([200, "sketch"]);
  }
});

/** The status with which a WebSocket is refused. */
function refusedUpgrade(url: string): Promise<number | undefined> {
  const socket = new WebSocket(url);
  socket.on("error", () => {}); // it is not let in, which is what the test is about
  return new Promise((resolve) => {
    socket.on("unexpected-response", (_request, response) => {
      socket.terminate();
      resolve(response.statusCode);
    });
  });
}

testInProcess("a proxy that drops Upgrade is logged once a minute and address, however often phones try", async () => {
  const lines: string[] = [];
  const logger = pino({}, { write: (line: string) => void lines.push(line) });
  const server = await startServer({}, { logger });
  // What nginx passes on where nothing is said about Upgrade.
  const nginx = await startNginx(withoutUpgrade(deployedConfig("nginx.conf", server.port)));
  for (let attempt = 0; attempt < 3; attempt++) expect(await refusedUpgrade(`${nginx.ws}/CREATE`)).toBe(426);
  const said = lines.filter((line) => line.includes("drops the Upgrade header"));
  expect(said).toHaveLength(1);
  expect(JSON.parse(said[0] ?? "")).toMatchObject({ level: 40, address: "127.0.0.1" });
});
