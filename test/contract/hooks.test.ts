/** The hooks of a program around rooms with a host page: what they are asked and told, what their answers do, and what a failing one does. */
import { describe, expect } from "@jest/globals";
import type { Hooks, MessageAnswer } from "../../src/games/hooks.ts";
import { createLogger } from "../../src/log/logger.ts";
import { HostClient, joinPlayer, openRoom, roundTrip, type OpenRoom } from "../support/host-client.ts";
import { Inbox } from "../support/inbox.ts";
import { PlayerClient } from "../support/player-client.ts";
import { OPCODE, RawClient } from "../support/raw-client.ts";
import { newSession, ReliableClient } from "../support/reliable-client.ts";
import { startServer, type TestServer } from "../support/server.ts";
import { testInProcess } from "../support/target.ts";

/** A server with these hooks, and the lines that it logs. */
async function serverWith(hooks: Hooks, options = {}) {
  const lines: Record<string, unknown>[] = [];
  const logger = createLogger("error", { write: (line: string) => lines.push(JSON.parse(line)) });
  const server = await startServer(options, { hooks, logger });
  return { server, lines };
}

function broken(): never {
  throw new Error("a hook's bug");
}

const judge = (data: unknown): MessageAnswer => {
  if (typeof data !== "string") return { replace: new Uint8Array([9]) };
  if (data === "swallow") return { drop: true };
  if (data === "rude") return { refuse: "Be nice." };
  return data === "as it is" ? undefined : { replace: data.toUpperCase() };
};

/** A room with a place for one watcher. */
async function openStage(server: TestServer): Promise<OpenRoom> {
  const host = await HostClient.connect(server);
  host.send({ cmd: "prepare", max_players: 1, name: "sketch", audience: 1 });
  return { host, code: String((await host.until("prepare_reply"))["key"]) };
}

async function closeOf(server: TestServer, path: string) {
  const { closed } = await PlayerClient.connect(server, path);
  return closed;
}

describe("onConnect", () => {
  testInProcess("row 10: refuses hosts and phones with its sentence, and sees the connection", async () => {
    const seen: unknown[] = [];
    const { server } = await serverWith({
      onConnect: async ({ address, headers, transport, target }) => {
        seen.push({ address, transport, target, host: headers["host"] });
        return target === "/CREATE" ? undefined : "Not from there.";
      },
    });
    const { host, code } = await openRoom(server);
    expect(await closeOf(server, `${code}?name=Ada`)).toEqual({ code: 4501, reason: "Not from there." });
    expect(await roundTrip(host)).toEqual([]);
    const common = { address: "127.0.0.1", transport: "websocket", host: `127.0.0.1:${server.port}` };
    expect(seen).toEqual([
      { ...common, target: "/CREATE" },
      { ...common, target: `/${code}` },
    ]);
  });

  testInProcess(
    "P5.8.5 while it is undecided no ping is answered: a pong says that the watcher was let in",
    async () => {
      const answers: (() => void)[] = [];
      const { server } = await serverWith({
        onConnect: ({ target }) =>
          target === "/CREATE" ? undefined : new Promise((resolve) => void answers.push(() => resolve(undefined))),
      });
      const { host, code } = await openStage(server);
      for (const first of [OPCODE.pong, OPCODE.close]) {
        const watcher = await RawClient.open(server.port, `/${code}?role=audience`);
        watcher.send(OPCODE.ping, "let in?");
        await roundTrip(host); // the ping has arrived
        answers.pop()?.();
        expect((await watcher.frames.next()).opcode).toBe(first);
      }
    },
  );

  testInProcess("has the object that it belongs to as its `this`", async () => {
    class Door {
      readonly sentence = "Not tonight.";
      onConnect(): string {
        return this.sentence;
      }
    }
    const { server } = await serverWith(new Door());
    expect(await closeOf(server, "CREATE")).toEqual({ code: 4501, reason: "Not tonight." });
  });

  testInProcess("row 54: closes with 1011 where it throws, rejects or answers nonsense, and logs each", async () => {
    const nonsense: unknown = 7;
    const answers = [broken, async () => broken(), () => nonsense];
    const hooks: object = { onConnect: () => answers.shift()?.() };
    const { server, lines } = await serverWith(hooks);
    for (let count = 0; count < 3; count++) expect(await closeOf(server, "CREATE")).toMatchObject({ code: 1011 });
    expect(lines).toMatchObject([
      { hook: "onConnect", err: { message: "a hook's bug" } },
      { hook: "onConnect", err: { message: "a hook's bug" } },
      {
        hook: "onConnect",
        err: { message: "onConnect has to return nothing, or a sentence that refuses; it returned number." },
      },
    ]);
    await openRoom(server);
  });
});

describe("onCreate", () => {
  testInProcess("a refusal tells the host and opens no room; the host may ask again", async () => {
    const asked: unknown[] = [];
    const { server } = await serverWith({
      onCreate: (room) => {
        asked.push(room);
        return asked.length === 1 ? "Not tonight." : undefined;
      },
    });
    const host = await HostClient.connect(server);
    host.send({ cmd: "prepare", max_players: 4, name: "quiz" });
    expect(await host.until("error")).toEqual({
      cmd: "error",
      code: "unauthorized",
      in: "prepare",
      reason: "Not tonight.",
    });
    expect(server.inside().hub.roomCount).toBe(0);
    host.send({ cmd: "prepare", max_players: 4, name: "quiz" });
    await host.until("prepare_reply");
    expect(asked).toEqual([1, 2].map(() => ({ kind: "host", name: "quiz", address: "127.0.0.1" })));
  });

  testInProcess("P5.9.7 is asked for another game, too: a refusal leaves the room as it is", async () => {
    const { server } = await serverWith({
      onCreate: async ({ name }) => (name === "chess" ? "Not tonight." : name === "broken" ? broken() : undefined),
    });
    const { host, code } = await openRoom(server, { name: "quiz" });
    for (const name of ["chess", "broken"]) {
      host.send({ cmd: "game", name });
      expect(await host.next()).toMatchObject({ cmd: "error", code: "unauthorized", in: "game" });
      expect(await (await fetch(`${server.url}/${code}`)).text()).toBe("quiz");
    }
    host.send({ cmd: "game", name: "sketch" });
    host.send({ cmd: "kick", player: 0 });
    expect(await host.take(2)).toMatchObject([1, 2].map(() => ({ cmd: "state", name: "sketch" })));
  });

  testInProcess("row 54: a broken one closes that host with 1011", async () => {
    const { server, lines } = await serverWith({ onCreate: async () => broken() });
    const host = await HostClient.connect(server);
    host.send({ cmd: "prepare", max_players: 4, name: "quiz" });
    expect((await host.closed).code).toBe(1011);
    expect(lines).toMatchObject([{ hook: "onCreate", room: "quiz" }]);
  });
});

describe("onJoin", () => {
  testInProcess("row 11: a refusal is told to the newcomer alone, and the host hears of nobody", async () => {
    const seen: unknown[] = [];
    const { server } = await serverWith({
      onJoin: async ({ room, member, data }) => {
        seen.push([room.code, room.kind, member.name, data]);
        return member.name === "Eve" ? "no cheats" : undefined;
      },
    });
    const { host, code } = await openRoom(server);
    const data = encodeURIComponent(JSON.stringify({ team: "red" }));
    expect(await closeOf(server, `${code}?name=Eve`)).toEqual({ code: 4501, reason: "no cheats" });
    expect(await roundTrip(host)).toEqual([]);
    await PlayerClient.connect(server, `${code}?name=Ada&data=${data}`);
    expect(await host.until("player_joined")).toMatchObject({ name: "Ada" });
    expect(seen).toEqual([
      [code, "host", "Eve", undefined],
      [code, "host", "Ada", { team: "red" }],
    ]);
    expect((await closeOf(server, `${code}?data=nonsense`)).code).toBe(4500);
  });

  testInProcess("is not asked about a phone that comes back, nor about one that the room refuses anyway", async () => {
    let asked = 0;
    const { server } = await serverWith({ onJoin: () => void (asked += 1) });
    const { host, code } = await openRoom(server, { max_players: 1 });
    const path = `${code}?session=${newSession()}`;
    await PlayerClient.connect(server, path);
    await host.until("player_joined");
    const back = await PlayerClient.connect(server, path);
    back.send("back");
    await host.until("from_str");
    expect((await closeOf(server, code)).code).toBe(4510);
    expect(asked).toBe(1);
  });

  testInProcess("row 54: a broken one closes with 1011, and the next phone comes in", async () => {
    let count = 0;
    const { server, lines } = await serverWith({ onJoin: () => ((count += 1) === 1 ? broken() : undefined) });
    const room = await openRoom(server);
    expect((await closeOf(server, room.code)).code).toBe(1011);
    await joinPlayer(server, room);
    expect(lines).toMatchObject([{ hook: "onJoin", room: room.code }]);
  });
});

describe("onMessage", () => {
  testInProcess("row 53: passes, changes and swallows what a phone says, before the host hears it", async () => {
    const { server } = await serverWith({ onMessage: ({ data }) => judge(data) });
    const room = await openRoom(server, { query: "?bytes=string" });
    const { player, id } = await joinPlayer(server, room);
    for (const frame of ["loud", "swallow", "as it is", new Uint8Array([1, 2])]) player.send(frame);
    expect(await room.host.take(3)).toEqual([
      { cmd: "from_str", from: id, data: "LOUD" },
      { cmd: "from_str", from: id, data: "as it is" },
      { cmd: "from", from: id, data: new Uint8Array([9]) },
    ]);
  });

  testInProcess("P5.5.12 tells a counting phone that its message was refused, and a plain one nothing", async () => {
    const { server } = await serverWith({ onMessage: ({ data }) => judge(data) });
    const room = await openRoom(server);
    const { player } = await joinPlayer(server, room);
    const counting = new ReliableClient(server, `${room.code}?session=${newSession()}`);
    await counting.hello();
    counting.send("rude");
    expect(await counting.next()).toBe('\0refused {"reason":"Be nice."}');
    player.send("rude");
    player.send("please");
    expect(await room.host.until("from_str")).toMatchObject({ data: "PLEASE" });
    expect(player.frames.drain()).toEqual([]);
  });

  testInProcess(
    "row 53: an asynchronous one keeps each player's messages in order, loses none, and holds up no other",
    async () => {
      const waiting = new Inbox<() => void>("the hook");
      const { server } = await serverWith(
        {
          onMessage: ({ member, data }) =>
            member.name === "slow"
              ? new Promise((resolve) => waiting.push(() => resolve({ replace: `${String(data)}!` })))
              : undefined,
        },
        { playerRate: 0 },
      );
      const room = await openRoom(server);
      const slow = await PlayerClient.connect(server, `${room.code}?name=slow`);
      const { player: other } = await joinPlayer(server, room);
      for (let count = 0; count < 500; count++) slow.send(String(count));
      slow.socket.close(1000); // what it has said before is heard all the same, and before it has left
      other.send("hello");
      expect(await room.host.until("from_str")).toMatchObject({ data: "hello" });
      for (let count = 0; count < 500; count++) {
        (await waiting.next())();
        expect(await room.host.next()).toMatchObject({ cmd: "from_str", data: `${count}!` });
      }
      expect(await room.host.next()).toMatchObject({ cmd: "player_left" });
    },
  );

  testInProcess(
    "row 54: one that throws closes its sender with 1011; the seat stays, and the others go on",
    async () => {
      const { server, lines } = await serverWith({ onMessage: ({ data }) => (data === "bug" ? broken() : undefined) });
      const room = await openRoom(server);
      const { player: other } = await joinPlayer(server, room);
      const path = `${room.code}?session=${newSession()}`;
      const sender = await PlayerClient.connect(server, path);
      await room.host.until("player_joined");
      sender.send("bug");
      expect(await sender.closed).toMatchObject({ code: 1011 });
      other.send("hello");
      expect(await room.host.until("from_str")).toMatchObject({ from: 1, data: "hello" });
      const back = await PlayerClient.connect(server, path);
      back.send("here again");
      expect(await room.host.until("from_str")).toMatchObject({ from: 2, data: "here again" });
      expect(lines).toMatchObject([{ hook: "onMessage", room: room.code }]);
    },
  );
});

describe("hooks that are told", () => {
  testInProcess("row 51: full once for each filling, a reload is none, and empty when the last seat goes", async () => {
    const told = new Inbox<string>("the hooks");
    const { server } = await serverWith({
      onRoomFull: ({ room }) => told.push(`full ${room.name}`),
      onRoomEmpty: ({ room }) => told.push(`empty ${room.name}`),
      onLeave: ({ member, reason }) => told.push(`${member.name} ${reason}`),
      onRoomClose: ({ room, reason }) => told.push(`closed ${room.name} ${reason}`),
      onShutdown: () => told.push("shutdown"),
    });
    const room = await openRoom(server, { max_players: 2 });
    const [ada, bob] = [
      `${room.code}?name=Ada&session=${newSession()}`,
      `${room.code}?name=Bob&session=${newSession()}`,
    ];
    await PlayerClient.connect(server, ada);
    await PlayerClient.connect(server, bob);
    expect(await told.next()).toBe("full sketch");
    const reloaded = await PlayerClient.connect(server, bob);
    await reloaded.close(1000);
    expect(await told.next()).toBe("Bob left");
    await PlayerClient.connect(server, bob);
    expect(await told.next()).toBe("full sketch");
    room.host.send({ cmd: "kick", player: 1 });
    room.host.send({ cmd: "kick", player: 3 });
    expect(await told.take(3)).toEqual(["Ada kicked", "Bob kicked", "empty sketch"]);
    await server.close();
    expect(await told.take(2)).toEqual(["shutdown", "closed sketch restarting"]);
  });

  testInProcess("row 37: backpressure is told once, before the slow phone is closed", async () => {
    const told: unknown[] = [];
    const { server } = await serverWith(
      { onBackpressure: ({ member, queued }) => void told.push([member.name, queued > 16_384]) },
      { sendQueue: 65_536 },
    );
    const room = await openRoom(server);
    const slow = await PlayerClient.connect(server, `${room.code}?name=slow`);
    await room.host.until("player_joined");
    slow.socket.pause();
    const leaves = new Inbox<unknown>("the events");
    server.inside().on("leave", ({ reason }) => leaves.push([reason, told.length]));
    const data = "x".repeat(8_192);
    for (let count = 0; count < 2_000 && told.length === 0; count++) {
      room.host.send({ cmd: "to_str", to: [], data });
      await roundTrip(room.host);
    }
    for (let count = 0; count < 16; count++) room.host.send({ cmd: "to_str", to: [], data });
    expect(await leaves.next()).toEqual(["slow_consumer", 1]);
    expect(told).toEqual([["slow", true]]);
  });
});
