/** The states of a room between real pages of the SDK and the real server. */
import { describe, expect, test } from "@jest/globals";
import type { PlayerRoom } from "../../src/sdk/player-room.ts";
import { eventually } from "../support/inbox.ts";
import { PlayerClient } from "../support/player-client.ts";
import { newSession, ReliableClient } from "../support/reliable-client.ts";
import { openPage, openPhone, openTestHost, type PageHost } from "../support/sdk-page.ts";
import { startServer, type TestServer } from "../support/server.ts";

async function startTv(options: Parameters<typeof startServer>[0] = {}, page = {}) {
  const server = await startServer({ playerRate: 0, ...options });
  return { server, tv: await openTestHost(await openPage(server), page) };
}

async function join(server: TestServer, tv: PageHost) {
  const phone = openPhone(await openPage(server), tv.room.code);
  await tv.heard.until(([event]) => event === "join");
  return phone;
}

/** The TV counts what each phone says in the phone's state. */
function count(host: PageHost): void {
  host.room.on("json", (player) =>
    player.state.update("count", (value) => (typeof value === "number" ? value : 0) + 1),
  );
}

function refuseRed(_player: unknown, { team }: { readonly team?: unknown }): string | undefined {
  return team === "red" ? "The team is full." : undefined;
}

const roundOf = (me: PlayerRoom): unknown => me.state.get("round");

test("P5.10.2 what the TV sets is on every phone, on late ones too, and after reloads of both sides", async () => {
  const { server, tv } = await startTv();
  const first = await join(server, tv);
  tv.room.state.set({ round: 1, phase: "draw" });
  tv.room.players[0]?.state.set("hand", ["A", "K"]);
  const everything = { round: 1, phase: "draw", hand: ["A", "K"] };
  await eventually("the first phone has it", () => first.me.state.has("hand"));
  expect([first.me.state.all(), first.me.room.state.all()]).toEqual([everything, { round: 1, phase: "draw" }]);
  const late = await join(server, tv);
  await eventually("the late phone has it", () => roundOf(late.me) === 1);
  expect(late.me.state.all()).toEqual({ round: 1, phase: "draw" });
  late.me.state.set("ready", true);
  await eventually("the TV has it", () => tv.room.player(2)?.state.get("ready") === true);
  const again = openPhone(await first.page.reload(), tv.room.code);
  await eventually("the reloaded phone has it", () => again.me.state.has("hand"));
  expect(again.me.state.all()).toEqual(everything);

  const second = await openTestHost(await tv.page.reload());
  expect([second.room.isRestored, second.room.restored]).toEqual([true, undefined]);
  expect(second.room.state.all()).toEqual({ round: 1, phase: "draw" });
  expect(second.room.players.map(({ id, state }) => [id, state.all()])).toEqual([
    [1, { hand: ["A", "K"] }],
    [2, { ready: true }],
  ]);
  second.room.state.set("round", 2);
  await eventually("all have the next round", () => roundOf(again.me) === 2 && roundOf(late.me) === 2);
});

test("P5.10.2 a TV with state alone is told once, after a reload, who came, left and is away since", async () => {
  const { server, tv } = await startTv({ awayMs: 0 });
  const [first, second] = [await join(server, tv), await join(server, tv)];
  tv.room.state.set("round", 1);
  await eventually("both have it", () => roundOf(first.me) === 1 && roundOf(second.me) === 1);
  tv.page.die();
  first.me.close();
  second.page.die();
  const third = openPhone(await openPage(server), tv.room.code);
  await third.heard.until(([event]) => event === "open");
  await eventually("the first has left and the second is away", async () => {
    const headers = { accept: "application/json" };
    const room: unknown = await (await fetch(`${server.url}/${tv.room.code}`, { headers })).json();
    return Reflect.get(Object(room), "players") === 2;
  });
  const again = await openTestHost(await tv.page.reload());
  expect(again.room.players.map(({ id }) => id)).toEqual([1, 2]);
  const told = await again.heard.take(3);
  expect(told.toSorted(([one], [other]) => String(one).localeCompare(String(other)))).toEqual([
    ["away", 2],
    ["join", 3],
    ["leave", 1],
  ]);
  expect([again.room.state.all(), again.room.players.map(({ id, isAway }) => [id, isAway])]).toEqual([
    { round: 1 },
    [
      [2, true],
      [3, false],
    ],
  ]);
});

test("P5.10.2 changes of two states arrive in the order in which they were set, and a listener finds what was set before", async () => {
  const { server, tv } = await startTv();
  const { me } = await join(server, tv);
  const heard: unknown[] = [];
  me.room.state.on("round", (round) => heard.push(["round", round, me.state.get("hand")]));
  me.state.on("hand", (hand) => heard.push(["hand", hand, me.state.get("round")]));
  const [player] = tv.room.players;
  tv.room.state.set("round", 0);
  await eventually("the phone has the room's state", () => me.state.get("round") === 0);
  heard.length = 0;
  player?.state.set("hand", "first");
  tv.room.state.set("round", 1);
  player?.state.set("hand", "second");
  tv.room.state.set("round", 2);
  await eventually("the phone has all", () => me.state.get("round") === 2);
  expect(heard).toEqual([
    ["hand", "first", 0],
    ["round", 1, "first"],
    ["hand", "second", 1],
    ["round", 2, "second"],
  ]);
});

test("a TV that is loaded again has the players whom its page knew, and hears `join` of those that came since", async () => {
  const { server, tv } = await startTv();
  tv.room.state.set("round", 1);
  const first = await join(server, tv);
  first.me.state.set("ready", true);
  await eventually("the TV has it", () => tv.room.player(1)?.state.get("ready") === true);
  const page = await tv.page.reload();
  const second = openPhone(await openPage(server), tv.room.code);
  await second.heard.until(([event]) => event === "open");
  const again = await openTestHost(page);
  expect(again.room.players.map(Number)).toEqual([1]);
  expect(await again.heard.take(1)).toEqual([["join", 2]]);
  expect([again.room.restored, again.room.players.map(Number)]).toEqual([undefined, [1, 2]]);
});

test("P5.10.2 a TV that is loaded again hears what it has not heard, and nothing twice", async () => {
  const { server, tv } = await startTv();
  const phone = await join(server, tv);
  count(tv);
  for (let number = 1; number <= 5; number++) phone.me.send({ number });
  await eventually("five are counted", () => phone.me.state.get("count") === 5);
  const page = await tv.page.reload();
  for (let number = 6; number <= 10; number++) phone.me.send({ number });
  const again = await openTestHost(page);
  count(again);
  await eventually("ten are counted", () => phone.me.state.get("count") === 10);
  phone.me.send({ number: 11 });
  await eventually("eleven are counted", () => phone.me.state.get("count") === 11);
  expect(again.room.player(1)?.state.get("count")).toBe(11);
});

test("P5.10.2 state and messages arrive in the order in which they were set and sent, both ways", async () => {
  const { server, tv } = await startTv();
  const phone = await join(server, tv);
  const atPhone: unknown[] = [];
  const atTv: unknown[] = [];
  phone.me.on("json", (value) => atPhone.push([value, phone.me.state.get("round")]));
  tv.room.on("json", (player, value) => atTv.push([value, player.state.get("step")]));
  for (let number = 1; number <= 50; number++) {
    tv.room.state.set("round", number);
    tv.room.send(1, { number });
    phone.me.state.set("step", number);
    phone.me.send({ number });
    if (number % 20 === 0) phone.page.proxy.cutNow();
    if (number % 30 === 0) tv.page.proxy.cutNow();
  }
  await eventually("all has arrived", () => atPhone.length === 50 && atTv.length === 50);
  const expected = Array.from({ length: 50 }, (_, index) => [{ number: index + 1 }, index + 1]);
  expect([atPhone, atTv]).toEqual([expected, expected]);
});

describe("P5.10.2 phones without the SDK", () => {
  test("P5.10.2 a phone of couchwire.v1 that starts from nothing gets it whole first, however much has changed", async () => {
    const { server, tv } = await startTv();
    const session = newSession();
    const path = `${tv.room.code}?session=${session}`;
    const phone = new ReliableClient(server, path);
    await phone.hello();
    await tv.heard.until(([event]) => event === "join");
    for (let round = 1; round <= 400; round++) {
      tv.room.state.set({ round, text: "x".repeat(100) });
      await Promise.resolve();
      await Promise.resolve();
    }
    const seen: { set: object; all?: boolean; v: number }[] = [];
    while (seen.at(-1)?.v !== 400) seen.push(JSON.parse(String(await phone.next())));
    expect(seen).toHaveLength(400); // it hears nothing of what is put in their place
    expect(seen[0]).toMatchObject({ set: { round: 1 }, all: true });
    expect(seen.slice(1).some(({ all }) => all)).toBe(false);
    phone.send("\0ack 400");
    await phone.cut();
    const again = new ReliableClient(server, path);
    const { greeting } = await again.hello();
    expect(greeting).toBeLessThan(100);
    const frames: typeof seen = [];
    for (let number = 0; number < greeting; number++) frames.push(JSON.parse(String(await again.next())));
    expect(frames[0]).toMatchObject({ all: true });
    expect(Object.assign({}, ...frames.map(({ set }) => set))).toEqual({ round: 400, text: "x".repeat(100) });
    const late = new ReliableClient(server, `${tv.room.code}?session=${newSession()}`);
    await late.hello();
    expect(JSON.parse(String(await late.next()))).toEqual({
      cw: "state",
      set: { round: 400, text: "x".repeat(100) },
      all: true,
      v: 400,
    });
  });

  test("P5.10.2 a plain phone hears nothing of a state that the game does not use, and plays beside it", async () => {
    const { server, tv } = await startTv();
    const plain = await PlayerClient.connect(server, tv.room.code);
    await tv.heard.until(([event]) => event === "join");
    plain.send("hello");
    tv.room.send(1, "welcome");
    expect(await plain.next()).toBe("welcome");
    tv.room.state.set("round", 1);
    expect(JSON.parse(String(await plain.next()))).toEqual({ cw: "state", set: { round: 1 }, all: true, v: 1 });
    plain.send('{"cw":"state","set":{"ready":true}}');
    await eventually("the TV has it", () => tv.room.player(1)?.state.get("ready") === true);
    plain.send('{"move":1}');
    expect(await tv.heard.next()).toEqual(["json", 1, { move: 1 }]);
  });

  test.each([
    ["another player's", { player: 2, set: { score: 9 } }],
    ["the room's", { set: { round: 9 } }],
    ["the SDK's", { set: { "cw:color": "#000" } }],
    ["more than its own", { set: { text: "x".repeat(9_000) } }],
  ])("P5.10.2 a phone may not write %s: refused, set back, told", async (_what, said) => {
    const { server, tv } = await startTv();
    const hostile = await PlayerClient.connect(server, tv.room.code);
    await tv.heard.until(([event]) => event === "join");
    const other = await join(server, tv);
    tv.room.player(2)?.state.set("score", 1);
    tv.room.state.set("round", 1);
    expect(JSON.parse(String(await hostile.next()))).toMatchObject({ set: { round: 1 } });
    hostile.send(JSON.stringify({ cw: "state", ...said, n: 1 }));
    expect(JSON.parse(String(await hostile.next()))).toEqual({
      cw: "state",
      player: 1,
      set: Object.fromEntries(Object.keys(said.set).map((key) => [key, null])),
      error: expect.any(String),
      n: 1,
    });
    expect(tv.room.players.map(({ state }) => state.all())).toEqual([{}, { score: 1 }]);
    expect(tv.room.state.all()).toEqual({ round: 1 });
    await eventually("the other phone has its own", () => other.me.state.get("score") === 1);
  });

  test("P5.10.2 a hostile phone's flood stays within 8 KiB, and the TV plays on", async () => {
    const { server, tv } = await startTv();
    const hostile = await PlayerClient.connect(server, tv.room.code);
    await tv.heard.until(([event]) => event === "join");
    const honest = await join(server, tv);
    for (let number = 1; number <= 1_000; number++) {
      hostile.send(`{"cw":"state","set":{"key${number}":"${"x".repeat(number)}"},"n":${number}}`);
      hostile.send('{"cw":"state","get":true}');
      hostile.send(
        ['{"cw":"state"}', '{"cw":"state","set":[]}', '{"cw":"state","set":null,"n":{}}', '{"cw":"st'][number % 4] ??
          "",
      );
    }
    hostile.send('{"last":true}');
    await tv.heard.until(
      ([event, , value]) => event === "json" && typeof value === "object" && value !== null && "last" in value,
    );
    expect(JSON.stringify(tv.room.player(1)?.state.all()).length).toBeLessThan(8_192);
    tv.room.state.set("round", 2);
    await eventually("the honest phone plays on", () => roundOf(honest.me) === 2);
  });
});

test("P5.10.2 a game may refuse what a phone sets: the phone has its old values again, and is told why", async () => {
  const { server, tv } = await startTv({}, { acceptPlayerState: refuseRed });
  const phone = await join(server, tv);
  const refused = new Promise((resolve) => void phone.me.on("refused", resolve));
  phone.me.state.set("team", "blue");
  await eventually("the TV has it", () => tv.room.player(1)?.state.get("team") === "blue");
  phone.me.state.set({ team: "red", hat: true });
  expect(phone.me.state.all()).toEqual({ team: "red", hat: true });
  expect(await refused).toBe("The team is full.");
  expect([phone.me.state.all(), tv.room.player(1)?.state.all()]).toEqual([{ team: "blue" }, { team: "blue" }]);
});

test("P5.10.2 me.on tells each change once, and a listener that comes late what there is", async () => {
  const { server, tv } = await startTv();
  const phone = await join(server, tv);
  const heard: unknown[] = [];
  phone.me.on("state", (changes) => heard.push(changes));
  tv.room.state.set({ round: 1, phase: "draw" });
  tv.room.state.set("round", 2);
  await eventually("the phone has it", () => roundOf(phone.me) === 2);
  tv.room.state.set("phase", null);
  await eventually("the phone has it", () => !phone.me.state.has("phase"));
  expect(heard).toEqual([{ round: 2, phase: "draw" }, { phase: null }]);
  const late: unknown[] = [];
  phone.me.once("state", (changes) => late.push(changes));
  await eventually("the late listener is told", () => late.length > 0);
  expect(late).toEqual([{ round: 2 }]);
});

describe("what the server keeps", () => {
  test("P5.9.8 256 KiB are kept to the last byte, and past them nothing changes", async () => {
    const { server, tv } = await startTv();
    const phone = await join(server, tv);
    const size = 4_000;
    for (let number = 0; number < 65; number++) tv.room.state.set(`key${number}`, "x".repeat(size));
    const tooLarge = expect.objectContaining({ code: "too_large" });
    expect(() => tv.room.state.set({ round: 1, more: "y".repeat(size) })).toThrow(tooLarge);
    let last = 0;
    expect(() => {
      for (;;) tv.room.state.set("last", "z".repeat(++last));
    }).toThrow(tooLarge);
    const before = tv.room.state.all();
    expect(before).toMatchObject({ last: "z".repeat(last - 1) });
    await eventually("the phone has it", () => phone.me.state.has("last"));
    tv.room.send(1, { all: "saved" });
    expect(await phone.heard.until(([event]) => event === "json")).toEqual(["json", { all: "saved" }]);
    const again = await openTestHost(await tv.page.reload());
    expect(again.room.state.all()).toEqual(before);
    expect(phone.me.state.all()).toEqual(before);
  });

  test("P5.9.8 beside what a game saves itself: both are there, each as it was last", async () => {
    const { server, tv } = await startTv();
    const phone = await join(server, tv);
    tv.room.state.set("round", 1);
    tv.room.save({ secret: 1 });
    tv.room.state.set("round", 2);
    phone.me.send({ move: 1 });
    await tv.heard.until(([event]) => event === "json");
    tv.room.player(1)?.state.set("score", 3);
    await eventually("the phone has it", () => phone.me.state.get("score") === 3);
    const again = await openTestHost(await tv.page.reload());
    expect([again.room.restored, again.room.state.all()]).toEqual([{ secret: 1 }, { round: 2 }]);
    expect(again.room.player(1)?.state.all()).toEqual({ score: 3 });
    // What came after the game's own checkpoint is told again, as it always was.
    expect(await again.heard.until(([event]) => event === "json")).toEqual(["json", 1, { move: 1 }]);
  });

  test("P5.9.8 a TV that has used no state is loaded again as ever", async () => {
    const { server, tv } = await startTv();
    const phone = await join(server, tv);
    phone.me.send({ move: 1 });
    await tv.heard.until(([event]) => event === "json");
    const again = await openTestHost(await tv.page.reload());
    expect([again.room.state.all(), again.room.restored, again.room.isRestored]).toEqual([{}, undefined, true]);
    expect(await again.heard.next()).toEqual(["join", 1]);
  });

  test("P5.10.2 a room that the server lost goes on with its state in the next one, without the players'", async () => {
    const { server, tv } = await startTv();
    const phone = await join(server, tv);
    tv.room.state.set("round", 4);
    const left = tv.room.player(1);
    left?.state.set("score", 9);
    await eventually("the phone has it", () => phone.me.state.get("score") === 9);
    const { port } = server;
    await server.close();
    const second = await startServer({ port });
    await tv.heard.until(([event]) => event === "reopened");
    const newcomer = openPhone(await openPage(second), tv.room.code);
    await eventually("the newcomer has it", () => roundOf(newcomer.me) === 4);
    expect(newcomer.me.state.all()).toEqual({ round: 4 });
    expect([tv.room.player(1)?.state.all(), left?.state.all()]).toEqual([{}, { score: 9 }]);
    tv.room.state.set("round", 5);
    await eventually("the newcomer has it", () => roundOf(newcomer.me) === 5);
    const page = await tv.page.reload();
    const again = await openTestHost({ ...page, server: second });
    expect([again.room.code, again.room.state.all()]).toEqual([tv.room.code, { round: 5 }]);
  });

  test("P5.9.8 an evening of frames is not told again: the server is told now and then what the state includes", async () => {
    const { server, tv } = await startTv();
    const phone = await join(server, tv);
    tv.room.state.set("round", 1);
    for (let number = 1; number <= 1_000; number++) phone.me.send({ number });
    await tv.heard.until(([, , value]) => JSON.stringify(value) === '{"number":1000}');
    tv.room.send(1, "all is heard");
    await new Promise((resolve) => void phone.me.on("text", resolve));
    const again = await openTestHost(await tv.page.reload());
    phone.me.send({ last: true });
    let told = 0;
    while (!JSON.stringify(await again.heard.next()).includes("last")) told += 1;
    expect(told).toBeLessThan(300);
  });
});

test("P5.10.2 a phone whose frames could not be kept gets the state whole", async () => {
  const { server, tv } = await startTv({ seatBuffer: 20_000, awayMs: 0 });
  const phone = await join(server, tv);
  tv.room.state.set("round", 0);
  await eventually("the phone has it", () => phone.me.state.has("round"));
  phone.page.proxy.stopReading();
  phone.page.proxy.cutNow();
  await tv.heard.until(([event]) => event === "away");
  for (let round = 1; round <= 100; round++) {
    tv.room.state.set({ round, filler: "x".repeat(500), [`key${round % 10}`]: round });
    await Promise.resolve();
    await Promise.resolve();
  }
  phone.page.proxy.recover();
  await eventually("the phone has it", () => roundOf(phone.me) === 100);
  expect(phone.me.state.all()).toEqual(tv.room.state.all());
});
