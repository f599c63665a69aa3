/** Phones that wait for a seat, without sockets: in which order they are seated, what they are told, and what is kept of what they say. */
import { describe, expect, test } from "@jest/globals";
import { MAX_WAITING_BYTES } from "../../../src/room/waiting-phone.ts";
import { bytes } from "../../support/room/fake-port.ts";
import { CrowdedRoom, type EnteredPhone } from "../../support/room/crowded-room.ts";

const QUEUE = { overflow: "queue", max_players: 1 } as const;

function reliable(session: string): { readonly isReliable: true; readonly sessionHash: string } {
  return { isReliable: true, sessionHash: session };
}

describe("a phone that finds the room full", () => {
  test("P5.7.2 waits, is sent nothing, and becomes a player when a seat frees", () => {
    const room = CrowdedRoom.crowded(QUEUE);
    const first = room.enter();
    room.heard();
    const second = room.enter();
    expect(second.at).toBe("queued");
    expect(room.heard()).toEqual([
      { cmd: "state", name: "sketch", players: [1], max_players: 1, accept_conns: false, waiting: 1 },
    ]);
    room.show("for players");
    first.handler.gone("left");
    expect(room.heard()).toMatchObject([
      { cmd: "player_left", player: 1 },
      { cmd: "state", players: [], waiting: 1 },
      { cmd: "player_joined", player: 2 },
      { cmd: "state", players: [2], waiting: 0 },
    ]);
    expect(second.port.take()).toEqual([]);
    room.show("again");
    room.vote(second, "hello");
    expect(second.port.take()).toEqual(["again"]);
    expect(room.heard()).toEqual([{ cmd: "from_str", from: 2, data: "hello" }]);
  });

  test("P5.7.1 is told its place as it changes, and gets its hello when it is seated", () => {
    const room = CrowdedRoom.crowded(QUEUE);
    const player = room.enter();
    const [one, two, three] = [room.enter(reliable("1")), room.enter(reliable("2")), room.enter(reliable("3"))];
    for (const [index, { port }] of [one, two, three].entries()) {
      expect(port.take()).toEqual([`\0queue {"position":${index + 1}}`]);
    }
    two.handler.gone("cut");
    expect([one, two, three].map(({ port }) => port.take())).toEqual([[], [], ['\0queue {"position":2}']]);
    player.handler.gone("left");
    expect(one.port.read().hello).toMatchObject({ player: 2, received: 0 });
    expect(three.port.take()).toEqual(['\0queue {"position":1}']);
    expect(room.room.waitingCount).toBe(1);
  });

  test("P5.7 is closed with 4510 where so many wait already, 50 if the host says nothing", () => {
    const room = CrowdedRoom.crowded({ ...QUEUE, queue: 2 });
    for (let number = 0; number < 3; number++) room.enter();
    expect(room.turnedAway()).toBe("room_full");
    const usual = CrowdedRoom.crowded(QUEUE);
    for (let number = 0; number < 51; number++) usual.enter();
    expect(usual.turnedAway()).toBe("room_full");
    expect(CrowdedRoom.crowded({ max_players: 0, overflow: "queue", queue: 0 }).turnedAway()).toBe("room_full");
    expect(CrowdedRoom.crowded({ max_players: 0 }).turnedAway()).toBe("room_full");
    expect(CrowdedRoom.crowded({ max_players: 0, overflow: "refuse", audience: 1 }).turnedAway()).toBe("room_full");
  });

  test("P5.7 shows the PIN first", () => {
    const room = CrowdedRoom.crowded({ ...QUEUE, max_players: 0, pin: "4711" });
    expect(room.turnedAway()).toBe("unauthorized");
    expect(room.enter({ pin: "4711" }).at).toBe("queued");
  });
});

describe("after start", () => {
  test("P5.7 those that wait stay, newcomers are closed with 4523, and open seats the first", () => {
    const room = CrowdedRoom.crowded(QUEUE);
    const player = room.enter();
    const waiting = room.enter(reliable("1"));
    room.order({ cmd: "start" });
    player.handler.gone("left");
    expect(room.room.waitingCount).toBe(1);
    expect(room.turnedAway()).toBe("room_locked");
    waiting.port.take();
    room.heard();
    room.order({ cmd: "open" });
    expect(waiting.port.read().hello).toMatchObject({ player: 2 });
    expect(room.heard()).toMatchObject([
      { cmd: "state", accept_conns: true, waiting: 1 },
      { cmd: "player_joined", player: 2 },
      { cmd: "state", waiting: 0 },
    ]);
  });

  test("P5.7 a game with more seats takes those that wait", () => {
    const room = CrowdedRoom.crowded(QUEUE);
    for (let number = 0; number < 4; number++) room.enter();
    room.order({ cmd: "game", name: "sketch", max_players: 3 });
    expect(room.room.state).toMatchObject({ players: [1, 2, 3], waiting: 1 });
  });
});

describe("what a waiting phone says", () => {
  test.each([
    ["a plain phone", {}],
    ["a phone on couchwire.v1", reliable("1")],
  ])("P5.7 is kept and reaches the host once it is seated: %s", (_, request) => {
    const room = CrowdedRoom.crowded(QUEUE);
    const player = room.enter();
    const waiting = room.enter(request);
    waiting.handler.message(bytes("one"), true);
    waiting.handler.message(Uint8Array.of(2), false);
    room.heard();
    player.handler.gone("left");
    waiting.handler.message(bytes("three"), true);
    expect(room.news()).toEqual([
      { cmd: "player_left", player: 1 },
      { cmd: "player_joined", player: 2 },
      { cmd: "from_str", from: 2, data: "one" },
      { cmd: "from", from: 2, data: [2] },
      { cmd: "from_str", from: 2, data: "three" },
    ]);
    // A client that counts drops what the server has got: it does not send it again.
    if ("isReliable" in request) expect(waiting.port.read().hello).toMatchObject({ received: 2 });
  });

  test("P5.7 is kept up to 16 KiB; past that it is closed with 4500", () => {
    const room = CrowdedRoom.crowded({ ...QUEUE, max_players: 0 });
    const waiting = room.enter();
    waiting.handler.message(new Uint8Array(MAX_WAITING_BYTES), false);
    expect(waiting.port.closing).toBeUndefined();
    waiting.handler.message(Uint8Array.of(1), false);
    expect(waiting.port.closing?.name).toBe("bad_request");
    expect(room.room.waitingCount).toBe(0);
  });

  test("P5.7 is bounded where it is nothing, too", () => {
    const room = CrowdedRoom.crowded({ ...QUEUE, max_players: 0 }, { playerRate: 0 });
    const waiting = room.enter();
    for (let number = 0; number < 1_025; number++) waiting.handler.message(new Uint8Array(0), false);
    expect(waiting.port.closing?.name).toBe("bad_request");
  });

  test("P5.7 has the rates of a player", () => {
    const room = CrowdedRoom.crowded({ ...QUEUE, max_players: 0 }, { playerRate: 1, playerBurst: 2 });
    const waiting = room.enter({ visitor: "visitor" });
    for (let number = 0; number < 3; number++) room.vote(waiting, "x");
    expect(waiting.port.closing?.name).toBe("rate_limited");
    expect(room.directory.banned).toEqual(["visitor"]);
  });

  test("P5.7 its control frames are answered, so that its client knows that the line works", () => {
    const room = CrowdedRoom.crowded({ ...QUEUE, max_players: 0 });
    const waiting = room.enter(reliable("1"));
    waiting.port.take();
    for (const text of ["\0ping", "data", "\0ping", "\0time", "\0ack 0"]) room.vote(waiting, text);
    const time = room.clock.time();
    expect(waiting.port.take()).toEqual(["\0ack 0", "\0ack 1", `\0time {"now":${time}}`]);
    room.vote(waiting, "\0ack 1");
    expect(waiting.port.closing?.name).toBe("bad_request");
  });
});

describe("a waiting phone that comes again", () => {
  test("P5.7 with its session has its place once: the older line is closed with 4509", () => {
    const room = CrowdedRoom.crowded(QUEUE);
    const player = room.enter();
    const [one, two] = [room.enter(reliable("1")), room.enter(reliable("2"))];
    const again = room.enter(reliable("1"));
    expect(one.port.closing?.name).toBe("replaced");
    expect(again.port.take()).toEqual(['\0queue {"position":1}']);
    one.handler.gone("cut");
    expect(room.room.waitingCount).toBe(2);
    player.handler.gone("left");
    expect(again.port.read().hello).toMatchObject({ player: 2 });
    expect(two.port.closing).toBeUndefined();
  });

  test("P5.7 by an attempt that a newer one of its page has overtaken gets nothing", () => {
    const room = CrowdedRoom.crowded({ ...QUEUE, max_players: 0 });
    const newer = room.enter({ ...reliable("1"), attempt: { page: "p", number: 2 } });
    expect(room.turnedAway({ ...reliable("1"), attempt: { page: "p", number: 1 } })).toBe("replaced");
    expect(newer.port.closing).toBeUndefined();
  });

  test("P5.7 and has a seat by then leaves the line", () => {
    const room = CrowdedRoom.crowded(QUEUE);
    const player = room.enter({ sessionHash: "seated" });
    const waiting = room.enter({ sessionHash: "waiting" });
    const [reply] = room.tell({ cmd: "rescue", player: 1 });
    const [, seatTransferProof] = /rescue=(.+)$/.exec(String(reply?.["url"])) ?? [];
    const rescued = room.enter({ sessionHash: "waiting", seatTransferProof });
    expect(rescued.at).toBe("admitted");
    expect(waiting.port.closing?.name).toBe("replaced");
    expect(player.port.closing?.name).toBe("replaced");
    expect(room.room.state).toMatchObject({ players: [1], waiting: 0 });
  });
});

describe("a waiting line", () => {
  test("P5.7 gives no seat to a phone whose session was banned meanwhile", () => {
    const room = CrowdedRoom.crowded(QUEUE);
    room.enter({ sessionHash: "a" });
    const [banned, next] = [room.enter({ sessionHash: "b", user: "eve" }), room.enter({ sessionHash: "c" })];
    room.room.players?.banNewcomer({ user: "eve" });
    room.order({ cmd: "kick", player: 1, ban: true });
    expect(banned.port.closing?.name).toBe("kicked");
    expect(next.port.closing).toBeUndefined();
    expect(room.room.state).toMatchObject({ players: [2], waiting: 0 });
  });

  test("P5.7 is closed with the room", () => {
    const room = CrowdedRoom.crowded({ ...QUEUE, max_players: 0 });
    const waiting: EnteredPhone[] = [room.enter(), room.enter()];
    room.room.close("restarting");
    expect(waiting.map(({ port }) => port.closing?.name)).toEqual(["restarting", "restarting"]);
  });

  test("P5.4.15 the first that waits gets the seat of a player that never sent a frame, when another comes", () => {
    const room = CrowdedRoom.crowded(QUEUE);
    const silent = room.enter({ sessionHash: "silent" });
    const first = room.enter({ sessionHash: "first" });
    silent.handler.gone("cut");
    room.clock.pass(10_000);
    expect(room.room.state).toMatchObject({ players: [1], waiting: 1 });
    const second = room.enter({ sessionHash: "second" });
    expect(room.room.state).toMatchObject({ players: [2], waiting: 1 });
    expect(first.handler.ids.player).toBe(2);
    expect(second.handler.ids.player).toBeUndefined();
  });
});
