/** What a program hears by `server.on`: of each room and each person once, with names, and nothing of a reload. */
import { expect, test } from "@jest/globals";
import type { RoomEventName } from "../../src/games/room-events.ts";
import { createLogger } from "../../src/log/logger.ts";
import { createServer } from "../../src/server.ts";
import { HostClient, openRoom } from "../support/host-client.ts";
import { eventually, Inbox } from "../support/inbox.ts";
import { PlayerClient } from "../support/player-client.ts";
import { newSession } from "../support/reliable-client.ts";
import { startServer, type TestServer } from "../support/server.ts";
import { testInProcess } from "../support/target.ts";

const NAMES = [
  "roomCreated",
  "roomClosed",
  "join",
  "leave",
  "away",
  "back",
] as const satisfies readonly RoomEventName[];

/** All events, each as its name, the member's name and the reason. */
function listen(server: TestServer): Inbox<string> {
  const heard = new Inbox<string>("the listener");
  for (const name of NAMES) {
    server.inside().on(name, (event) => {
      const member = "member" in event ? event.member.name : "";
      const reason = "reason" in event ? event.reason : "";
      heard.push([name, member, reason].filter((part) => part !== "").join(" "));
    });
  }
  return heard;
}

testInProcess("row 52: a room is created and closed once each, and its people leave before it closes", async () => {
  const server = await startServer();
  const events: unknown[] = [];
  server.inside().on("roomCreated", (event) => void events.push(event));
  const heard = listen(server);
  const { host, code } = await openRoom(server);
  host.send({ cmd: "prepare", max_players: 8, name: "again" });
  await PlayerClient.connect(server, `${code}?name=Ada`);
  await host.until("player_joined");
  host.send({ cmd: "stop" });
  await host.closed;
  expect(await heard.take(4)).toEqual(["roomCreated", "join Ada", "leave Ada room_closed", "roomClosed room_closed"]);
  await HostClient.connect(server); // one that prepares nothing is no room
  await server.close();
  expect(heard.drain()).toEqual([]);
  expect(events).toEqual([{ room: { kind: "host", code, name: "sketch" } }]);
});

testInProcess(
  "row 49: the reasons differ for left, cut, kicked and replaced, and say what ended the line of a seat",
  async () => {
    const server = await startServer({ awayMs: 0, seatGraceMs: 0 });
    const { host, code } = await openRoom(server);
    const heard = listen(server);
    const join = async (query: string): Promise<PlayerClient> => {
      const player = await PlayerClient.connect(server, `${code}?${query}`);
      expect(await heard.next()).toMatch("join");
      return player;
    };

    await (await join("name=Ada")).close(1000);
    expect(await heard.next()).toBe("leave Ada left");
    (await join("name=Bob")).socket.terminate();
    expect(await heard.next()).toBe("leave Bob cut");
    await join("name=Cleo");
    host.send({ cmd: "kick", player: 3 });
    expect(await heard.next()).toBe("leave Cleo kicked");
    (await join(`name=Dan&session=${newSession()}`)).socket.terminate();
    expect(await heard.take(2)).toEqual(["away Dan", "leave Dan cut"]);

    const session = newSession();
    await join(`name=Eve&session=${session}`);
    await join("name=Fay");
    host.send({ cmd: "rescue", player: 6 });
    const { url } = await host.until("rescue_reply");
    const rescue = new URL(String(url)).searchParams.get("rescue");
    await PlayerClient.connect(server, `${code}?session=${session}&rescue=${rescue}`);
    expect(await heard.next()).toBe("leave Eve replaced");
  },
);

testInProcess("row 49: a phone that is silent for too long leaves by timeout", async () => {
  const server = await startServer({ pingMs: 500, idleMs: 1_000 });
  const { code } = await openRoom(server);
  const heard = listen(server);
  const phone = await PlayerClient.connect(server, `${code}?name=Ada`);
  expect(await heard.next()).toBe("join Ada");
  phone.socket.pause();
  expect(await heard.next()).toBe("leave Ada timeout");
});

testInProcess("row 50: a reload is no event at all, and away and back are told once each", async () => {
  const server = await startServer({ awayMs: 200 });
  const { code, host } = await openRoom(server);
  const heard = listen(server);
  const path = `${code}?name=Ada&session=${newSession()}`;
  const phone = await PlayerClient.connect(server, path);
  expect(await heard.next()).toBe("join Ada");
  const second = await PlayerClient.connect(server, path);
  await phone.closed;
  second.socket.terminate();
  await eventually("the room has noticed", () => server.inside().hub.find(code)?.hasConnectedPlayers === false);
  const third = await PlayerClient.connect(server, path);
  third.send("hello");
  await host.until("from_str");
  expect(heard.drain()).toEqual([]);
  third.socket.terminate();
  expect(await heard.next()).toBe("away Ada");
  await PlayerClient.connect(server, path);
  expect(await heard.next()).toBe("back Ada");
});

testInProcess(
  "a listener that throws or rejects harms nothing and is logged once, and one that was taken off hears nothing",
  async () => {
    const lines: string[] = [];
    const logger = createLogger("error", { write: (line: string) => void lines.push(line) });
    const server = await startServer({}, { logger });
    const { code } = await openRoom(server);
    server.inside().on("join", () => {
      throw new Error("a listener's bug");
    });
    server.inside().on("join", async () => Promise.reject(new Error("a listener's rejection")));
    const removed: unknown[] = [];
    const listener = (event: object): void => void removed.push(event);
    server.inside().on("join", listener);
    server.inside().off("join", listener);
    const heard = listen(server);
    for (const name of ["Ada", "Bob"]) await PlayerClient.connect(server, `${code}?name=${name}`);
    expect(await heard.take(2)).toEqual(["join Ada", "join Bob"]);
    expect(removed).toEqual([]);
    await eventually("both bugs are logged", () => lines.length >= 2);
    expect(lines.map((line) => /a listener's \w+/.exec(line)?.[0])).toEqual([
      "a listener's bug",
      "a listener's rejection",
    ]);
  },
);

test("an event or a hook that does not exist is an error that names it", () => {
  const server = createServer({ logLevel: "silent", drainMs: 0 });
  const untyped: { on(...words: readonly unknown[]): void } = Object.create(server);
  const listenTo = (...words: readonly unknown[]): void => untyped.on(...words);
  expect(() => listenTo("leaved", () => {})).toThrow('There is no event "leaved". Did you mean leave?');
  expect(() => listenTo("join", 7)).toThrow('The listener of "join" has to be a function, not number.');
  const hooks: object = { onJoined: () => {} };
  expect(() => createServer({}, { hooks })).toThrow("There is no hook onJoined. Did you mean onJoin?");
  const wrong: object = { onJoin: "yes" };
  expect(() => createServer({}, { hooks: wrong })).toThrow("The hook onJoin is string, but has to be a function.");
});
