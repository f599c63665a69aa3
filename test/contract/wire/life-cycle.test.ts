import { createHook } from "node:async_hooks";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { onTestEnd } from "../../support/clean-up.ts";
import { HostClient, joinPlayer, joinPlayers, openRoom, roundTrip } from "../../support/host-client.ts";
import { mostInKernel } from "../../support/held-back.ts";
import { eventually } from "../../support/inbox.ts";
import { PlayerClient } from "../../support/player-client.ts";
import { HANDSHAKE_HEADERS, OPCODE, RawClient } from "../../support/raw-client.ts";
import { countsOf, connectionCount, startServer } from "../../support/server.ts";
import { testInProcess } from "../../support/target.ts";

/** What keeps a process busy or awake: listeners, sockets and timers, also those that are unreferenced. */
const HANDLES: ReadonlySet<string> = new Set(["TCPSERVERWRAP", "TCPWRAP", "Timeout"]);

/** Watches what is opened from now on until `stop`; `open` lists what of it is not closed yet. */
function watchHandles(): { readonly open: () => string[]; readonly stop: () => void } {
  let isWatching = true;
  const handles = new Map<number, string>();
  const hook = createHook({
    init(id, type) {
      if (isWatching && HANDLES.has(type)) handles.set(id, type);
    },
    destroy(id) {
      handles.delete(id);
    },
  }).enable();
  onTestEnd(() => hook.disable());
  return {
    open: () => [...handles.values()],
    stop: () => {
      isWatching = false; // the waits below use timers too
    },
  };
}

describe("a server's life", () => {
  test("two servers in one process do not touch each other", async () => {
    const [first, second] = [await startServer({ maxRooms: 1 }), await startServer({ bytes: "string" })];
    const room = await openRoom(first);
    const other = await openRoom(second);
    const { player } = await joinPlayer(second, other);
    expect(await (await PlayerClient.connect(second, room.code)).closed).toMatchObject({ code: 4504 });
    player.send(Uint8Array.of(1));
    expect(await other.host.next()).toEqual({ cmd: "from", from: 1, data: Uint8Array.of(1) });
    expect([(await countsOf(first)).players, (await countsOf(second)).players]).toEqual([0, 1]);
    await first.close();
    expect(await room.host.closed).toMatchObject({ code: 1012 });
    player.send("still here");
    expect(await other.host.next()).toMatchObject({ cmd: "from_str", data: "still here" });
  });

  test("close is safe twice, one after the other and at the same time, with people on it and without", async () => {
    const empty = await startServer();
    await Promise.all([empty.close(), empty.close()]);
    await empty.close();

    const busy = await startServer();
    const room = await openRoom(busy);
    await joinPlayers(busy, room, 3);
    await Promise.all([busy.close(), busy.close(), busy.close()]);
    await busy.close();
    expect(await room.host.closed).toMatchObject({ code: 1012 });
  });

  test("the port is free as soon as close resolves", async () => {
    const first = await startServer();
    await openRoom(first);
    await first.close();
    const second = await startServer({ port: first.port });
    expect(second.port).toBe(first.port);
    await openRoom(second);
  });

  test("clients that come while it closes are not let in", async () => {
    const server = await startServer();
    const room = await openRoom(server);
    const deaf = await RawClient.open(server.port, `/${room.code}`); // does not answer the goodbye, so closing takes a while
    const late = new RawClient(server.port);
    await new Promise((resolve) => late.socket.once("connect", resolve));
    await late.request("GET", "/healthz", { Connection: "keep-alive" });
    const closing = server.close();
    await late.request("GET", "/CREATE", HANDSHAKE_HEADERS).then(
      async ({ status }) => {
        if (status === 101) expect(await late.closeFrame()).toMatchObject({ code: 1012 });
        return status;
      },
      () => "the connection was cut, which is an answer too",
    );
    expect(await deaf.closeFrame()).toMatchObject({ code: 1012 });
    await closing;
  });

  test("close does not wait for peers that answer nothing", async () => {
    const server = await startServer();
    const room = await openRoom(server);
    const deaf = [await RawClient.open(server.port, `/${room.code}`), await RawClient.open(server.port, "/CREATE")];
    const half = [new RawClient(server.port), new RawClient(server.port)] as const;
    // One that was answered as plain HTTP, one that was refused; neither hangs up.
    await half[0].request("GET", "/BCDF", { Connection: "Upgrade", Upgrade: "h2c" });
    await half[1].request("GET", "/nothing/here", HANDSHAKE_HEADERS);
    const silent = connect({ port: server.port, host: "127.0.0.1", allowHalfOpen: true });
    onTestEnd(() => silent.destroy());
    silent.on("error", () => {}); // newer Nodes reset a connection that has said half a request
    await new Promise((resolve) => silent.once("connect", resolve));
    silent.write("GET /CREATE HTTP/1.1\r\nHost: loc");
    await server.close();
    await expect(Promise.all([...deaf, ...half].map(({ gone }) => gone))).resolves.toHaveLength(4);
  });

  test("close does not wait for a peer that asked for an upgrade and does not read the plain answer", async () => {
    const games = await mkdtemp(join(tmpdir(), "couchwire-games-"));
    onTestEnd(() => rm(games, { recursive: true }));
    for (const page of ["index.html", "player.html"]) await writeFile(join(games, page), "<!doctype html>");
    await writeFile(join(games, "film.bin"), new Uint8Array(1.25 * mostInKernel()));
    const server = await startServer({ games });
    const client = new RawClient(server.port);
    client.socket.once("data", () => client.socket.pause());
    void client
      .request("GET", `/games/${basename(games)}/film.bin`, { Connection: "Upgrade", Upgrade: "h2c" })
      .catch(() => "it never gets the whole of it");
    await new Promise((resolve) => client.socket.once("pause", resolve));
    await expect(server.close()).resolves.toBeUndefined();
  });

  test("a plain answer to an upgrade is the end of the connection, though the peer does not hang up", async () => {
    const server = await startServer();
    for (const headers of [{ Connection: "Upgrade", Upgrade: "h2c" }, HANDSHAKE_HEADERS]) {
      const client = new RawClient(server.port);
      await client.request("GET", "/nothing/here", headers);
      await expect(client.gone).resolves.toBeUndefined();
      await eventually("the kernel says that the connection is gone", () => {
        client.socket.write("hello?");
        return client.socket.destroyed;
      });
    }
  });

  testInProcess("nothing is left when it is closed: no socket, no timer, no listener", async () => {
    const handles = watchHandles();
    const server = await startServer({ pingMs: 50, idleMs: 1000 });
    for (let round = 0; round < 3; round++) {
      const room = await openRoom(server);
      const players = await joinPlayers(server, room, 3);
      players[0]?.player.send("hello");
      players[1]?.player.socket.terminate();
      const raw = await RawClient.open(server.port, `/${room.code}`);
      await raw.frames.until(({ opcode }) => opcode === OPCODE.ping);
      raw.send(3);
      await raw.closeFrame();
      raw.socket.destroy();
      await (
        await PlayerClient.connect(server, "BCDF")
      ).closed;
      if (round > 0) room.host.send({ cmd: "stop" });
    }
    const lost = new RawClient(server.port);
    await lost.request("GET", "/BCDF", { Connection: "Upgrade", Upgrade: "h2c" });
    lost.socket.destroy();
    expect(handles.open()).toContain("TCPSERVERWRAP");
    await server.close();
    handles.stop();
    await eventually("all that was opened is closed", () => handles.open().length === 0);
  });

  test("rooms that have ended leave nothing in the hub", async () => {
    const server = await startServer();
    const witness = await openRoom(server);
    for (let round = 0; round < 20; round++) {
      const room = await openRoom(server);
      await joinPlayers(server, room, 2);
      if (round % 2 === 0) room.host.send({ cmd: "stop" });
      else room.host.socket.terminate();
      await room.host.closed;
    }
    for (let round = 0; round < 20; round++) (await HostClient.connect(server)).socket.terminate();
    await eventually("one room is left", async () => (await countsOf(server)).rooms === 1);
    expect((await countsOf(server)).players).toBe(0);
    await eventually("one connection is left", async () => (await connectionCount(server)) === 1);
    expect(await roundTrip(witness.host)).toEqual([]);
  });
});
