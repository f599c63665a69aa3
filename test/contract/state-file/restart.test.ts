/** A server that keeps its rooms in a file is restarted, or killed: hosts and players with sessions find their rooms, codes and seats again. */
import { describe, expect, test } from "@jest/globals";
import type { RoomRecord } from "../../../src/hub/room-record.ts";
import { createRoom, joinRoom } from "../../../src/sdk/node.ts";
import { onTestEnd } from "../../support/clean-up.ts";
import { HostClient, openRoom, type OpenRoom } from "../../support/host-client.ts";
import { eventually, Inbox } from "../../support/inbox.ts";
import { PlayerClient } from "../../support/player-client.ts";
import { newSession, ReliableClient } from "../../support/reliable-client.ts";
import { startRestartable, type RestartableServer } from "../../support/state-file.ts";

const WAYS = ["SIGTERM", "SIGKILL"] as const;
const silent = { warn: () => undefined };

function hostRecord(records: readonly RoomRecord[], code: string) {
  return records.find((record) => record.sort === "host" && record.code === code);
}

/** A phone with a session, in the room: its player id is known. */
async function join(server: RestartableServer, { host, code }: OpenRoom, session: string) {
  const player = await PlayerClient.connect(server, `${code}?session=${session}`);
  const { player: id } = await host.until("player_joined");
  return { player, id: Number(id) };
}

describe.each(WAYS)("after %s", (way) => {
  test.each(["?format=json", "", "?bytes=string"])(
    "P5.4.12 a plain host (%s) gets state, prepare_reply and restore; its players their ids, and newcomers others",
    async (format) => {
      const server = await startRestartable();
      const session = newSession();
      const query = format === "" ? `?session=${session}` : `${format}&session=${session}`;
      const sessions = [newSession(), newSession()];
      const host = await HostClient.connect(server, query);
      const say = (command: Record<string, unknown>): void =>
        format === "?format=json" ? host.sendFrame(JSON.stringify(command)) : host.send(command);
      say({ cmd: "prepare", max_players: 4, name: "quiz", pin: "1234" });
      const code = String((await host.until("prepare_reply"))["key"]);
      const room = { host, code };
      const pin = "&pin=1234";
      expect((await join(server, room, sessions[0] + pin)).id).toBe(1);
      expect((await join(server, room, sessions[1] + pin)).id).toBe(2);
      say({ cmd: "save", data: "round 3" });
      await server.written("the checkpoint is written", (records) => {
        const record = hostRecord(records, code);
        return record?.sort === "host" && record.saved === "round 3" && record.seats.length === 2;
      });
      await server.restart(way);
      expect(await (await fetch(`${server.url}/${code}`)).text()).toBe("quiz");
      const second = await PlayerClient.connect(server, `${code}?session=${sessions[1]}`);
      const back = await HostClient.connect(server, query);
      expect(await back.take(3)).toEqual([
        { cmd: "state", name: "quiz", players: [1, 2], max_players: 4, accept_conns: true },
        { cmd: "prepare_reply", key: code },
        { cmd: "restore", data: "round 3" },
      ]);
      second.send("I am here");
      expect(await back.until("from_str")).toEqual({ cmd: "from_str", from: 2, data: "I am here" });
      const [wrong, newcomer] = await Promise.all(
        ["9999", "1234"].map((shown) => PlayerClient.connect(server, `${code}?session=${newSession()}&pin=${shown}`)),
      );
      expect((await wrong?.closed)?.code).toBe(4501);
      expect(await back.until("player_joined")).toEqual({ cmd: "player_joined", player: 102 });
      expect(newcomer?.socket.readyState).toBe(1);
    },
  );

  test("P5.5.8 couchwire.v1: another epoch, received 0 and the seat of before, for host and player", async () => {
    const server = await startRestartable();
    const [tv, phone] = [newSession(), newSession()];
    const host = new ReliableClient(server, `CREATE?format=json&session=${tv}`);
    const first = await host.hello();
    host.send(JSON.stringify({ cmd: "prepare", max_players: 4, name: "quiz" }));
    const code = await host.frames.until((frame) => String(frame).includes("prepare_reply"));
    const { key } = JSON.parse(String(code));
    const player = new ReliableClient(server, `${key}?session=${phone}`);
    const hello = await player.hello();
    player.send("one");
    await host.frames.until((frame) => String(frame).includes("one"));
    await server.written("the seat is written", (records) => {
      const record = hostRecord(records, key);
      return record?.sort === "host" && record.seats.length === 1;
    });
    await server.restart(way);
    const again = new ReliableClient(server, `${key}?session=${phone}&received=0&epoch=${hello.epoch}`);
    expect(await again.hello()).toMatchObject({ player: 1, received: 0, next: 1, lost: 0, game: "quiz" });
    const hostAgain = new ReliableClient(server, `CREATE?format=json&session=${tv}&received=4&epoch=${first.epoch}`);
    const told = await hostAgain.hello();
    expect(told).toMatchObject({ received: 0, greeting: 2, next: 1, lost: 0 });
    expect(told.epoch).not.toBe(first.epoch);
    again.send("two");
    const next = await hostAgain.frames.until((frame) => String(frame).includes("from_str"));
    expect(JSON.parse(String(next))).toEqual({ cmd: "from_str", from: 1, data: "two" });
  });

  test("the SDK's TV and phones play on by themselves, with the same code and ids, and both are told of the gap", async () => {
    const server = await startRestartable();
    const room = await createRoom({ server: server.url, game: "quiz", ...silent });
    onTestEnd(() => room.close());
    const events = new Inbox<string>("the TV");
    room.on("gap", () => events.push("gap"));
    room.on("close", () => events.push("close"));
    room.on("text", (player, text) => events.push(`${player.id} ${text}`));
    room.on("reconnected", () => events.push("reconnected"));
    const phones = await Promise.all(
      [1, 2].map(async () => {
        const me = joinRoom({ server: server.url, code: room.code, ...silent });
        onTestEnd(() => me.close());
        const heard = new Inbox<string>("a phone");
        me.on("gap", () => heard.push("gap"));
        me.on("text", (text) => heard.push(text));
        await new Promise((resolve) => void me.once("open", resolve));
        return { me, heard };
      }),
    );
    const ids = phones.map(({ me }) => me.id);
    await eventually("all are in", () => room.players.length === 2);
    room.state.set("round", 7);
    await server.written("the seats are written", (records) => {
      const record = hostRecord(records, room.code);
      return record?.sort === "host" && record.seats.length === 2;
    });
    const { code } = room;
    await server.restart(way);
    expect(await events.next()).toBe("reconnected");
    expect(await events.next()).toBe("gap");
    for (const { heard } of phones) expect(await heard.next()).toBe("gap");
    expect([room.code, new Set(room.players.map(({ id }) => id))]).toEqual([code, new Set(ids)]);
    expect(phones.map(({ me }) => me.id)).toEqual(ids);
    for (const [at, { me, heard }] of phones.entries()) {
      me.send("still here");
      expect(await events.next()).toBe(`${ids[at]} still here`);
      room.send([me.id ?? 0], "welcome back");
      expect(await heard.next()).toBe("welcome back");
      expect(me.room.state.get("round")).toBe(7);
    }
    // A page that begins from nothing gets the state of before as well.
    const late = joinRoom({ server: server.url, code, ...silent });
    onTestEnd(() => late.close());
    await eventually("a newcomer sees the state", () => late.room.state.get("round") === 7);
    expect(late.id).toBeGreaterThan(100);
  });

  test("P6 an open room has its name, code, members, state of the past and standing rooms of the options", async () => {
    const server = await startRestartable({ COUCHWIRE_OPEN_ROOMS: "relay", COUCHWIRE_STANDING_ROOMS: "lobby:relay" });
    const opener = newSession();
    const page = await PlayerClient.connect(server, `CREATE?kind=relay&session=${opener}`);
    const { code } = JSON.parse(String(await page.next()));
    const session = newSession();
    const member = await PlayerClient.connect(server, `${code}?session=${session}&name=Ann&events=1`);
    expect(JSON.parse(String(await member.next()))).toMatchObject({ event: "joined", you: "p1" });
    member.send(JSON.stringify({ data: "hello" }));
    await server.written("the room is written", (records) =>
      records.some((record) => record.sort === "open" && record.code === code && record.history.length === 1),
    );
    await server.restart(way);
    const again = await PlayerClient.connect(server, `${code}?session=${session}&events=1`);
    const late = await PlayerClient.connect(server, `${code}?session=${newSession()}&events=1`);
    const joined = JSON.parse(String(await late.next()));
    expect(joined).toMatchObject({ event: "joined", you: "p101", history: 1 });
    expect(joined.members.map(({ id }: { id: string }) => id)).toEqual(["p0", "p1", "p101"]);
    expect(JSON.parse(String(await late.next()))).toMatchObject({ from: "p1", data: "hello", seq: 1 });
    late.send(JSON.stringify({ data: "hi" }));
    expect(JSON.parse(String(await again.frames.until((frame) => String(frame).includes('"hi"'))))).toMatchObject({
      from: "p101",
    });
    expect(server.records().filter((record) => record.sort === "open" && record.name === "lobby")).toHaveLength(1);
  });

  test("rooms that ended before are gone, and a code that was freed is not held", async () => {
    const server = await startRestartable();
    const kept = await openRoom(server, { query: `?session=${newSession()}` });
    const over = await openRoom(server, { query: `?session=${newSession()}` });
    const passing = await openRoom(server);
    await server.written("both are written", (records) => records.length === 2);
    over.host.send({ cmd: "stop" });
    expect((await over.host.closed).code).toBe(1001);
    await server.written("the end is written", (records) => records.length === 1);
    await server.restart(way);
    const found = await Promise.all(
      [kept, over, passing].map(async ({ code }) => (await fetch(`${server.url}/${code}`)).status),
    );
    expect(found).toEqual([200, 404, 404]);
  });
});

test("rooms are there again after many restarts, each time with new ids for newcomers", async () => {
  const server = await startRestartable();
  const tv = `?session=${newSession()}`;
  const { code } = await openRoom(server, { query: tv });
  for (const last of [0, 100, 200]) {
    if (last > 0) await server.restart("SIGTERM");
    const host = await HostClient.connect(server, tv);
    const player = await PlayerClient.connect(server, `${code}?session=${newSession()}`);
    expect((await host.until("player_joined"))["player"]).toBe(last + 1);
    expect(player.socket.readyState).toBe(1);
  }
});
