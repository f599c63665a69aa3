/** Each request and each connection has a name, which its answer and its log lines carry. */
import { expect } from "@jest/globals";
import { createLogger } from "../../src/log/logger.ts";
import type { OptionsInput } from "../../src/config.ts";
import { sendRaw } from "../support/http-app.ts";
import { openRoom } from "../support/host-client.ts";
import { PlayerClient } from "../support/player-client.ts";
import { startServer } from "../support/server.ts";
import { testInProcess } from "../support/target.ts";
import { WebSocket } from "ws";
import { once } from "node:events";
import { IncomingMessage } from "node:http";
import { z } from "zod";

const UUID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/;

/** A server whose log the test sees. */
async function loggingServer(options: OptionsInput = {}) {
  const lines: Record<string, unknown>[] = [];
  const logger = createLogger("trace", { write: (line) => void lines.push(JSON.parse(line)) });
  const server = await startServer(options, { logger });
  return { server, lines };
}

testInProcess("row 98: every answer has a request id; a new one for each request", async () => {
  const { server, lines } = await loggingServer();
  const ids: unknown[] = [];
  for (const path of ["/", "/healthz", "/nowhere?token=s3cret", "/CREATE"]) {
    ids.push((await fetch(`${server.url}${path}`)).headers.get("x-request-id"));
  }
  for (const id of ids) expect(id).toMatch(UUID);
  expect(new Set(ids).size).toBe(4);
  const answered = lines.filter(({ msg }) => msg === "request answered");
  expect(answered.map(({ requestId, method, path, status }) => [requestId, method, path, status])).toEqual([
    [ids[0], "GET", "/", 200],
    [ids[1], "GET", "/healthz", 200],
    [ids[2], "GET", "/nowhere", 404],
    [ids[3], "GET", "/CREATE", 426],
  ]);
});

async function ask(port: number, id: string) {
  return (await sendRaw(port, "/healthz", "GET", { "x-request-id": id })).headers["x-request-id"];
}

testInProcess("row 98: a trusted proxy's request id is taken if it is sane, and a stranger's never", async () => {
  const behindProxy = await loggingServer({ trustProxy: "loopback" });
  expect(await ask(behindProxy.server.port, "edge-7:4f2a/9")).toBe("edge-7:4f2a/9");
  for (const id of ["", "with space", "<script>", "x".repeat(129), 'a"b']) {
    expect(await ask(behindProxy.server.port, id)).toMatch(UUID);
  }
  const open = await loggingServer();
  expect(await ask(open.server.port, "edge-7")).toMatch(UUID);
});

testInProcess("row 98: a connection's lines carry its request id, let in or refused", async () => {
  const { server, lines } = await loggingServer({ trustProxy: "loopback" });
  const { code } = await openRoom(server);
  const headers = { "x-request-id": "phone-1" };
  const phone = new WebSocket(`${server.ws}/${code}?session=s3cret-session-of-a-phone`, { headers });
  await once(phone, "open");
  const refused = new WebSocket(`${server.ws}/ZZZZ`, { headers: { "x-request-id": "phone-2" } });
  expect(Number((await once(refused, "close"))[0])).toBe(4504);
  const about = (id: string) => lines.filter(({ requestId }) => requestId === id);
  expect(about("phone-1")).toMatchObject([
    { msg: "connection let in", transport: "websocket", path: `/${code}`, room: code, player: 1 },
  ]);
  expect(about("phone-2")).toMatchObject([{ msg: "connection turned away", why: "room_not_found" }]);
  phone.terminate();
  expect(JSON.stringify(lines)).not.toContain("s3cret");
});

testInProcess(
  "row 98: an upgrade that is refused has its id in the answer and in the log, and no query there",
  async () => {
    const { server, lines } = await loggingServer();
    const socket = new WebSocket(`${server.ws}/no/room?token=s3cret`);
    const [, response] = z
      .tuple([z.unknown(), z.instanceof(IncomingMessage)])
      .parse(await once(socket, "unexpected-response"));
    const id = response.headers["x-request-id"];
    expect([response.statusCode, id]).toEqual([404, expect.stringMatching(UUID)]);
    expect(lines.filter(({ requestId }) => requestId === id)).toMatchObject([
      { msg: "upgrade refused", path: "/no/room", status: 404 },
    ]);
    response.destroy();
  },
);

testInProcess("row 98: a connection without a proxy has an id of its own", async () => {
  const { server, lines } = await loggingServer();
  const { code } = await openRoom(server);
  await (
    await PlayerClient.connect(server, "ZZZZ")
  ).closed;
  const player = await PlayerClient.connect(server, code);
  await player.close();
  const ids = lines.flatMap(({ requestId }) => (typeof requestId === "string" ? [requestId] : []));
  expect(ids).toHaveLength(3);
  expect(new Set(ids).size).toBe(3);
  for (const id of ids) expect(id).toMatch(UUID);
});
