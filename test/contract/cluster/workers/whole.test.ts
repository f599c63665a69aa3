/** API, admin page, metrics and TCP see the rooms of all workers, whichever worker answers. */
import { expect, test } from "@jest/globals";
import { z } from "zod";
import { openRoom } from "../../../support/host-client.ts";
import { eventually } from "../../../support/inbox.ts";
import { MemberClient } from "../../../support/member-client.ts";
import { PlayerClient } from "../../../support/player-client.ts";
import { TcpTestClient } from "../../../support/tcp-client.ts";
import { startWorkers, type WorkersUnderTest } from "../../../support/workers/rooms-of-workers.ts";

const KEY = "a-key-of-at-least-32-characters-00";
/** A connection for each request, or one worker would answer them all. */
const HEADERS = { Authorization: `Bearer ${KEY}`, Connection: "close" };
const LISTED = z.object({ rooms: z.array(z.looseObject({ code: z.string() })) });

function bothHaveRooms({ server }: WorkersUnderTest): Promise<void> {
  return eventually("both workers have rooms", () => server.primary.loads.every(({ rooms }) => rooms > 0));
}

/** The next bytes that this member is told, as text. */
async function nextBytes(member: MemberClient | undefined): Promise<string | undefined> {
  for (let frame = await member?.next(); frame !== undefined; frame = await member?.next())
    if (frame instanceof Uint8Array) return Buffer.from(frame).toString();
  return undefined;
}

test("the API lists, shows and closes the rooms of all workers", async () => {
  const workers = await startWorkers({ apiKey: KEY });
  const rooms = await Promise.all(Array.from({ length: 6 }, () => openRoom(workers)));
  const codes = rooms.map(({ code }) => code).toSorted();
  const ask = (path: string, method = "GET"): Promise<Response> =>
    fetch(`${workers.url}${path}`, { method, headers: HEADERS });
  await bothHaveRooms(workers);
  for (let count = 0; count < 4; count++) {
    const listed = LISTED.parse(await (await ask("/api/rooms")).json());
    expect(listed.rooms.map(({ code }) => code).toSorted()).toEqual(codes);
  }
  for (const code of codes) {
    for (const path of [`/api/rooms/${code}`, `/${code}`, `/${code}`]) expect((await ask(path)).status).toBe(200);
  }
  for (const { code, host } of rooms) {
    expect((await ask(`/api/rooms/${code}`, "DELETE")).ok).toBe(true);
    await host.closed;
  }
});

test("metrics and health count the rooms of all workers", async () => {
  const workers = await startWorkers({ apiKey: KEY });
  const rooms = await Promise.all(Array.from({ length: 6 }, () => openRoom(workers)));
  for (const { host, code } of rooms) {
    await PlayerClient.connect(workers, code);
    await host.until("player_joined");
  }
  for (let count = 0; count < 2; count++) {
    const text = await (await fetch(`${workers.url}/metrics`, { headers: HEADERS })).text();
    expect(/^couchwire_rooms (\d+)$/m.exec(text)?.[1]).toBe("6");
    expect(/^couchwire_connections\{transport="websocket"\} (\d+)$/m.exec(text)?.[1]).toBe("12");
    expect(/^couchwire_rooms_opened_total (\d+)$/m.exec(text)?.[1]).toBe("6");
    const health: unknown = await (await fetch(`${workers.url}/healthz`, { headers: HEADERS })).json();
    expect(health).toMatchObject({ rooms: 6, players: 6, connections: 12 });
  }
});

test("a client over TCP, which the first worker serves, joins open rooms of all workers", async () => {
  const workers = await startWorkers({ openRooms: "relay", tcpPort: 0 });
  const names = ["north", "south", "east", "west", "up", "down", "here", "there"];
  const pages = await Promise.all(names.map((name) => MemberClient.connect(workers, `CREATE?kind=relay&name=${name}`)));
  for (const page of pages) await page.event("joined");
  await bothHaveRooms(workers);
  for (const [index, name] of names.entries()) {
    const client = await TcpTestClient.connect(workers.tcpPort ?? 0);
    await client.join(name);
    client.broadcast(`hello ${name}`);
    expect(await nextBytes(pages[index])).toContain(`hello ${name}`);
  }
});
