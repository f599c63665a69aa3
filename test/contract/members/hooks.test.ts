/** The hooks, events and bans of a program around open rooms, over /ws, /CODE, /CREATE?kind= and TCP. */
import { connect } from "node:net";
import { describe, expect } from "@jest/globals";
import { defineRoom } from "../../../src/games/define-room.ts";
import type { Hooks, MessageAnswer } from "../../../src/games/hooks.ts";
import type { RoomEventName } from "../../../src/games/room-events.ts";
import { createLogger } from "../../../src/log/logger.ts";
import type { ServerExtras } from "../../../src/server.ts";
import { onTestEnd } from "../../support/clean-up.ts";
import { Inbox } from "../../support/inbox.ts";
import { JWT_SECRET, MemberClient, tokenFor } from "../../support/member-client.ts";
import { newSession } from "../../support/reliable-client.ts";
import { startServer } from "../../support/server.ts";
import { testInProcess } from "../../support/target.ts";
import { TcpTestClient } from "../../support/tcp-client.ts";

const OPTIONS = { jwtSecret: JWT_SECRET, openRooms: "relay", awayMs: 0 };

/** A server with these hooks, and the lines that it logs. */
async function serverWith(hooks: Hooks, options: object = {}, extras: ServerExtras = {}) {
  const lines: Record<string, unknown>[] = [];
  const logger = createLogger("error", { write: (line: string) => lines.push(JSON.parse(line)) });
  const server = await startServer({ ...OPTIONS, ...options }, { hooks, logger, ...extras });
  return { server, lines };
}

function broken(): never {
  throw new Error("a hook's bug");
}

const judge = (data: unknown): MessageAnswer => {
  if (data instanceof Uint8Array) return { replace: new Uint8Array([...data, 9]) };
  if (data === "rude") return { refuse: "Be nice." };
  if (data === "swallow") return { drop: true };
  return typeof data === "string" ? { replace: data.toUpperCase() } : undefined;
};

/** All events of the server, each as its name, the member's id and the reason. */
function listenTo(server: Awaited<ReturnType<typeof startServer>>): Inbox<string> {
  const heard = new Inbox<string>("the listener");
  for (const name of ["roomCreated", "roomClosed", "join", "leave", "away", "back"] satisfies RoomEventName[]) {
    server.inside().on(name, (event) => {
      const member = "member" in event ? event.member.id : event.room.name;
      heard.push([name, member, "reason" in event ? event.reason : ""].join(" ").trim());
    });
  }
  return heard;
}

describe("who may come in", () => {
  testInProcess("row 10: onConnect refuses /ws and TCP as well, in the words of each", async () => {
    const seen: unknown[] = [];
    const { server } = await serverWith(
      {
        onConnect: ({ transport, target }) => {
          seen.push([transport, target]);
          return "Not tonight.";
        },
      },
      { tcpPort: 0 },
    );
    const member = await MemberClient.join(server, "ann", "lobby");
    expect(await member.closed).toEqual({ code: 4501, reason: "Not tonight." });
    const socket = connect(server.tcpPort ?? 0, "127.0.0.1");
    onTestEnd(() => socket.destroy());
    const said = new Promise<Buffer>((resolve) => socket.once("data", resolve));
    await new Promise((resolve) => socket.once("close", resolve));
    expect((await said).subarray(16).toString()).toBe("Not tonight.");
    expect(seen).toEqual([
      ["websocket", "/ws"],
      ["tcp", ""],
    ]);
  });

  testInProcess("onCreate is asked before a member or a page opens a room, and not of the program's own", async () => {
    const asked: unknown[] = [];
    const { server } = await serverWith(
      {
        onCreate: async ({ kind, name, address }) => {
          asked.push([kind, name, address]);
          return name === "secret" ? "Not that one." : undefined;
        },
      },
      { openRooms: "relay" },
    );
    server.inside().rooms.create("relay", { name: "hall" });
    const refused = await MemberClient.join(server, "ann", "secret");
    expect(await refused.closed).toEqual({ code: 4501, reason: "Not that one." });
    const [one, two] = await Promise.all([
      MemberClient.join(server, "ann", "lobby"),
      MemberClient.join(server, "bob", "lobby"),
    ]);
    await Promise.all([one.event("joined"), two.event("joined")]);
    const page = await MemberClient.connect(server, "CREATE?kind=relay");
    await page.event("joined");
    const address = "127.0.0.1";
    expect(asked).toContainEqual(["relay", undefined, address]);
    expect(asked).not.toContainEqual(["relay", "hall", ""]);
    const names = server
      .inside()
      .rooms.list()
      .map(({ name }) => name);
    expect(names).toEqual(["hall", "lobby", undefined]);
  });

  testInProcess("row 11: onJoin refuses with its sentence and nobody hears of it, or chooses the role", async () => {
    const seen: unknown[] = [];
    const { server } = await serverWith({
      onJoin: async ({ room, member, data }) => {
        seen.push([room.name, room.kind, member, data]);
        if (data === "wrong") return "no cheats";
        return data === "watch" ? { role: "spectator" } : undefined;
      },
    });
    const ann = await MemberClient.join(server, "ann", "lobby");
    await ann.event("joined");
    const eve = await MemberClient.join(server, "eve", "lobby", { query: `&data=${encodeURIComponent('"wrong"')}` });
    expect(await eve.closed).toEqual({ code: 4501, reason: "no cheats" });
    const cid = await MemberClient.join(server, "cid", "lobby", {
      query: `&events=1&data=${encodeURIComponent('"watch"')}`,
    });
    await cid.event("joined");
    expect(await ann.event("join")).toMatchObject({ member: { id: "cid", role: "spectator" } });
    expect(seen).toEqual([
      ["lobby", "relay", { id: "ann", name: "ann", role: "member" }, undefined],
      ["lobby", "relay", { id: "eve", name: "eve", role: "member" }, "wrong"],
      ["lobby", "relay", { id: "cid", name: "cid", role: "member" }, "watch"],
    ]);
  });

  testInProcess("row 54: an onJoin that throws closes with 1011, and the next one comes in", async () => {
    let count = 0;
    const { server, lines } = await serverWith({ onJoin: () => ((count += 1) === 1 ? broken() : undefined) });
    const first = await MemberClient.join(server, "ann", "lobby");
    expect((await first.closed).code).toBe(1011);
    await (await MemberClient.join(server, "ann", "lobby")).event("joined");
    expect(lines).toMatchObject([{ hook: "onJoin", room: "lobby" }]);
  });
});

describe("what is said", () => {
  testInProcess(
    "row 53: the others hear what onMessage makes of it, and a refusal is told to its sender alone",
    async () => {
      const seen: unknown[] = [];
      const { server } = await serverWith({
        onMessage: ({ room, member, data, isBinary }) => {
          seen.push([room.name, member.id, isBinary]);
          return judge(data);
        },
      });
      const ann = await MemberClient.join(server, "ann", "lobby");
      await ann.event("joined");
      const bob = await MemberClient.join(server, "bob", "lobby");
      await bob.event("joined");
      for (const data of ["loud", "swallow", "rude", { as: "it is" }]) ann.say(data);
      ann.send(new Uint8Array([1]));
      expect(await bob.next()).toEqual({ from: "ann", data: "LOUD" });
      expect(await bob.next()).toEqual({ from: "ann", data: { as: "it is" } });
      expect(await bob.next()).toEqual(new Uint8Array([1, 9]));
      expect(await ann.error()).toEqual({ error: { code: "refused", message: "Be nice." } });
      expect(seen).toEqual([...Array.from({ length: 4 }, () => ["lobby", "ann", false]), ["lobby", "ann", true]]);
    },
  );

  testInProcess(
    "row 53: an asynchronous one keeps the order, loses none, and comes before the schema and the kind",
    async () => {
      const handled: unknown[] = [];
      const kind = defineRoom({
        kind: "chat",
        onMessage: (room, member, message) => void room.broadcast([member.id, message]),
      });
      const { server } = await serverWith(
        {
          onMessage: async ({ data }) => {
            await new Promise((resolve) => setImmediate(resolve));
            handled.push(data);
            return { replace: `${String(data)}!` };
          },
        },
        { playerRate: 0 },
        { rooms: [kind] },
      );
      server.inside().rooms.create("chat", { name: "hall" });
      const ann = await MemberClient.join(server, "ann", "hall");
      await ann.event("joined");
      for (let count = 0; count < 300; count++) ann.say(count);
      for (let count = 0; count < 300; count++)
        expect(await ann.message()).toEqual({ from: "", data: ["ann", `${count}!`] });
      expect(handled).toHaveLength(300);
    },
  );

  testInProcess("row 54: one that throws answers internal_error to the sender, and the others go on", async () => {
    const { server, lines } = await serverWith({ onMessage: ({ data }) => (data === "bug" ? broken() : undefined) });
    const ann = await MemberClient.join(server, "ann", "lobby");
    await ann.event("joined");
    const bob = await MemberClient.join(server, "bob", "lobby");
    await bob.event("joined");
    ann.say("bug");
    expect(await ann.error()).toMatchObject({ error: { code: "internal_error" } });
    ann.say("hello");
    expect(await bob.message()).toEqual({ from: "ann", data: "hello" });
    expect(lines).toMatchObject([{ hook: "onMessage", room: "lobby" }]);
  });
});

describe("what is told", () => {
  testInProcess("rows 49 and 52: events of open rooms, each once, with the reasons of the leaves", async () => {
    const { server } = await serverWith({}, { seatGraceMs: 100, openRooms: "relay" });
    const heard = listenTo(server);
    const ann = await MemberClient.join(server, "ann", "lobby");
    expect(await heard.take(2)).toEqual(["roomCreated lobby", "join ann"]);
    const again = await MemberClient.join(server, "ann", "lobby");
    expect((await ann.closed).code).toBe(4509);
    again.socket.terminate();
    expect(await heard.take(2)).toEqual(["away ann", "leave ann cut"]);
    const bob = await MemberClient.join(server, "bob", "lobby");
    await bob.event("joined");
    await bob.close(1000);
    expect(await heard.take(2)).toEqual(["join bob", "leave bob left"]);
    const cid = await MemberClient.join(server, "cid", "lobby");
    await cid.event("joined");
    const room = server.inside().rooms.get("lobby");
    const member = room?.member("cid");
    if (member !== undefined) room?.kick(member);
    expect(await heard.take(2)).toEqual(["join cid", "leave cid kicked"]);
    const dan = await MemberClient.join(server, "dan", "lobby");
    await dan.event("joined");
    server.inside().rooms.delete("lobby");
    expect(await heard.take(3)).toEqual(["join dan", "leave dan room_closed", "roomClosed lobby room_closed"]);
  });

  testInProcess("row 50: a reload within awayMs is no event at all", async () => {
    const { server } = await serverWith({}, { awayMs: 60_000 });
    const heard = listenTo(server);
    const ann = await MemberClient.join(server, "ann", "lobby");
    await ann.event("joined");
    ann.socket.terminate();
    const back = await MemberClient.join(server, "ann", "lobby");
    const bob = await MemberClient.join(server, "bob", "lobby");
    await bob.event("joined");
    bob.say("hello", ["ann"]);
    expect(await back.message()).toEqual({ from: "bob", data: "hello" });
    expect(await heard.take(3)).toEqual(["roomCreated lobby", "join ann", "join bob"]);
    expect(heard.drain()).toEqual([]);
  });

  testInProcess("row 51: full once for each filling, and empty when the last seat goes", async () => {
    const told = new Inbox<string>("the hooks");
    const pair = defineRoom({ kind: "pair", maxPlayers: 2, relays: true });
    const { server } = await serverWith(
      {
        onRoomFull: ({ room }) => told.push(`full ${room.name}`),
        onRoomEmpty: ({ room }) => told.push(`empty ${room.name}`),
        onLeave: ({ member, reason }) => told.push(`${member.id} ${reason}`),
        onRoomClose: ({ room, reason }) => told.push(`closed ${room.name} ${reason}`),
      },
      {},
      { rooms: [pair] },
    );
    server.inside().rooms.create("pair", { name: "table" });
    const ann = await MemberClient.join(server, "ann", "table");
    await ann.event("joined");
    const bob = await MemberClient.join(server, "bob", "table");
    expect(await told.next()).toBe("full table");
    const reloaded = await MemberClient.join(server, "bob", "table");
    expect((await bob.closed).code).toBe(4509);
    await reloaded.close(1000);
    expect(await told.next()).toBe("bob left");
    const cid = await MemberClient.join(server, "cid", "table");
    expect(await told.next()).toBe("full table");
    await cid.close(1000);
    await ann.close(1000);
    expect(await told.take(3)).toEqual(["cid left", "ann left", "empty table"]);
    server.inside().rooms.delete("table");
    expect(await told.next()).toBe("closed table room_closed");
  });
});

describe("backpressure", () => {
  testInProcess("row 37: is told once of a member that does not read, before it is closed", async () => {
    const told: unknown[] = [];
    const { server } = await serverWith(
      { onBackpressure: ({ room, member, queued }) => void told.push([room.name, member.id, queued > 16_384]) },
      { sendQueue: 65_536 },
    );
    const slow = await MemberClient.join(server, "slow", "lobby");
    await slow.event("joined");
    const room = server.inside().rooms.get("lobby");
    slow.socket.pause();
    const closed = new Inbox<string>("the events");
    server.inside().on("away", ({ member }) => closed.push(member.id));
    const data = "x".repeat(8_192);
    for (let count = 0; count < 4_000 && told.length === 0; count++) {
      room?.broadcast(data);
      await new Promise((resolve) => setImmediate(resolve));
    }
    for (let count = 0; count < 16; count++) room?.broadcast(data);
    expect(await closed.next()).toBe("slow");
    expect(told).toEqual([["lobby", "slow", true]]);
  });
});

describe("bans", () => {
  testInProcess(
    "row 48: a ban of a sub closes it and refuses it in every room, and lifting it lets it in",
    async () => {
      const { server } = await serverWith({});
      const { bans } = server.inside();
      const ann = await MemberClient.join(server, "ann", "lobby");
      await ann.event("joined");
      const eve = await MemberClient.join(server, "eve", "lobby");
      await eve.event("joined");
      bans.add({ sub: "eve" }, { reason: "No cheats." });
      expect(await eve.closed).toEqual({ code: 4503, reason: "No cheats." });
      expect(await ann.event("leave")).toMatchObject({ member: { id: "eve" } });
      for (const room of ["lobby", "elsewhere"]) {
        const again = await MemberClient.join(server, "eve", room, { claims: { session_id: newSession() } });
        expect(await again.closed).toEqual({ code: 4503, reason: "No cheats." });
      }
      bans.remove({ sub: "eve" });
      await (await MemberClient.join(server, "eve", "lobby")).event("joined");
    },
  );

  testInProcess(
    "row 48: a ban of a session is of tokens with that session_id, and of pages with that session",
    async () => {
      const { server } = await serverWith({}, { openRooms: "relay" });
      const { bans } = server.inside();
      const eve = await MemberClient.join(server, "eve", "lobby", { claims: { session_id: "eves-phone" } });
      await eve.event("joined");
      bans.add({ session: "eves-phone" });
      expect((await eve.closed).code).toBe(4503);
      const other = await MemberClient.join(server, "eve", "lobby", { claims: { session_id: "eves-laptop" } });
      await other.event("joined");

      const session = newSession();
      const page = await MemberClient.connect(server, "CREATE?kind=relay");
      await page.event("joined");
      const code =
        server
          .inside()
          .rooms.list()
          .find((room) => room.code !== undefined)?.code ?? "";
      const phone = await MemberClient.connect(server, `${code}?session=${session}`);
      await phone.event("joined");
      bans.add({ session });
      expect((await phone.closed).code).toBe(4503);
      const again = await MemberClient.connect(server, `${code}?session=${session}`);
      expect((await again.closed).code).toBe(4503);
    },
  );

  testInProcess("row 48: a ban of a sub is of its members over TCP too", async () => {
    const { server } = await serverWith({}, { tcpPort: 0 });
    const ann = await MemberClient.join(server, "ann", "lobby");
    await ann.event("joined");
    const room = `lobby?token=${await tokenFor("eve", "lobby")}`;
    const eve = await TcpTestClient.connect(server.tcpPort ?? 0);
    const id = await eve.join(room);
    server.inside().bans.add({ sub: "eve" }, { reason: "No cheats." });
    expect(await eve.error()).toBe("No cheats.");
    await eve.ended;
    expect(await ann.event("leave")).toMatchObject({ member: { id } });
    const again = await TcpTestClient.connect(server.tcpPort ?? 0);
    again.say({ say: "join_room", room });
    expect(await again.error()).toBe("No cheats.");
  });

  testInProcess("row 47: a ban of an address is of /ws, /CODE, /CREATE and TCP", async () => {
    const { server } = await serverWith({}, { tcpPort: 0 });
    const ann = await MemberClient.join(server, "ann", "lobby");
    await ann.event("joined");
    const page = await MemberClient.connect(server, "CREATE?kind=relay");
    await page.event("joined");
    const code =
      server
        .inside()
        .rooms.list()
        .find((room) => room.code !== undefined)?.code ?? "";
    const open = connect(server.tcpPort ?? 0, "127.0.0.1");
    onTestEnd(() => open.destroy());
    open.on("data", () => {});
    const ended = new Promise((resolve) => open.once("close", resolve));
    await new Promise((resolve) => open.once("connect", resolve));
    server.inside().bans.add({ address: "127.0.0.1" });
    await ended;
    expect([(await ann.closed).code, (await page.closed).code]).toEqual([4503, 4503]);
    for (const path of ["ws?token=any", code, "CREATE?kind=relay", "CREATE"]) {
      const { closed } = await MemberClient.connect(server, path);
      expect((await closed).code).toBe(4503);
    }
    const socket = connect(server.tcpPort ?? 0, "127.0.0.1");
    const said: Buffer[] = [];
    socket.on("data", (data: Buffer) => said.push(data));
    await new Promise((resolve) => socket.once("close", resolve));
    expect(Buffer.concat(said).subarray(16).toString()).toBe("You are banned from this server.");
  });
});
