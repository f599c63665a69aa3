/** What holds on all nodes, while what is between them is away and after it is back. */
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { API_KEY, askApi, refusalOf, textIn } from "../../support/api-client.ts";
import type { BusServer } from "../../support/bus-server.ts";
import { eventually } from "../../support/inbox.ts";
import { HostClient } from "../../support/host-client.ts";
import { JWT_SECRET, MemberClient, tokenFor } from "../../support/member-client.ts";
import { startNats } from "../../support/nats-server.ts";
import { newPrefix, startNode, type NodeHere } from "../../support/nodes.ts";
import { PlayerClient } from "../../support/player-client.ts";
import { startRedis } from "../../support/redis-server.ts";

async function untilBusIs(state: "up" | "down", ...nodes: readonly NodeHere[]): Promise<void> {
  await eventually(`the bus is ${state} at each node`, async () => {
    const answers = await Promise.all(nodes.map(({ url }) => fetch(`${url}/readyz`)));
    return answers.every(({ status }) => status === (state === "up" ? 200 : 503));
  });
}

describe.each([
  ["redis", startRedis],
  ["nats", startNats],
] as const)("row 89: while %s is away", (_kind, start) => {
  let server: BusServer;
  beforeAll(async () => {
    server = await start({ isShared: true });
  }, 120_000);
  afterAll(() => server.close());

  const startTwo = async (): Promise<readonly [NodeHere, NodeHere]> => {
    const options = { bus: server.url, busPrefix: newPrefix(), apiKey: API_KEY, jwtSecret: JWT_SECRET };
    return Promise.all([startNode(options), startNode(options)]);
  };

  test("nodes say so, refuse what may be done once alone, and go on with what is theirs", async () => {
    const [one] = await startTwo();
    const host = await HostClient.connect(one);
    host.send({ cmd: "prepare", name: "sketch", max_players: 8 });
    const code = String((await host.until("prepare_reply"))["key"]);
    const phone = await PlayerClient.connect(one, code);
    await host.until("player_joined");
    const refresh_token = textIn(await askApi(one, "POST /api/token", { body: { sub: "ann" } }), "refresh_token");
    const refresh = () => askApi(one, "POST /api/token/refresh", { key: "", body: { refresh_token } });
    const publish = (headers = {}) =>
      askApi(one, "POST /api/publish", { body: { room: code, text: "Hello" }, headers });
    const once = { "Idempotency-Key": "once" };

    await server.stop();
    await untilBusIs("down", one);
    expect(await (await fetch(`${one.url}/healthz`)).json()).toMatchObject({ status: "ok", bus: "down" });
    expect(refusalOf(await refresh())).toBe("503 overloaded");
    expect(refusalOf(await publish(once))).toBe("503 overloaded");
    expect((await publish()).body).toEqual({ ok: true, delivered: 1, kept: 0 });
    expect(await phone.next()).toBe("Hello");
    expect((await askApi(one, "GET /api/rooms")).body).toMatchObject({ rooms: [{ code }], missing: 1 });
    expect((await fetch(`${one.url}/ZZZZ`)).status).toBe(503);
    expect((await fetch(`${one.url}/${code}`)).status).toBe(200);

    await server.restart();
    await untilBusIs("up", one);
    expect((await refresh()).status).toBe(200);
    expect((await publish(once)).body).toMatchObject({ delivered: 1 });
    expect((await publish(once)).headers["idempotency-replayed"]).toBe("true");
  });

  test("what is said then holds at all nodes once it is back", async () => {
    const [one, two] = await startTwo();
    const old = await tokenFor("eve", "lobby");
    await server.kill();
    await untilBusIs("down", one, two);
    expect((await askApi(one, "POST /api/bans", { body: { sub: "mallory" } })).status).toBe(201);
    expect((await askApi(two, "POST /api/token/revoke", { body: { sub: "eve" } })).status).toBe(204);
    await server.restart({ isEmpty: true });
    await untilBusIs("up", one, two);
    await eventually("the ban is at the other node", () => two.server.bans.list().length === 1);
    await eventually("the revocation is at the other node", async () => {
      const line = await MemberClient.connect(one, `ws?token=${old}`);
      return (await line.closed).code === 4501;
    });
  });
});
