/** The players of a room as objects. */
import { afterEach, beforeEach, expect, jest, test } from "@jest/globals";
import { Player } from "../../src/sdk/player.ts";
import { comeBack, commands, encoder, openRoom, prepareReply, state, tell } from "../support/fake-tv.ts";

const utf8 = new TextEncoder();
const fetchBefore = globalThis.fetch;

beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ["queueMicrotask", "nextTick"] });
  globalThis.fetch = () => Promise.reject(new TypeError("Failed to fetch"));
});
afterEach(() => {
  jest.useRealTimers();
  globalThis.fetch = fetchBefore;
});

/** A room with two players, and the objects that its events gave. */
async function openRoomOfTwo() {
  const opened = await openRoom();
  const given: unknown[] = [];
  for (const event of ["join", "leave", "away", "back", "text", "binary"] as const) {
    opened.room.on(event, (...[player]: unknown[]) => void given.push(player));
  }
  tell(opened.network.socket, { cmd: "player_joined", player: 1, name: "Ada" }, { cmd: "player_joined", player: 2 });
  const [ada, second] = opened.room.players;
  if (ada === undefined || second === undefined) throw new Error("There are not two players.");
  return { ...opened, given, ada, second };
}

test("a player is one object for each id, in events, in the list and by its id, also when it has left", async () => {
  const { room, network, given, ada } = await openRoomOfTwo();
  tell(network.socket, { cmd: "player_away", player: 1 }, { cmd: "player_back", player: 1, missed: 0 });
  network.socket.deliver(encoder.seat(1).frame(utf8.encode("hi"), true));
  tell(network.socket, { cmd: "player_left", player: 1 });
  expect(ada).toBeInstanceOf(Player);
  expect(given.filter((player) => player === ada)).toHaveLength(5);
  expect([room.player(1) === ada, room.player(ada) === ada, room.player(7)]).toEqual([true, true, undefined]);
});

test("a player has a name, or one by its id, and says whether it is away or gone", async () => {
  const { room, network, ada, second } = await openRoomOfTwo();
  expect([ada.name, second.name]).toEqual(["Ada", "Player 2"]);
  expect([room.nameOf(ada), room.nameOf(2)]).toEqual(["Ada", undefined]);
  tell(network.socket, { cmd: "player_away", player: 1 });
  expect([ada.isAway, second.isAway, ada.isGone]).toEqual([true, false, false]);
  const isAway = [ada, 1, second, 9].map((player) => room.away.has(player));
  expect(isAway).toEqual([true, true, false, false]);
  tell(network.socket, { cmd: "player_left", player: 1 });
  expect([ada.isAway, ada.isGone, ada.name]).toEqual([false, true, "Ada"]);
});

test("a player is its id in JSON, in text, as a key and in comparisons", async () => {
  const { room, ada, second } = await openRoomOfTwo();
  const scores: Record<string, number> = { 1: 10, 2: 20 };
  expect(JSON.stringify({ winner: ada, players: room.players })).toBe('{"winner":1,"players":[1,2]}');
  expect(String(ada)).toBe("1");
  expect(scores[String(second)]).toBe(20);
  expect(second > ada).toBe(true);
  expect(Number(second)).toBe(2);
});

test("what takes a player takes the object, its id, and lists of both", async () => {
  const { room, network, ada, second } = await openRoomOfTwo();
  ada.send("a");
  room.send(ada, "b");
  room.send([1, second], "c", { except: ada });
  room.broadcast("d", { except: [ada, 2] });
  room.send(room.away, "nobody is away");
  room.kick(ada, "Bye.");
  second.kick({ ban: true });
  expect(commands(network.socket)).toEqual([
    { cmd: "to_str", to: [1], data: utf8.encode("a") },
    { cmd: "to_str", to: [1], data: utf8.encode("b") },
    { cmd: "to_str", to: [1, 2], data: utf8.encode("c"), except: [1] },
    { cmd: "to_str", to: "everybody", data: utf8.encode("d"), except: [1, 2] },
    { cmd: "kick", player: 1, reason: "Bye." },
    { cmd: "kick", player: 2, ban: true },
  ]);
});

test("a player who has left gets nothing, also where its id is another's in the room that came after", async () => {
  const { room, network, ada } = await openRoomOfTwo();
  network.socket.end(1012, "The server is restarting.");
  jest.runOnlyPendingTimers();
  prepareReply(network.socket, "GHJK", "second");
  tell(network.socket, { cmd: "player_joined", player: 1 });
  network.socket.sent.length = 0;
  expect(ada.send("for Ada")).toBe(true);
  expect(room.send([ada], "for Ada")).toBe(true);
  ada.kick();
  await expect(room.rescue(ada)).rejects.toThrow("This player has left the room.");
  expect(commands(network.socket)).toEqual([]);
  const [newcomer] = room.players;
  expect([newcomer === ada, newcomer?.name, room.player(1) === newcomer]).toEqual([false, "Player 1", true]);
});

test("players are the same objects when the connection was down", async () => {
  const { room, network, ada, second } = await openRoomOfTwo();
  comeBack(network, { next: 6 }, state([1, 2]), { cmd: "prepare_reply", key: "BCDF" });
  expect(room.players.map((player, index) => player === [ada, second][index])).toEqual([true, true]);
});
