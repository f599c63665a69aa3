/** What a ban does to what is open and to what comes: hosts, phones and seats, by session and by address. */
import { expect } from "@jest/globals";
import { WebSocket } from "ws";
import { onTestEnd } from "../support/clean-up.ts";
import { HostClient, joinPlayer, openRoom } from "../support/host-client.ts";
import { eventually } from "../support/inbox.ts";
import { PlayerClient } from "../support/player-client.ts";
import { newSession, ReliableClient } from "../support/reliable-client.ts";
import { startServer, type TestServer } from "../support/server.ts";
import type { Closing } from "../support/socket-end.ts";
import { testInProcess } from "../support/target.ts";

const EVERY_PROXY = "127.0.0.1";

/** A WebSocket from this address, as a proxy says. */
function comeFrom(server: TestServer, address: string, path: string) {
  const socket = new WebSocket(`${server.ws}/${path}`, { headers: { "X-Forwarded-For": address } });
  onTestEnd(() => socket.terminate());
  socket.on("error", () => {});
  const closed = new Promise<Closing>((resolve) => {
    socket.on("close", (code, reason) => resolve({ code, reason: reason.toString() }));
  });
  const opened = new Promise((resolve) => socket.once("open", resolve));
  return { socket, opened, closed };
}

testInProcess(
  "row 48: a ban of a session closes its phone and gives its seat up, and lifting it lets it in again",
  async () => {
    const server = await startServer();
    const { bans } = server.inside();
    const { host, code } = await openRoom(server);
    const session = newSession();
    const phone = new ReliableClient(server, `${code}?session=${session}`);
    await phone.hello();
    bans.add({ session }, { reason: "No cheats." });
    expect(await phone.closed).toEqual({ code: 4503, reason: "No cheats." });
    await host.until("player_left");
    expect(bans.list()).toMatchObject([{ reason: "No cheats." }]);
    expect(JSON.stringify(bans.list())).not.toContain(session);

    const again = await PlayerClient.connect(server, `${code}?session=${session}`);
    expect(await again.closed).toEqual({ code: 4503, reason: "No cheats." });
    const asHost = new HostClient(`${server.ws}/CREATE?session=${session}`);
    expect((await asHost.closed).code).toBe(4503);

    expect(bans.remove({ session })).toBe(true);
    const back = await PlayerClient.connect(server, `${code}?session=${session}`);
    back.send("hello");
    expect(await host.until("from_str")).toMatchObject({ from: 2, data: "hello" });
  },
);

testInProcess("row 48: a ban of a session gives up the seat of a phone that is away", async () => {
  const server = await startServer({ awayMs: 0 });
  const { host, code } = await openRoom(server);
  const session = newSession();
  const phone = new ReliableClient(server, `${code}?session=${session}`);
  await phone.hello();
  await phone.cut();
  await host.until("player_away");
  server.inside().bans.add({ session });
  expect(await host.until("player_left")).toMatchObject({ player: 1 });
});

testInProcess("row 48: a ban of a host's session ends its room, for players as if the game were done", async () => {
  const server = await startServer();
  const session = newSession();
  const room = await openRoom(server, { query: `?session=${session}` });
  const { player } = await joinPlayer(server, room);
  server.inside().bans.add({ session }, { reason: "Not here." });
  expect(await room.host.closed).toEqual({ code: 4503, reason: "Not here." });
  expect((await player.closed).code).toBe(1001);
  expect(server.inside().hub.roomCount).toBe(0);
});

testInProcess(
  "row 47: a ban of an address is of every wire from there, outlives reconnecting, and ends after its time",
  async () => {
    const server = await startServer({ trustProxy: EVERY_PROXY });
    const { bans } = server.inside();
    const { host, code } = await openRoom(server);
    const phone = comeFrom(server, "203.0.113.7", `${code}?session=${newSession()}`);
    await host.until("player_joined");
    const neighbour = comeFrom(server, "203.0.113.8", code);
    await host.until("player_joined");
    const tv = comeFrom(server, "203.0.113.7", "CREATE");
    await tv.opened;
    bans.add({ address: "203.0.113.7" }, { ms: 600_000 });
    expect([(await phone.closed).code, (await tv.closed).code]).toEqual([4503, 4503]);
    expect(await host.until("player_left")).toMatchObject({ player: 1 }); // its session keeps no seat
    for (const path of [code, `${code}?session=${newSession()}`, "CREATE", code]) {
      const { closed } = comeFrom(server, "203.0.113.7", path);
      expect(await closed).toEqual({ code: 4503, reason: "You are banned from this server." });
    }
    neighbour.socket.send("hello");
    expect(await host.until("from_str")).toMatchObject({ data: "hello" });

    bans.add({ address: "203.0.113.7" }, { ms: 1 });
    await eventually("the ban is over", () => bans.list().length === 0);
    comeFrom(server, "203.0.113.7", code);
    await host.until("player_joined");
  },
);

testInProcess("row 47: an IPv6 address stands for its /64, and a network for all in it", async () => {
  const server = await startServer({ trustProxy: EVERY_PROXY });
  const { bans } = server.inside();
  const { host, code } = await openRoom(server);
  bans.add({ address: "2001:db8:0:1::1" });
  bans.add({ address: "198.51.100.0/24" });
  for (const address of ["2001:db8:0:1::99", "198.51.100.200"]) {
    expect((await comeFrom(server, address, code).closed).code).toBe(4503);
  }
  comeFrom(server, "2001:db8:0:2::1", code);
  await host.until("player_joined");
});

testInProcess("row 47: a peer that is banned while a hook thinks about it does not come in", async () => {
  const session = newSession();
  const asked: (() => void)[] = [];
  const onJoin = () => new Promise<void>((resolve) => void asked.push(resolve));
  const server = await startServer({}, { hooks: { onJoin } });
  const { code } = await openRoom(server);
  const phone = await PlayerClient.connect(server, `${code}?session=${session}`);
  await eventually("the hook was asked", () => asked.length > 0);
  server.inside().bans.add({ session });
  asked[0]?.();
  expect((await phone.closed).code).toBe(4503);
});
