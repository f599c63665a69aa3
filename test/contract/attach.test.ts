/** A server inside another program: on the program's HTTP server, in its express app, beside its own WebSockets. */
import { once } from "node:events";
import { createServer as createHttpServer, type Server } from "node:http";
import { Agent, createServer as createHttpsServer, get as getByTls } from "node:https";
import express, { type Express } from "express";
import { describe, expect, test } from "@jest/globals";
import { WebSocket, WebSocketServer } from "ws";
import type { OptionsInput } from "../../src/config.ts";
import { createLogger } from "../../src/log/logger.ts";
import { createServer, type CouchwireServer, type ServerExtras } from "../../src/server.ts";
import { onTestEnd } from "../support/clean-up.ts";
import { Inbox } from "../support/inbox.ts";
import { openRoom, type HostClient } from "../support/host-client.ts";
import { sendRaw } from "../support/http-app.ts";
import { listen } from "../support/listen.ts";
import { PlayerClient } from "../support/player-client.ts";
import { engineOptions } from "../support/target.ts";

const NAVIGATION = { Accept: "text/html" };

/** Not listening. */
function newServer(options: OptionsInput = {}, extras: ServerExtras = {}): CouchwireServer {
  const server = createServer({ logLevel: "silent", drainMs: 0, ...engineOptions, ...options }, extras);
  onTestEnd(() => server.close());
  return server;
}

interface Owner {
  readonly http: Server;
  readonly port: number;
  readonly url: string;
  readonly ws: string;
}

/** An HTTP server that knows nothing of Couchwire. */
async function startOwner(http = createHttpServer(ownersApp())): Promise<Owner> {
  onTestEnd(() => {
    http.closeAllConnections();
    http.close();
  });
  const port = await listen(http);
  return { http, port, url: `http://127.0.0.1:${port}`, ws: `ws://127.0.0.1:${port}` };
}

/** Says what it was asked, and answers 404 as it likes. */
function ownersApp(): Express {
  const app = express();
  app.get(
    ["/chat", "/robots", "/party/scores"],
    (request, response) => void response.send(`owner: ${request.originalUrl}`),
  );
  app.post("/form", express.text(), (request, response) => void response.send(`owner: ${request.body}`));
  app.use((_request, response) => void response.status(404).send("owner: nothing here"));
  return app;
}

async function textOf(url: string, init?: RequestInit): Promise<[number, string]> {
  const answer = await fetch(url, init);
  return [answer.status, await answer.text()];
}

/** Hosts a room there, lets a phone join it, and passes a message each way. */
async function playParty(server: {
  readonly ws: string;
}): Promise<{ host: HostClient; phone: PlayerClient; code: string }> {
  const { host, code } = await openRoom(server);
  const phone = await PlayerClient.connect(server, code);
  await host.until("player_joined");
  phone.send("hello");
  expect(await host.until("from_str")).toMatchObject({ data: "hello" });
  host.send({ cmd: "to_str", to: [], data: "welcome" });
  expect(await phone.next()).toBe("welcome");
  return { host, phone, code };
}

/** What is listened to, and what else a server that was shared could have left behind. */
function listenersOf(http: NodeJS.EventEmitter): unknown {
  return [http.eventNames().map((name) => [name, http.listenerCount(name)]), Object.hasOwn(http, "emit")];
}

/** The first message of a WebSocket of the library `ws`, or the status that refused it. */
async function firstMessage(url: string): Promise<string | number> {
  const socket = new WebSocket(url);
  onTestEnd(() => socket.terminate());
  return new Promise((resolve, reject) => {
    socket.on("error", reject);
    socket.on("message", (data: Buffer) => resolve(data.toString()));
    socket.on("unexpected-response", (_request, response) => resolve(response.statusCode ?? 0));
  });
}

function greetWith(server: WebSocketServer, text: string): void {
  onTestEnd(() => server.close());
  server.on("connection", (socket) => socket.send(text));
}

describe("a server attached to an HTTP server", () => {
  test("serves its WebSockets and pages there", async () => {
    const owner = await startOwner();
    newServer().attach(owner.http);
    const { code } = await playParty(owner);
    expect(await textOf(`${owner.url}/${code}`)).toEqual([200, "sketch"]);
    expect(await textOf(`${owner.url}/healthz`)).toEqual([200, expect.stringContaining('"rooms":1')]);
    expect(
      (await fetch(`${owner.url}/games/`, { headers: NAVIGATION })).headers.get("content-security-policy"),
    ).toContain("default-src");
  });

  test("leaves all other requests to the owner, as if it had never seen them", async () => {
    const owner = await startOwner();
    const alone = await startOwner();
    newServer().attach(owner.http);
    for (const path of ["/chat", "/nowhere", "/robots", "/a/b/c", "/%zz", "/games/unknown"]) {
      const [there, here] = [
        await sendRaw(owner.port, path, "GET", NAVIGATION),
        await sendRaw(alone.port, path, "GET", NAVIGATION),
      ];
      expect([path, there.status, there.body]).toEqual([path, here.status, here.body]);
      expect(Object.keys(there.headers)).toEqual(Object.keys(here.headers));
    }
    const headers = { "Content-Type": "text/plain" };
    expect(await textOf(`${owner.url}/form`, { method: "POST", body: "a form", headers })).toEqual([
      200,
      "owner: a form",
    ]);
  });

  test("passes requests on outside of its own express app, which would catch what the owner throws", async () => {
    const stacks: (string | undefined)[] = [];
    const owner = await startOwner(
      createHttpServer((_request, response) => {
        stacks.push(new Error("who called?").stack);
        response.end();
      }),
    );
    newServer().attach(owner.http);
    await textOf(`${owner.url}/nowhere`);
    expect(stacks).toEqual([expect.not.stringMatching(/express|router/)]);
  });

  test("answers 404 where the owner listens to no request", async () => {
    const owner = await startOwner(createHttpServer());
    newServer().attach(owner.http);
    expect(await textOf(`${owner.url}/nowhere`)).toEqual([404, "There is nothing at this path."]);
    await playParty(owner);
  });

  test("leaves other WebSockets to the owner's servers, whether they came before or after", async () => {
    const owner = await startOwner();
    greetWith(new WebSocketServer({ server: owner.http }), "any path");
    newServer().attach(owner.http);
    expect(await firstMessage(`${owner.ws}/chat`)).toBe("any path");
    await playParty(owner);

    const later = await startOwner();
    newServer().attach(later.http);
    const chat = new WebSocketServer({ server: later.http, path: "/chat" });
    greetWith(chat, "chat");
    expect(await firstMessage(`${later.ws}/chat`)).toBe("chat");
    await playParty(later);
    expect(await firstMessage(`${later.ws}/other`)).toBe(400);
  });

  test("leaves an upgrade that no other listener takes to the owner's pages, as Node does without it", async () => {
    const owner = await startOwner();
    newServer().attach(owner.http);
    expect(await firstMessage(`${owner.ws}/nowhere`)).toBe(404);
    expect(await sendRaw(owner.port, "/chat", "GET", { Connection: "Upgrade", Upgrade: "h2c" })).toMatchObject({
      status: 200,
      body: "owner: /chat",
    });
    expect(await sendRaw(owner.port, "/healthz", "GET", { Connection: "Upgrade", Upgrade: "h2c" })).toMatchObject({
      status: 200,
    });
    expect(await sendRaw(owner.port, "/CREATE", "GET", { Connection: "Upgrade", Upgrade: "h2c" })).toMatchObject({
      status: 426,
    });
  });

  test("tells all peers of its end, and leaves the HTTP server open and as it was", async () => {
    const owner = await startOwner();
    const before = listenersOf(owner.http);
    const server = newServer();
    server.attach(owner.http);
    const { host, phone } = await playParty(owner);
    await server.close();
    await server.close();
    expect([(await host.closed).code, (await phone.closed).code]).toEqual([1012, 1012]);
    expect(listenersOf(owner.http)).toEqual(before);
    expect(owner.http.listening).toBe(true);
    expect(await textOf(`${owner.url}/healthz`)).toEqual([404, "owner: nothing here"]);
  });

  test("leaves upgrades to the owner once it is closed, where another program has wrapped emit meanwhile", async () => {
    const owner = await startOwner();
    const server = newServer();
    server.attach(owner.http);
    const wrapped = owner.http.emit.bind(owner.http);
    owner.http.emit = (event: string, ...details: unknown[]) => wrapped(event, ...details);
    await playParty(owner);
    await server.close();
    greetWith(new WebSocketServer({ server: owner.http }), "the owner's");
    expect(await firstMessage(`${owner.ws}/chat`)).toBe("the owner's");
    expect(await textOf(`${owner.url}/healthz`)).toEqual([404, "owner: nothing here"]);
  });

  test("finds its address once the HTTP server listens", async () => {
    const http = createHttpServer(ownersApp());
    const server = newServer();
    server.attach(http);
    expect(server.publicUrl).toBe("");
    const owner = await startOwner(http);
    expect(await (await fetch(`${owner.url}/api/info`)).json()).toMatchObject({ public_url: owner.url });
    expect(server.publicUrl).toBe(owner.url);
  });

  test("says in its log that it finds no address, where the networks cannot be examined", async () => {
    const failed = new Error("no networks");
    const network = {
      observe: () => ({ interfaces: {}, defaultRoute: undefined, habitat: "machine" as const }),
      refresh: () => Promise.reject(failed),
    };
    const lines = new Inbox<string>("the log");
    const logger = createLogger("error", { write: (line) => lines.push(line) });
    const owner = await startOwner();
    newServer({}, { network, logger }).attach(owner.http);
    expect(await lines.next()).toContain("no networks");
    await playParty(owner);
  });

  test("serves an HTTPS server, and says https of its address", async () => {
    const psk = Buffer.alloc(16, 7); // a key that both ends know needs no certificate
    const tls = { ciphers: "PSK", maxVersion: "TLSv1.2" } as const;
    const agent = new Agent({
      ...tls,
      pskCallback: () => ({ psk, identity: "phone" }),
      checkServerIdentity: () => undefined,
    });
    const http = createHttpsServer({ ...tls, pskCallback: () => psk });
    const before = listenersOf(http);
    onTestEnd(() => void http.close());
    const server = newServer();
    server.attach(http);
    const origin = `127.0.0.1:${await listen(http)}`;
    const socket = new WebSocket(`wss://${origin}/BCDF`, { agent });
    expect((await once(socket, "close"))[0]).toBe(4504); // no room has this code
    const request = getByTls(`https://${origin}/healthz`, { agent });
    expect((await once(request, "response"))[0]).toMatchObject({ statusCode: 200 });
    request.destroy();
    expect(server.publicUrl).toBe(`https://${origin}`);
    await server.close();
    expect(listenersOf(http)).toEqual(before);
  });

  test("P6.0 /ws is the owner's without a secret for tokens, and the server's with one", async () => {
    const owners = await startOwner();
    greetWith(new WebSocketServer({ server: owners.http, path: "/ws" }), "the owner's");
    newServer().attach(owners.http);
    expect(await new PlayerClient(`${owners.ws}/ws?token=x`).next()).toBe("the owner's");
    expect(await textOf(`${owners.url}/ws`)).toEqual([404, "owner: nothing here"]);

    const ours = await startOwner();
    newServer({ jwtSecret: "s".repeat(32) }).attach(ours.http);
    expect(await new PlayerClient(`${ours.ws}/ws?token=x`).closed).toMatchObject({ code: 4501 });
    expect(await textOf(`${ours.url}/ws`)).toEqual([401, "A token is needed here."]);
  });

  test("is refused with a sentence where that cannot be", async () => {
    const owner = await startOwner();
    const server = newServer({ publicUrl: "https://example.org/party" });
    // @ts-expect-error An express app is no HTTP server.
    expect(() => server.attach(ownersApp())).toThrow(/^attach\(\) needs an HTTP server of Node.*\[Function/);
    server.attach(owner.http);
    expect(() => newServer({ publicUrl: "https://example.org/party/" }).attach(owner.http)).toThrow(
      "A Couchwire server is attached at /party already. Give each a publicUrl with a path of its own.",
    );
    await server.close();
    expect(() => server.attach(owner.http)).toThrow("This server is closed; create another one to attach.");
    await expect(server.listen()).rejects.toThrow("This server is closed; create another one to listen.");
  });
});

describe("A server that is closed while it begins to listen", () => {
  test.each(["127.0.0.1", "localhost"])("frees its port at %s, and says why it does not listen", async (host) => {
    const probe = createHttpServer();
    const port = await listen(probe);
    await new Promise((resolve) => probe.close(resolve));
    const server = newServer({ port, host });
    const listening = expect(server.listen()).rejects.toThrow("This server was closed before it listened.");
    await server.close();
    await listening;
    await expect(newServer({ port, host }).listen()).resolves.toMatchObject({ port });
  });
});

describe("below a path", () => {
  test("a server answers there alone, and what it does not know stays the owner's there too", async () => {
    const owner = await startOwner();
    newServer({ publicUrl: "https://example.org/party/" }).attach(owner.http);
    const { code } = await playParty({ ws: `${owner.ws}/party` });
    expect(await textOf(`${owner.url}/party/${code}`)).toEqual([200, "sketch"]);
    expect(await textOf(`${owner.url}/party/scores`)).toEqual([200, "owner: /party/scores"]);
    for (const path of ["/", `/${code}`, "/healthz", "/partyhealthz"]) {
      expect(await textOf(owner.url + path)).toEqual([404, "owner: nothing here"]);
    }
    expect(await firstMessage(`${owner.ws}/CREATE`)).toBe(404);
    expect(await sendRaw(owner.port, "/party/CREATE", "GET", { Connection: "Upgrade", Upgrade: "h2c" })).toMatchObject({
      status: 426,
    });
  });

  test("two servers on one HTTP server share nothing, and each ends by itself", async () => {
    const owner = await startOwner();
    const before = listenersOf(owner.http);
    const [first, second, atRoot] = [
      newServer({ publicUrl: "https://example.org/a" }),
      newServer({ publicUrl: "https://example.org/b" }),
      newServer(),
    ];
    for (const server of [atRoot, first, second]) server.attach(owner.http);
    const inFirst = await playParty({ ws: `${owner.ws}/a` });
    const inSecond = await playParty({ ws: `${owner.ws}/b` });
    await playParty(owner);
    expect([first, second, atRoot].map(({ hub }) => hub.roomCount)).toEqual([1, 1, 1]);
    const stranger = await PlayerClient.connect({ ws: `${owner.ws}/b` }, inFirst.code);
    expect((await stranger.closed).code).toBe(4504);

    await first.close();
    expect((await inFirst.phone.closed).code).toBe(1012);
    expect(await textOf(`${owner.url}/a/healthz`)).toEqual([404, "owner: nothing here"]);
    inSecond.phone.send("still here");
    expect(await inSecond.host.until("from_str")).toMatchObject({ data: "still here" });
    await atRoot.close();
    await playParty({ ws: `${owner.ws}/b` });
    await second.close();
    expect(listenersOf(owner.http)).toEqual(before);
  });
});

describe("in an express app that exists", () => {
  test.each([
    ["at the root", {}, ""],
    ["at the path of its public URL", { publicUrl: "https://example.org/party" }, "/party"],
  ])("the pages are mounted %s, and the WebSockets attached", async (_where, options, path) => {
    const server = newServer(options);
    const app = express();
    app.get(`${path}/`, (_request, response) => void response.send("owner: start"));
    if (path === "") app.use(server.app);
    else app.use(path, server.app);
    app.use(ownersApp());
    const owner = await startOwner(createHttpServer(app));
    server.attach(owner.http, { pages: false });
    const { code } = await playParty({ ws: `${owner.ws}${path}` });
    expect(await textOf(`${owner.url}${path}/${code}`)).toEqual([200, "sketch"]);
    expect(await textOf(`${owner.url}${path}/`)).toEqual([200, "owner: start"]);
    expect(await textOf(`${owner.url}/party/scores`)).toEqual([200, "owner: /party/scores"]);
    const redirect = await fetch(`${owner.url}${path}/games`, { redirect: "manual" });
    expect(redirect.headers.get("location")).toBe(`${path}/games/`);
  });
});

function addRoutes(app: Express): void {
  app.get("/scores", (_request, response) => void response.send("the scores"));
  app.get("/broken", () => {
    throw new Error("a bug of the route");
  });
}

describe("routes that are added", () => {
  test("come before the server's own, without its headers, on its own port", async () => {
    const server = newServer(
      { port: 0, host: "127.0.0.1", publicUrl: "https://example.org/party" },
      { routes: addRoutes },
    );
    const { url } = await server.listen();
    const answer = await fetch(`${url}/party/scores`);
    expect([await answer.text(), answer.headers.get("content-security-policy")]).toEqual(["the scores", null]);
    expect(await textOf(`${url}/scores`)).toEqual([200, "the scores"]);
    expect(await textOf(`${url}/broken`)).toEqual([500, "Something went wrong here."]);
    expect((await fetch(`${url}/nowhere`)).status).toBe(404);
  });

  test("come before the owner's where the server is attached", async () => {
    const owner = await startOwner();
    newServer({}, { routes: addRoutes }).attach(owner.http);
    expect(await textOf(`${owner.url}/scores`)).toEqual([200, "the scores"]);
    expect(await textOf(`${owner.url}/nowhere`)).toEqual([404, "owner: nothing here"]);
  });
});

test("two servers on ports of their own share nothing", async () => {
  const [first, second] = [newServer({ port: 0, host: "127.0.0.1" }), newServer({ port: 0, host: "127.0.0.1" })];
  const [one, other] = [await first.listen(), await second.listen()];
  const { host, code } = await playParty({ ws: one.url.replace(/^http/, "ws") });
  const stranger = await PlayerClient.connect({ ws: other.url.replace(/^http/, "ws") }, code);
  expect((await stranger.closed).code).toBe(4504);
  await second.close();
  host.send({ cmd: "kick", player: 9 });
  await host.until("state");
  expect([first.hub.roomCount, second.hub.roomCount]).toEqual([1, 0]);
});
