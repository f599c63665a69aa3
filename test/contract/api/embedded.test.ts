/** The HTTP API of a server inside another program: on its HTTP server, in its express app, below a path. */
import { createServer as createHttpServer, type Server } from "node:http";
import express, { type Express } from "express";
import { expect, test } from "@jest/globals";
import type { OptionsInput } from "../../../src/config.ts";
import { createServer } from "../../../src/server.ts";
import { API_KEY, askApi, refusalOf } from "../../support/api-client.ts";
import { onTestEnd } from "../../support/clean-up.ts";
import { listen } from "../../support/listen.ts";
import { engineOptions } from "../../support/target.ts";

function newServer(options: OptionsInput = {}) {
  const server = createServer({ logLevel: "silent", drainMs: 0, apiKey: API_KEY, ...engineOptions, ...options });
  onTestEnd(() => server.close());
  return server;
}

/** Has routes of its own below `/api`, and reads JSON before all of them. */
function ownersApp(): Express {
  const app = express();
  app.use(express.json());
  app.get("/api/mine", (_request, response) => void response.json({ by: "owner" }));
  return app;
}

async function startOwner(http: Server): Promise<{ readonly port: number }> {
  onTestEnd(() => {
    http.closeAllConnections();
    http.close();
  });
  return { port: await listen(http) };
}

test("P9.11 attached to an HTTP server the API is there, and unknown paths below /api stay the owner's", async () => {
  const http = createHttpServer((_request, response) => void response.end(JSON.stringify({ by: "owner" })));
  newServer().attach(http);
  const owner = await startOwner(http);
  const body = { kind: "relay", name: "lobby" };
  expect((await askApi(owner, "POST /api/rooms", { body })).status).toBe(201);
  expect(refusalOf(await askApi(owner, "GET /api/rooms", { key: "" }))).toBe("401 unauthorized");
  expect((await askApi(owner, "GET /api/rooms/name:lobby")).body).toMatchObject({ name: "lobby" });
  for (const path of ["/api/mine", "/api", "/api/rooms/"]) {
    expect((await askApi(owner, `GET ${path}`)).body).toEqual({ by: "owner" });
  }
});

test("P9.11 in an express app that reads bodies itself the API takes them from there", async () => {
  const app = ownersApp();
  const server = newServer();
  app.use(server.app);
  app.use((_request, response) => void response.status(404).json({ by: "owner" }));
  const owner = await startOwner(createHttpServer(app));
  expect((await askApi(owner, "POST /api/rooms", { body: { kind: "relay", name: "lobby" } })).status).toBe(201);
  expect(refusalOf(await askApi(owner, "POST /api/rooms", { body: { kind: 1 } }))).toBe("400 invalid_request");
  const news = await askApi(owner, "POST /api/publish", { body: { channel: "news", data: { tea: 1 } } });
  expect(news.body).toEqual({ ok: true, delivered: 0 });
  expect((await askApi(owner, "GET /api/mine")).body).toEqual({ by: "owner" });
  expect(await askApi(owner, "GET /api/other")).toMatchObject({ status: 404, body: { by: "owner" } });
});

test("P9.11 without a key all paths below /api but the public ones stay the owner's", async () => {
  const app = ownersApp();
  const server = createServer({ logLevel: "silent", drainMs: 0, ...engineOptions });
  onTestEnd(() => server.close());
  app.use(server.app);
  app.get("/api/rooms", (_request, response) => void response.json({ by: "owner" }));
  const owner = await startOwner(createHttpServer(app));
  expect((await askApi(owner, "GET /api/rooms")).body).toEqual({ by: "owner" });
  expect((await askApi(owner, "GET /api/openapi.json")).body).toMatchObject({ openapi: "3.1.0" });
});

test("P9.11 below the path of the public URL, whether a proxy passes it on or takes it off", async () => {
  for (const [publicUrl, path] of [
    ["https://example.org/party", "/party/api/rooms"],
    ["https://example.org/party", "/api/rooms"],
    ["https://example.org/api", "/api/api/rooms"],
    ["https://example.org/api", "/api/rooms"],
  ] as const) {
    const server = newServer({ publicUrl, port: 0, host: "127.0.0.1" });
    const address = await server.listen();
    expect([path, (await askApi(address, `GET ${path}`)).body]).toEqual([path, { rooms: [], next: null }]);
  }
});
