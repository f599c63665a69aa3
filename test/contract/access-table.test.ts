/** Every way into the server, tried with every token: who is let in, and what the others are told. */
import { describe, expect, test } from "@jest/globals";
import { WebSocket } from "ws";
import { z } from "zod";
import {
  ACCESS_CASES,
  accessOptions,
  goodClaims,
  HUGE_TOKEN,
  LET_IN,
  type AccessEntry,
  type Seen,
} from "../support/access-table.ts";
import { onTestEnd } from "../support/clean-up.ts";
import { HostClient } from "../support/host-client.ts";
import { handmadeToken } from "../support/member-client.ts";
import { newSession } from "../support/reliable-client.ts";
import type { TestServer } from "../support/server.ts";
import { startTcpServer, type TcpServer } from "../support/tcp-server.ts";

/** A server with a room that has a host, and one that has none. */
interface World {
  readonly server: TcpServer;
  /** The code of the room with a host. */
  readonly code: string;
}

const LOBBY = "lobby";
const ANSWER = z.object({ error: z.object({ code: z.number(), message: z.string() }).optional() });

/** How a token travels to a WebSocket. */
const WAYS = {
  query: (token: string) => ({ query: `token=${token}`, protocols: [], headers: {} }),
  subprotocol: (token: string) => ({ query: "", protocols: [`couchwire.token.${token}`], headers: {} }),
  header: (token: string) => ({ query: "", protocols: [], headers: { Authorization: `Bearer ${token}` } }),
} as const;
type Way = keyof typeof WAYS;

/** Opens a WebSocket that speaks `couchwire.v1`: its first frame says that it was let in. */
async function knock({ ws }: TestServer, path: string, way: Way, token: string | undefined): Promise<Seen> {
  const shown = token === undefined ? { query: "", protocols: [], headers: {} } : WAYS[way](token);
  const wire = token === undefined && path === "ws" ? "wire=rooms" : "";
  const query = [`session=${newSession()}`, "events=1", wire, shown.query].filter((part) => part !== "").join("&");
  const protocols = ["couchwire.v1", ...shown.protocols];
  const socket = new WebSocket(`${ws}/${path}?${query}`, protocols, { headers: shown.headers });
  onTestEnd(() => socket.terminate());
  return new Promise((resolve, reject) => {
    socket.on("message", () => resolve(LET_IN));
    socket.on("close", (code, reason) => resolve({ code, reason: reason.toString() }));
    socket.on("unexpected-response", (_request, response) => {
      let reason = "";
      response.on("data", (chunk: Buffer) => (reason += chunk.toString()));
      response.on("end", () => resolve({ code: response.statusCode ?? 0, reason }));
    });
    socket.on("error", reject);
  });
}

async function joinByTcp({ connect }: TcpServer, token: string | undefined): Promise<Seen> {
  const client = await connect();
  client.say({ say: "join_room", room: token === undefined ? LOBBY : `${LOBBY}?token=${token}` });
  const answer = await client.inbox.next();
  if (answer.say !== "error") return LET_IN;
  await client.ended;
  return { code: 4501, reason: answer.text };
}

/** The first command of a line for channels, with the code of its answer. */
async function connectToChannels({ ws }: TestServer, token: string | undefined): Promise<Seen> {
  const socket = new WebSocket(`${ws}/ws`);
  onTestEnd(() => socket.terminate());
  return new Promise((resolve, reject) => {
    socket.on("open", () => socket.send(JSON.stringify({ id: 1, method: "connect", params: { token } })));
    socket.on("message", (data: Buffer) => {
      const { error } = ANSWER.parse(JSON.parse(data.toString()));
      resolve(error === undefined ? LET_IN : { code: error.code, reason: error.message });
    });
    socket.on("error", reject);
  });
}

async function get(url: string, token: string | undefined): Promise<Seen> {
  const response = await fetch(url, token === undefined ? {} : { headers: { Authorization: `Bearer ${token}` } });
  return { code: response.status, reason: await response.text() };
}

const REFUSED = 4_501;

/** WebSockets: each path in each way that a token may travel. */
const SOCKETS = (["query", "subprotocol", "header"] as const).flatMap((way): ((world: World) => AccessEntry)[] => [
  ({ server }) => ({
    name: `/CREATE, ${way}`,
    role: "host",
    wrongRole: "player",
    isForRoom: true,
    welcome: 0,
    refusal: REFUSED,
    show: (token) => knock(server, "CREATE", way, token),
  }),
  ({ server, code }) => ({
    name: `/CODE, ${way}`,
    role: undefined,
    wrongRole: "host",
    isForRoom: true,
    welcome: 0,
    refusal: REFUSED,
    show: (token) => knock(server, code, way, token),
  }),
  ({ server }) => ({
    name: `/ws, ${way}`,
    role: "member",
    wrongRole: "admin",
    isForRoom: false, // the token says which room it is
    welcome: 0,
    refusal: REFUSED,
    show: (token) => knock(server, "ws", way, token),
  }),
]);

const OTHERS: ((world: World) => AccessEntry)[] = [
  ({ server }) => ({
    name: "TCP",
    role: undefined,
    wrongRole: "host",
    isForRoom: true,
    welcome: 0,
    refusal: REFUSED,
    show: (token) => joinByTcp(server, token),
  }),
  ({ server }) => ({
    name: "connect of channels",
    role: undefined,
    isForRoom: false,
    welcome: 0,
    refusal: 401,
    show: (token) => connectToChannels(server, token),
  }),
  ({ server }) => ({
    name: "GET /ws",
    role: undefined,
    isForRoom: false,
    welcome: 426,
    refusal: 401,
    show: (token) => get(`${server.url}/ws`, token),
  }),
];

const ENTRIES = [...SOCKETS, ...OTHERS];
const NOBODY: World = { server: Object.create(null), code: "" };

async function build(): Promise<World> {
  const server = await startTcpServer({ ...(await accessOptions()), playerRate: 0 });
  const claims = goodClaims({ ...entryOf(0, NOBODY), role: "host" }, "");
  const host = await HostClient.connect(server, `?token=${signed({ ...claims, room: undefined })}`);
  host.send({ cmd: "prepare", max_players: 200, name: "sketch" });
  const { key } = await host.until("prepare_reply");
  return { server, code: String(key) };
}

function signed(claims: unknown): string {
  return handmadeToken(claims, { secret: "the first secret has more than 32 bytes" });
}

function entryOf(index: number, world: World): AccessEntry {
  const make = ENTRIES[index];
  if (make === undefined) throw new Error(`There is no entry ${index}.`);
  return make(world);
}

/** The room that a good token names at this entry: a host's names none, since the server draws the codes. */
function roomFor({ name }: AccessEntry, { code }: World): string | undefined {
  if (name.startsWith("/CREATE")) return undefined;
  return name.startsWith("/CODE") ? code : LOBBY;
}

describe.each(ENTRIES.map((make, index) => [make(NOBODY).name, index] as const))("%s", (_, index) => {
  test("P5.9.14 row 1: each token is let in or refused, with the code and a reason", async () => {
    const world = await build();
    const entry = entryOf(index, world);
    for (const { name, concerns, token, reason } of ACCESS_CASES) {
      if (concerns?.(entry) === false) continue;
      const good = { ...goodClaims(entry, ""), room: roomFor(entry, world) };
      const seen = await entry.show(await token(good, entry));
      const wanted = reason === undefined ? entry.welcome : entry.refusal;
      expect([name, seen.code]).toEqual([name, wanted]);
      if (reason !== undefined) expect([name, seen.reason]).toEqual([name, expect.stringMatching(reason)]);
    }
  });

  test("P5.9.14 a token of 64 KiB is refused with a reason, before it or the handshake is read", async () => {
    const world = await build();
    const entry = entryOf(index, world);
    const seen = await entry.show(HUGE_TOKEN);
    expect(seen).toEqual({ code: expect.any(Number), reason: expect.stringMatching(/longer than 8192/) });
    expect([401, entry.refusal]).toContain(seen.code);
  });
});
