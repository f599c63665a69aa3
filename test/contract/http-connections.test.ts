/** What an HTTP connection may take: requests sent ahead, connections at a time, time without a request. */
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { expect, test } from "@jest/globals";
import { onTestEnd } from "../support/clean-up.ts";
import { HostClient } from "../support/host-client.ts";
import { writeFiles } from "../support/http-app.ts";
import { HANDSHAKE_HEADERS } from "../support/raw-client.ts";
import { startServer, type TestServer } from "../support/server.ts";

async function open({ port }: TestServer): Promise<Socket> {
  const socket = connect(port, "127.0.0.1");
  onTestEnd(() => socket.destroy());
  await once(socket, "connect");
  return socket;
}

/** All that the server says until it closes, or until it has said `enough`. */
function read(socket: Socket, enough?: (said: string) => boolean): Promise<string> {
  let said = "";
  return new Promise((resolve) => {
    socket.setEncoding("latin1").on("data", (text: string) => {
      said += text;
      if (enough?.(said) === true) resolve(said);
    });
    socket.on("error", () => {}); // a reset ends it like a close
    socket.once("close", () => resolve(said));
  });
}

const get = (path: string, ...headers: string[]): string =>
  `${[`GET ${path} HTTP/1.1`, "Host: x", ...headers].join("\r\n")}\r\n\r\n`;

test("requests that a client sends ahead are all answered, in order", async () => {
  const server = await startServer();
  const socket = await open(server);
  const numbers = Array.from({ length: 100 }, (_none, index) => index);
  socket.write(numbers.map((number) => get(`/games/sketch?${number}`)).join("") + get("/", "Connection: close"));
  const said = await read(socket);
  expect([...said.matchAll(/^location: .*?(\d+)\r$/gim)].map(([, number]) => Number(number))).toEqual(numbers);
  expect(said).toMatch(/<\/html>\s*$/);
});

test("a client that sends far too many requests ahead is cut off", async () => {
  const server = await startServer();
  const socket = await open(server);
  socket.write(get("/sdk/couchwire.js").repeat(600));
  socket.pause();
  await new Promise((resolve) => {
    socket.on("error", resolve);
    socket.on("close", resolve);
    socket.resume();
  });
  expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
});

test("an upgrade that is sent ahead waits for the answers before it: none comes in the middle of WebSocket frames", async () => {
  const server = await startServer();
  const socket = await open(server);
  const upgrade = get("/CREATE", ...Object.entries(HANDSHAKE_HEADERS).map(([name, value]) => `${name}: ${value}`));
  socket.write(get("/sdk/couchwire.js").repeat(3) + upgrade);
  const said = await read(socket, (text) => text.includes("101 Switching Protocols"));
  const answers = said.split("HTTP/1.1 ").slice(1);
  expect(answers.map((answer) => answer.slice(0, 3))).toEqual(["200", "200", "200", "101"]);
  const bodies = answers.slice(0, 3).map((answer) => answer.slice(answer.indexOf("\r\n\r\n") + 4));
  for (const [index, body] of bodies.entries()) {
    expect(body).toHaveLength(Number(/^content-length: (\d+)\r$/im.exec(answers[index] ?? "")?.[1]));
  }
});

test("a connection that has asked a thousand times is asked to begin anew", async () => {
  const server = await startServer();
  const socket = await open(server);
  const batch = get("/healthz").repeat(200);
  let said = "";
  let batches = 1;
  const answers = (): number => said.split('"status":"ok"').length - 1;
  socket.setEncoding("latin1").on("data", (text: string) => {
    said += text; // a chunk may end anywhere
    if (answers() < 200 * batches) return;
    batches += 1;
    socket.write(batch);
  });
  socket.on("error", () => {}); // what it sends after the last answer is not read
  socket.write(batch);
  await once(socket, "close");
  expect([answers(), said.match(/^connection: close/gim)?.length]).toEqual([1_000, 1]);
});

test("connections that are being answered count in maxConnections, idle ones give way", async () => {
  const server = await startServer({ maxConnections: 2 });
  const idle = await Promise.all([open(server), open(server), open(server)]);
  for (const socket of idle) {
    socket.write(get("/healthz"));
    await read(socket, (said) => said.includes('"status"'));
  }
  const host = await HostClient.connect(server);
  // One place is left for HTTP, and the three that wait for their next request do not take it.
  const next = await open(server);
  next.write(get("/healthz"));
  expect(await read(next, (said) => said.includes('"status"'))).toMatch(/^HTTP\/1\.1 200/);

  const second = await HostClient.connect(server);
  const late = await open(server);
  late.write(get("/"));
  const refused = await read(late);
  expect(refused).toMatch(/^HTTP\/1\.1 503/);
  expect(refused).toMatch(/^retry-after: \d+/im);
  expect(refused).toContain("The server is full.");
  for (const path of ["/healthz", "/readyz?from=lb"]) {
    const probe = await open(server);
    probe.write(get(path));
    const said = await read(probe);
    expect(said.slice(0, 12)).toBe("HTTP/1.1 200");
    expect(said).toMatch(/^connection: close/im);
  }
  await host.close();
  await second.close();
});

test("an idle connection is kept for 65 seconds, so that load balancers do not lose requests on it", async () => {
  const server = await startServer();
  const { headers } = await fetch(`${server.url}/healthz`);
  expect(headers.get("keep-alive")).toMatch(/^timeout=65\b/);
  const brief = await startServer({ keepAliveMs: 3_000 });
  expect((await fetch(`${brief.url}/healthz`)).headers.get("keep-alive")).toMatch(/^timeout=3\b/);
});

test("answers that a client does not read count in the memory, and the largest holder is cut", async () => {
  const games = writeFiles({ "duck/index.html": "x".repeat(4_000_000), "duck/player.html": "" });
  onTestEnd(() => games.remove());
  const server = await startServer({ games: games.folder, memory: 1_048_576 });
  const usedMemory = async (): Promise<number> => {
    const { memory }: { memory: { used: number } } = await (await fetch(`${server.url}/healthz`)).json();
    return memory.used;
  };
  const modest = await open(server);
  modest.pause();
  modest.write(get("/games/duck/").repeat(20));
  while ((await usedMemory()) < 20 * 8_192); // its requests are on their way
  const greedy = await open(server);
  greedy.pause();
  greedy.write(get("/games/duck/").repeat(200));
  await new Promise((resolve) => {
    greedy.on("error", resolve);
    greedy.on("close", resolve);
    greedy.resume();
  });
  expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
  expect(await usedMemory()).toBeGreaterThanOrEqual(20 * 8_192);
});
