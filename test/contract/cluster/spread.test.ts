/** What holds on all nodes of a cluster: bans, revocations, used refresh tokens, guess limits, what is done once; and all rooms from any node. */
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { z } from "zod";
import { memoryBus } from "../../../src/cluster/memory/memory-bus.ts";
import { memoryDirectory } from "../../../src/cluster/memory/memory-directory.ts";
import type { OptionsInput } from "../../../src/config.ts";
import type { ServerExtras } from "../../../src/server.ts";
import { API_KEY, askApi, refusalOf, textIn } from "../../support/api-client.ts";
import { ADMIN_KEY, AdminClient } from "../../support/admin-client.ts";
import { HostClient, type OpenRoom } from "../../support/host-client.ts";
import { eventually } from "../../support/inbox.ts";
import { JWT_SECRET, handmadeToken, MemberClient, tokenFor } from "../../support/member-client.ts";
import { parseMetrics, valueOf } from "../../support/metrics-text.ts";
import { newPrefix, startNode, TEST_LEASE_MS, type Node, type NodeHere } from "../../support/nodes.ts";
import { PlayerClient } from "../../support/player-client.ts";
import { newSession } from "../../support/reliable-client.ts";
import { startBackend, type ClusterBackend } from "../../support/split-cluster.ts";

const BACKENDS: readonly ClusterBackend[] = ["memory", "redis", "nats"];
const OPTIONS: OptionsInput = {
  apiKey: `${API_KEY},${ADMIN_KEY}`,
  jwtSecret: JWT_SECRET,
  adminPort: 0,
  trustProxy: "127.0.0.1",
};

type StartNodes = (
  count: number,
  options?: OptionsInput,
) => Promise<{
  readonly nodes: readonly [NodeHere, NodeHere, ...NodeHere[]];
  /** One more node of the same cluster. */
  readonly add: () => Promise<NodeHere>;
}>;

async function prepareRoom(node: Node, fields: object = {}, query = ""): Promise<OpenRoom> {
  const host = await HostClient.connect(node, query);
  host.send({ cmd: "prepare", name: "sketch", max_players: 8, ...fields });
  const { key } = await host.until("prepare_reply");
  return { host, code: String(key) };
}

/** A directory that has just begun may not know all rooms: codes that it does not know are unknown for the time of a lease. */
async function untilDirectoryIsCertain(node: Node): Promise<void> {
  await eventually(
    "the directory says that there is no such room",
    async () => (await lookUp(node, "ZZZB")).status === 404,
  );
}

async function lookUp({ url }: Node, code: string, accept = "text/plain", from?: string) {
  const headers = { accept, ...(from !== undefined && { "X-Forwarded-For": from }) };
  const answer = await fetch(`${url}/${code}`, { headers, redirect: "manual" });
  return { status: answer.status, headers: answer.headers, body: await answer.text() };
}

const PAGE = z.object({ rooms: z.array(z.object({ name: z.string() })), next: z.string().nullable() });

/** The names of all rooms, from pages of three. */
async function namesOnPages(node: Node): Promise<readonly string[]> {
  const names: string[] = [];
  let cursor: string | null = null;
  do {
    const query: string = cursor === null ? "" : `&cursor=${encodeURIComponent(cursor)}`;
    const { rooms, next } = PAGE.parse((await askApi(node, `GET /api/rooms?limit=3${query}`)).body);
    names.push(...rooms.map(({ name }) => name));
    cursor = next;
  } while (cursor !== null);
  return names;
}

const HEALTH = z.object({ rooms: z.int(), players: z.int(), connections: z.int() });

function refresh(node: Node, refresh_token: string) {
  return askApi(node, "POST /api/token/refresh", { key: "", body: { refresh_token } });
}

async function figuresOf({ url }: Node) {
  return parseMetrics(await (await fetch(`${url}/metrics`, { headers: { "x-api-key": API_KEY } })).text());
}

/** How often, of so many times in turn at these nodes, the answer had this status. */
async function countStatus(
  nodes: readonly Node[],
  times: number,
  status: number,
  ask: (node: Node) => Promise<{ readonly status: number }>,
): Promise<number> {
  let count = 0;
  for (let time = 0; time < times; time++) {
    const node = nodes[time % nodes.length];
    if (node !== undefined && (await ask(node)).status === status) count += 1;
  }
  return count;
}

describe.each(BACKENDS)("over %s", (kind) => {
  let backend: Awaited<ReturnType<typeof startBackend>>;

  beforeAll(async () => {
    backend = await startBackend(kind);
  }, 120_000);

  afterAll(() => backend.close());

  const startNodes: StartNodes = async (count, options = {}) => {
    const { url } = backend;
    const extras: ServerExtras =
      url === undefined
        ? { bus: memoryBus(), directory: memoryDirectory({ leaseMs: TEST_LEASE_MS, keepMs: 60_000 }) }
        : {};
    const own = url === undefined ? {} : { bus: url, busPrefix: newPrefix() };
    const add = (): Promise<NodeHere> => startNode({ ...OPTIONS, ...options, ...own }, extras);
    const [one, two, ...more] = await Promise.all(Array.from({ length: count }, add));
    if (one === undefined || two === undefined) throw new Error("A cluster has two nodes at least.");
    return { nodes: [one, two, ...more], add };
  };

  test("row 91 a ban holds at all nodes, closes what is open there, and comes to a node that starts later", async () => {
    const { nodes, add } = await startNodes(2);
    const [one, two] = nodes;
    const { host, code } = await prepareRoom(one);
    const session = newSession();
    const phone = await PlayerClient.connect(two, `${code}?session=${session}`);
    await host.until("player_joined");
    const token = await tokenFor("mallory", "lobby");
    const added = await askApi(two, "POST /api/bans", { body: { session, reason: "No cheats." } });
    expect(added.status).toBe(201);
    expect((await askApi(one, "POST /api/bans", { body: { sub: "mallory", reason: "Not you." } })).status).toBe(201);
    expect(await phone.closed).toEqual({ code: 4503, reason: "No cheats." });
    await host.until("player_left");
    await eventually("both bans are listed at both nodes", async () => {
      const lists = await Promise.all([one, two].map((node) => askApi(node, "GET /api/bans")));
      return lists.every(({ body }) => JSON.stringify(body).split("reason").length === 3);
    });
    await one.close();
    const three = await add();
    for (const node of [two, three]) {
      expect(await (await MemberClient.connect(node, `ws?token=${token}`)).closed).toMatchObject({ code: 4503 });
      expect((await askApi(node, "DELETE /api/bans", { body: { sub: "nobody" } })).status).toBe(404);
    }
    expect((await askApi(three, "DELETE /api/bans", { body: { sub: "mallory" } })).status).toBe(204);
    await eventually("the ban is lifted at the other node", () => two.server.bans.list().length === 1);
  });

  test("row 91 a revocation closes lines at all nodes, and a refresh token counts once at all of them", async () => {
    const { nodes } = await startNodes(2, { standingRooms: "lobby:relay" });
    const [one, two] = nodes;
    const lines = await Promise.all(
      nodes.map(async (node, index) => {
        const line = await MemberClient.connect(node, `ws?token=${await tokenFor(`u${index}`, "lobby")}&events=1`);
        await line.event("joined");
        return line;
      }),
    );
    expect((await askApi(one, "POST /api/token/revoke", { body: { session_id: "s1" } })).status).toBe(204);
    for (const line of lines) expect(await line.closed).toMatchObject({ code: 4501 });

    const issued = await askApi(one, "POST /api/token", { body: { sub: "ann" } });
    const first = textIn(issued, "refresh_token");
    const second = await refresh(two, first);
    expect(second.status).toBe(200);
    const third = await refresh(one, textIn(second, "refresh_token"));
    expect(third.status).toBe(200);
    expect(refusalOf(await refresh(one, first))).toBe("401 unauthorized");
    expect(refusalOf(await refresh(two, textIn(third, "refresh_token")))).toBe("401 unauthorized");

    const other = textIn(await askApi(one, "POST /api/token", { body: { sub: "bob" } }), "refresh_token");
    const both = await Promise.all([refresh(one, other), refresh(two, other)]);
    expect(both.map(({ status }) => status).filter((status) => status === 200).length).toBeLessThanOrEqual(1);
  });

  test("P5.8.4 a guesser of codes, tokens or keys that spreads over nodes has one limit, up to messages under way", async () => {
    const { nodes } = await startNodes(3, { guessLimit: 12 });
    const [one, two] = nodes;
    for (const node of nodes) await untilDirectoryIsCertain(node);
    const codes = await countStatus(nodes, 60, 404, (node) => lookUp(node, "ZZZZ", "text/plain", "198.51.100.1"));
    expect(codes).toBeGreaterThanOrEqual(12);
    expect(codes).toBeLessThanOrEqual(24);
    const { code } = await prepareRoom(one);
    for (const node of nodes) expect((await lookUp(node, code, "text/plain", "198.51.100.1")).status).toBe(429);
    for (const node of nodes) expect((await lookUp(node, code, "text/plain", "198.51.100.2")).status).toBe(200);

    const forged = handmadeToken(
      { sub: "ann", room: "lobby", exp: 9e9 },
      { secret: "another secret of thirty-two bytes!" },
    );
    const tokens = await countStatus(nodes, 60, 401, (node) =>
      fetch(`${node.url}/ws?token=${forged}`, { headers: { "X-Forwarded-For": "198.51.100.3" } }),
    );
    expect(tokens).toBeLessThanOrEqual(24);

    const from = { "X-Forwarded-For": "198.51.100.4" };
    const keys = await countStatus(nodes, 120, 401, (node) =>
      askApi(node, "GET /api/bans", { key: "wrong", headers: from }),
    );
    expect(keys).toBeLessThanOrEqual(90);
    await eventually("the right key is refused at every node", async () => {
      const answers = await Promise.all(nodes.map((node) => askApi(node, "GET /api/bans", { headers: from })));
      return answers.every(({ status }) => status === 429);
    });
    expect((await askApi(two, "GET /api/bans")).status).toBe(200);
  });

  test("P5.8.4 wrong PINs of a room count at its home, whichever nodes they come from", async () => {
    const { nodes } = await startNodes(3, { guessLimit: 4 });
    const { code } = await prepareRoom(nodes[0], { pin: "1234" });
    const tried: number[] = [];
    for (let time = 0; time < 9; time++) {
      const phone = await PlayerClient.connect(nodes[time % 3] ?? nodes[0], `${code}?pin=${time}`);
      tried.push((await phone.closed).code);
    }
    expect(tried).toEqual([4501, 4501, 4501, 4501, 4029, 4029, 4029, 4029, 4029]);
    const right = await PlayerClient.connect(nodes[1], `${code}?pin=1234`);
    expect(await right.closed).toMatchObject({ code: 4029 });
  });

  test("P5.8.2 a phone that sent too much at one node's room is out at the others for a while", async () => {
    const { nodes } = await startNodes(2, { playerRate: 1, playerBurst: 1 });
    const [one, two] = nodes;
    const [room, other] = [await prepareRoom(one), await prepareRoom(two)];
    const session = newSession();
    const phone = await PlayerClient.connect(two, `${room.code}?session=${session}`);
    await room.host.until("player_joined");
    for (let count = 0; count < 200; count++) phone.send("much");
    expect(await phone.closed).toMatchObject({ code: 4029 });
    await eventually("the other node has heard of it", async () => {
      const again = await PlayerClient.connect(two, `${other.code}?session=${session}`);
      const outcome = await Promise.race([again.closed, other.host.until("player_joined")]);
      return "code" in outcome && outcome.code === 4029;
    });
  });

  test("P9.1 P9.2 what is said in a room from another node comes there once for each key, and is counted", async () => {
    const { nodes } = await startNodes(3);
    const [one, two, three] = nodes;
    const { host, code } = await prepareRoom(one);
    const [ann, bob] = [await PlayerClient.connect(one, code), await PlayerClient.connect(two, code)];
    for (const _ of [ann, bob]) await host.until("player_joined");
    const publish = (node: Node, key: string, text = "Hello") =>
      askApi(node, "POST /api/publish", { body: { room: code, text }, headers: { "Idempotency-Key": key } });
    const [first, again] = [await publish(two, "a"), await publish(three ?? one, "a")];
    expect([first.status, first.body]).toEqual([200, { ok: true, delivered: 2, kept: 0 }]);
    expect([again.body, again.headers["idempotency-replayed"]]).toEqual([first.body, "true"]);
    expect((await publish(one, "a", "Other")).status).toBe(409);
    const race = await Promise.all(nodes.map((node) => publish(node, "b", "Once")));
    expect(race.map(({ status }) => status)).toEqual([200, 200, 200]);
    await publish(two, "c", "End");
    for (const phone of [ann, bob])
      expect([await phone.next(), await phone.next(), await phone.next()]).toEqual(["Hello", "Once", "End"]);
  });

  test("P9.3 P9.4 P9.5 all rooms are listed, shown, locked, opened and ended from any node", async () => {
    const { nodes } = await startNodes(2);
    const [one, two] = nodes;
    for (const [node, name] of [
      [one, "a"],
      [two, "b"],
      [one, "c"],
      [two, "d"],
    ] as const)
      expect((await askApi(node, "POST /api/rooms", { body: { kind: "relay", name } })).status).toBe(201);
    // Two nodes may open rooms in the same millisecond.
    for (const node of nodes) expect((await namesOnPages(node)).toSorted()).toEqual(["a", "b", "c", "d"]);
    expect(refusalOf(await askApi(two, "POST /api/rooms", { body: { kind: "relay", name: "a" } }))).toBe(
      "409 room_exists",
    );

    const { host, code } = await prepareRoom(one);
    const phone = await PlayerClient.connect(two, `${code}?name=Ann`);
    await host.until("player_joined");
    expect((await askApi(two, `GET /api/rooms/${code}`)).body).toMatchObject({
      code,
      players: [{ id: 1, name: "Ann" }],
    });
    expect((await askApi(two, `POST /api/rooms/${code}/lock`)).status).toBe(204);
    expect((await askApi(one, `GET /api/rooms/${code}`)).body).toMatchObject({ isLocked: true });
    expect((await askApi(two, `POST /api/rooms/${code}/open`)).status).toBe(204);
    expect((await askApi(two, `POST /api/rooms/${code}/kick`, { body: { player: 7 } })).status).toBe(404);
    expect((await askApi(two, `POST /api/rooms/${code}/kick`, { body: { player: 1 } })).status).toBe(204);
    expect(await phone.closed).toMatchObject({ code: 4503 });
    expect((await askApi(two, `DELETE /api/rooms/${code}`)).status).toBe(204);
    expect(await host.closed).toMatchObject({ code: 1001 });
    await untilDirectoryIsCertain(two);
    expect(refusalOf(await askApi(two, `GET /api/rooms/${code}`))).toBe("404 room_not_found");
    const nowhere = await askApi(two, "POST /api/publish", { body: { room: code, text: "Hello?" } });
    expect(refusalOf(nowhere)).toBe("404 room_not_found");
  });

  test("P1.3 P1.4 P5.9.2 a room is looked up at another node in all forms", async () => {
    const { nodes } = await startNodes(2);
    const [one, two] = nodes;
    for (const node of nodes) await untilDirectoryIsCertain(node);
    const { code } = await prepareRoom(one, { pin: "1", meta: { level: 3 } });
    expect(await lookUp(two, code)).toMatchObject({ status: 200, body: "sketch" });
    expect(JSON.parse((await lookUp(two, code, "application/json")).body)).toMatchObject({
      code,
      name: "sketch",
      maxPlayers: 8,
      isOpen: true,
      pin: true,
      meta: { level: 3 },
    });
    const here = await lookUp(one, code, "text/html");
    const there = await lookUp(two, code, "text/html");
    expect([there.status, there.headers.get("location")]).toEqual([here.status, here.headers.get("location")]);
    expect((await lookUp(two, "ZZZZ")).status).toBe(404);
    expect((await lookUp(two, "ZZZZ", "text/html")).body).toContain("There is no room");
  });

  test("row 74 the admin page shows the rooms of all nodes and acts in them", async () => {
    const { nodes } = await startNodes(2);
    const [one, two] = nodes;
    const { host, code } = await prepareRoom(one);
    await PlayerClient.connect(two, `${code}?name=Ann`);
    await host.until("player_joined");
    const admin = await AdminClient.connect(two.adminUrl ?? "");
    const overview: unknown = await (await admin.ask("GET", "/data/overview")).json();
    expect(overview).toMatchObject({ rooms: [{ code, players: 1 }], totals: { rooms: 1, players: 1 }, isAll: true });
    const room: unknown = await (await admin.ask("GET", `/data/rooms/${code}`)).json();
    expect(room).toMatchObject({
      room: { code, players: [{ name: "Ann" }] },
      names: { 1: "Ann" },
      timeline: { entries: expect.arrayContaining([expect.objectContaining({ event: "playerJoined", player: 1 })]) },
    });
    expect((await admin.ask("DELETE", `/api/rooms/${code}`)).status).toBe(204);
    expect(await host.closed).toMatchObject({ code: 1001 });
  });

  test("P9.10 each person, socket and refusal counts at one node: the sums are right, also for those that are linked", async () => {
    const { nodes } = await startNodes(2);
    const [one, two] = nodes;
    const { host, code } = await prepareRoom(one, { max_players: 3 });
    for (const node of [one, two, two]) {
      await PlayerClient.connect(node, code);
      await host.until("player_joined");
    }
    expect((await (await PlayerClient.connect(two, code)).closed).code).toBe(4510);
    const sums: Record<string, number> = {};
    for (const node of [one, two]) {
      const health = HEALTH.parse(await (await fetch(`${node.url}/healthz`)).json());
      for (const name of ["rooms", "players", "connections"] as const) sums[name] = (sums[name] ?? 0) + health[name];
    }
    expect(sums).toEqual({ rooms: 1, players: 3, connections: 4 });
    const families = await Promise.all([figuresOf(one), figuresOf(two)]);
    const totals = Object.fromEntries(
      ["couchwire_connections", "couchwire_players", "couchwire_joins_total", "couchwire_refusals_total"].map(
        (name) => [name, families.reduce((sum, family) => sum + valueOf(family, name), 0)],
      ),
    );
    expect(totals).toEqual({
      couchwire_connections: 4,
      couchwire_players: 3,
      couchwire_joins_total: 3,
      couchwire_refusals_total: 1,
    });
  });

  test("P9.10 row 96 nodes say that the bus is up, and what goes over it", async () => {
    const { nodes } = await startNodes(2);
    const [one, two] = nodes;
    const { host, code } = await prepareRoom(one);
    await PlayerClient.connect(two, code);
    await host.until("player_joined");
    for (const path of ["readyz", "healthz"])
      expect(await (await fetch(`${two.url}/${path}`)).json()).toMatchObject({ bus: "up" });
    const [home, edge] = [await figuresOf(one), await figuresOf(two)];
    expect([home, edge].map((families) => valueOf(families, "couchwire_bus_up"))).toEqual([1, 1]);
    expect(valueOf(home, "couchwire_links", { direction: "in" })).toBe(1);
    expect(valueOf(edge, "couchwire_links", { direction: "out" })).toBe(1);
    for (const name of ["couchwire_bus_messages_total", "couchwire_bus_bytes_total"])
      for (const direction of ["in", "out"]) expect(valueOf(edge, name, { direction })).toBeGreaterThan(0);
  });
});
