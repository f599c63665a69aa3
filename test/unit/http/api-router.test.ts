/** The steps of the HTTP API that no client can bring about: bugs, bodies that wait, and a ban that is over at once. */
import { once } from "node:events";
import { createServer } from "node:http";
import { connect } from "node:net";
import { expect, test } from "@jest/globals";
import express from "express";
import { z } from "zod";
import { createApiRouter } from "../../../src/http/api/api-router.ts";
import { banRoutes } from "../../../src/http/api/ban-routes.ts";
import { IdempotentAnswers } from "../../../src/http/api/idempotency.ts";
import { JsonBodies } from "../../../src/http/api/json-body.ts";
import { NodeRooms } from "../../../src/http/api/node-rooms.ts";
import { RequestRates } from "../../../src/http/api/request-rates.ts";
import { defineRoute, NOTHING, type ApiRoute } from "../../../src/http/api/route.ts";
import { Bans } from "../../../src/hub/bans.ts";
import { success } from "../../../src/protocol/result.ts";
import { Recordings } from "../../../src/recording/recordings.ts";
import { MemoryBudget } from "../../../src/room/memory-budget.ts";
import { onTestEnd } from "../../support/clean-up.ts";
import { eventually } from "../../support/inbox.ts";
import { listen } from "../../support/listen.ts";
import { FakeOpenRooms } from "../../support/room/fake-open-rooms.ts";
import { unlimitedMemory } from "../../support/room/memory-budget.ts";

async function startRouter(routes: readonly ApiRoute[], budget = unlimitedMemory()) {
  const { fake, rooms } = new FakeOpenRooms();
  const bugs: unknown[] = [];
  const app = express().use(
    createApiRouter({
      routes,
      access: () => success({ id: "key 1", room: undefined, mayMint: true }),
      rooms: new NodeRooms({
        hub: fake.hub,
        openRooms: rooms,
        clock: fake.clock,
        recordings: new Recordings({ clock: fake.clock, budget }),
        publicUrl: () => "http://tv",
      }),
      rates: new RequestRates({ perSecond: 0, now: () => 0 }),
      idempotency: new IdempotentAnswers({ budget: unlimitedMemory(), now: () => 0 }),
      bodies: new JsonBodies(budget),
      addressOf: () => "10.0.0.1",
      ownsAll: true,
      onError: (error) => bugs.push(error),
    }),
  );
  const server = createServer(app);
  onTestEnd(() => server.close());
  onTestEnd(() => server.closeAllConnections());
  const port = await listen(server);
  return { port, url: `http://127.0.0.1:${port}`, bugs };
}

const ROUTE = { id: "probe", path: "/api/probe", tag: "t", summary: "s", query: NOTHING, answers: {}, examples: [] };

test("P9.11 an answer that cannot be written as JSON is a bug: 500, and told of", async () => {
  const route = defineRoute({
    ...ROUTE,
    method: "get",
    body: NOTHING,
    handle: () => ({ status: 200, body: { n: 1n } }),
  });
  const { url, bugs } = await startRouter([route]);
  const answer = await fetch(`${url}/api/probe`);
  expect([answer.status, await answer.json()]).toEqual([
    500,
    { error: { code: "internal_error", message: "Something went wrong here." } },
  ]);
  expect(bugs).toEqual([expect.any(TypeError)]);
});

test("P9.11 a body that is being read counts in the budget of the process, and its connection is cut where that is used up", async () => {
  const scheduled: (() => void)[] = [];
  const budget = new MemoryBudget({ limit: 10_000, schedule: (action) => void scheduled.push(action) });
  const route = defineRoute({ ...ROUTE, method: "post", body: z.array(z.unknown()), handle: () => ({ status: 204 }) });
  const { port } = await startRouter([route], budget);
  const open = async (length: number) => {
    const socket = connect(port, "127.0.0.1");
    onTestEnd(() => socket.destroy());
    await once(socket, "connect");
    socket.on("error", () => {});
    const head = `POST /api/probe HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n\r\n`;
    socket.write(`${head}[`);
    return socket;
  };
  const small = await open(2);
  await eventually("one is being read", () => budget.used === 2);
  const large = await open(16_000);
  const closed = once(large, "close");
  await eventually("both are being read", () => budget.used === 16_002);
  large.resume();
  for (let next = scheduled.shift(); next !== undefined; next = scheduled.shift()) next();
  await closed;
  await eventually("what was cut is given back", () => budget.used === 2);
  small.write("]");
  const [answer] = await once(small.setEncoding("latin1"), "data");
  expect(answer).toMatch(/^HTTP\/1\.1 204/);
  expect(budget.used).toBe(0);
});

test("P9.6 a ban is answered with itself, also where it is over by then", async () => {
  let time = 1_000;
  const bans = new Bans({ wallClock: () => (time += 10), onBan: () => {} });
  bans.add({ sub: "mallory" });
  const { url } = await startRouter(banRoutes(bans));
  const post = async (body: object) => {
    const answer = await fetch(`${url}/api/bans`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
    return [answer.status, await answer.json()];
  };
  expect(await post({ address: "0.0.0.0/0", ms: 1 })).toEqual([
    201,
    { address: "0.0.0.0/0", reason: "You are banned from this server.", until: expect.any(String) },
  ]);
  expect(await post({ sub: "eve", ms: 0.5 })).toMatchObject([
    400,
    { error: { message: '"ms" has to be a whole number.' } },
  ]);
  expect(await post({ sub: "eve", ms: 0 })).toMatchObject([400, { error: { message: '"ms" has to be 1 or more.' } }]);
});
