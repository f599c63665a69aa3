import { describe, expect, test } from "@jest/globals";
import { HostClient, openRoom, type HostNews, type OpenRoom } from "../../support/host-client.ts";
import { eventually } from "../../support/inbox.ts";
import { PlayerClient } from "../../support/player-client.ts";
import { newSession } from "../../support/reliable-client.ts";
import { connectionCount, startServer, type TestServer } from "../../support/server.ts";

/** The host goes, and the server has noticed: what it says from then on waits for the host's return. */
async function leave(host: HostClient, server: TestServer, connectionsLeft: number): Promise<void> {
  await host.close(1001);
  await eventually("the host is away", async () => (await connectionCount(server)) === connectionsLeft);
}

/** How many players the room's look-up counts. */
async function playersIn(server: TestServer, code: string): Promise<unknown> {
  const response = await fetch(`${server.url}/${code}`, { headers: { Accept: "application/json" } });
  const room: { readonly players?: unknown } = await response.json();
  return room.players;
}

/** The events up to the answer to a command, which this is, and the state at the end of them. */
async function untilAnswer({ host }: OpenRoom, command: Readonly<Record<string, unknown>>): Promise<HostNews[]> {
  host.send(command);
  const events: HostNews[] = [];
  do events.push(await host.next());
  while (events.at(-1)?.cmd !== "state");
  return events;
}

/** What the host is told of all that has happened; a kick of no player asks for the state behind it. */
function toldTo(room: OpenRoom): Promise<HostNews[]> {
  return untilAnswer(room, { cmd: "kick", player: 0 });
}

async function join(server: TestServer, { code, host }: OpenRoom): Promise<PlayerClient> {
  const player = await PlayerClient.connect(server, code);
  expect((await host.next()).cmd).toBe("player_joined");
  return player;
}

describe.each(["cbor", "json"])("a host with state=delta and format=%s", (format) => {
  const query = `?format=${format}&state=delta`;

  test("P5.9.12 is told joins and leaves without the state, and of a full room only that it takes no more", async () => {
    const server = await startServer();
    const room = await openRoom(server, { query, max_players: 3 });
    const state = { cmd: "state", name: "sketch", max_players: 3, delta: true };
    await join(server, room);
    await join(server, room);
    expect(await toldTo(room)).toEqual([{ ...state, players: [1, 2], accept_conns: true }]);
    const third = await PlayerClient.connect(server, `${room.code}?name=Ada`);
    expect(await toldTo(room)).toEqual([
      { cmd: "player_joined", player: 3, name: "Ada" },
      { cmd: "state_delta", accept_conns: false },
      { ...state, players: [1, 2, 3], accept_conns: false },
    ]);
    await third.close();
    expect(await room.host.take(2)).toEqual([
      { cmd: "player_left", player: 3 },
      { cmd: "state_delta", accept_conns: true },
    ]);
    expect(await untilAnswer(room, { cmd: "start" })).toEqual([{ ...state, players: [1, 2], accept_conns: false }]);
    room.host.send({ cmd: "kick", player: 1 });
    expect(await toldTo(room)).toEqual([
      { cmd: "player_left", player: 1 },
      { ...state, players: [2], accept_conns: false },
    ]);
    expect(await untilAnswer(room, { cmd: "open" })).toEqual([{ ...state, players: [2], accept_conns: true }]);
  });

  test("P5.9.12 gets the whole state first, with prepare, and on its return, before the changes that waited", async () => {
    const server = await startServer();
    const whole = { cmd: "state", delta: true };
    const session = newSession();
    const host = await HostClient.connect(server, `${query}&session=${session}`);
    expect(await host.next()).toEqual({ ...whole, name: "", players: [], max_players: 0, accept_conns: false });
    host.send({ cmd: "prepare", max_players: 2, name: "duel" });
    const [state, reply] = await host.take(2);
    expect(state).toEqual({ ...whole, name: "duel", players: [], max_players: 2, accept_conns: true });
    const code = String(reply?.["key"]);
    const first = await join(server, { host, code });
    await leave(host, server, 1);
    await PlayerClient.connect(server, code);
    await first.close();
    // The host is away, so nothing tells that the seat is free but the room's look-up.
    await eventually("one player is in the room", async () => (await playersIn(server, code)) === 1);
    await PlayerClient.connect(server, `${code}?name=Grace`);

    const back = await HostClient.connect(server, `${query}&session=${session}`);
    const events = [await back.until("state"), ...(await back.take(7))];
    expect(events[0]).toMatchObject({ ...whole, players: [2, 3], accept_conns: false });
    expect(events.slice(1)).toEqual([
      { cmd: "prepare_reply", key: code },
      { cmd: "player_joined", player: 2 },
      { cmd: "state_delta", accept_conns: false },
      { cmd: "player_left", player: 1 },
      { cmd: "state_delta", accept_conns: true },
      { cmd: "player_joined", player: 3, name: "Grace" },
      { cmd: "state_delta", accept_conns: false },
    ]);
  });

  test("P5.9.12 may ask for the other kind when it returns", async () => {
    const server = await startServer();
    const session = newSession();
    const { host, code } = await openRoom(server, { query: `${query}&session=${session}` });
    await leave(host, server, 0);
    const full = await HostClient.connect(server, `?format=${format}&session=${session}`);
    expect((await full.take(2))[0]).toEqual({
      cmd: "state",
      name: "sketch",
      players: [],
      max_players: 8,
      accept_conns: true,
    });
    await PlayerClient.connect(server, code);
    expect((await full.take(2)).map(({ cmd }) => cmd)).toEqual(["player_joined", "state"]);
    await leave(full, server, 1);
    const back = await HostClient.connect(server, `${query}&session=${session}`);
    expect((await back.take(2))[0]).toMatchObject({ players: [1], delta: true });
    await PlayerClient.connect(server, code);
    expect(await toldTo({ host: back, code })).toMatchObject([{ cmd: "player_joined" }, { players: [1, 2] }]);
  });
});

test("P5.1 state=full is the default, and any other value is refused by name", async () => {
  const server = await startServer();
  for (const query of ["", "?state=full"]) {
    const room = await openRoom(server, { query });
    await PlayerClient.connect(server, room.code);
    expect(await room.host.take(2)).toEqual([
      { cmd: "player_joined", player: 1 },
      { cmd: "state", name: "sketch", players: [1], max_players: 8, accept_conns: true },
    ]);
  }
  const host = new HostClient(`${server.ws}/CREATE?state=changes`);
  expect(await host.closed).toMatchObject({
    code: 4500,
    reason: expect.stringContaining('"state" has to be full or delta, not "changes".'),
  });
});
