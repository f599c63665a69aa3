/** Watchers and phones that wait for a seat, in the SDK: the TV's side and the phone's, with a network that is moved by hand. */
import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import type { RoomEvent } from "../../src/protocol/events.ts";
import { writeControl } from "../../src/protocol/reliable/control-frames.ts";
import type { CreateRoomOptions } from "../../src/sdk/create-room.ts";
import { joinRoom, type JoinRoomOptions } from "../../src/sdk/join-room.ts";
import { REFUSED_WITHIN_MS } from "../../src/sdk/reliable-connection.ts";
import { createRoom } from "../../src/sdk/create-room.ts";
import { createFakeNetwork } from "../support/fake-socket.ts";
import { comeBack, commands, openRoom, OPTIONS, prepareReply, tell } from "../support/fake-tv.ts";

beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ["queueMicrotask", "nextTick"] });
});

afterEach(() => {
  jest.useRealTimers();
});

const crowded = (audience: number, waiting: number): RoomEvent => ({
  cmd: "state",
  name: "duck",
  players: [],
  max_players: 8,
  accept_conns: true,
  audience,
  waiting,
});

async function join(options: JoinRoomOptions = {}) {
  const network = createFakeNetwork();
  const me = joinRoom({
    code: "BCDF",
    server: "https://party.example",
    warn: () => undefined,
    WebSocket: network.WebSocket,
    ...options,
  });
  await Promise.resolve(); // the line begins when the page's own code has run
  const heard: unknown[][] = [];
  for (const event of ["open", "queue", "text", "json", "away", "back", "gap", "close"] as const) {
    me.on(event, (...values: unknown[]) => void heard.push([event, ...values]));
  }
  jest.advanceTimersByTime(0); // what is said is told from the turn after the first listener on
  return { me, network, heard };
}

describe("P5.6 the TV", () => {
  test("asks for an audience and a line when it opens the room", async () => {
    const network = createFakeNetwork();
    const creating = createRoom({
      ...OPTIONS,
      audience: 500,
      overflow: "queue",
      queue: 20,
      WebSocket: network.WebSocket,
    });
    await Promise.resolve();
    network.socket.greet();
    expect(commands(network.socket)).toEqual([
      expect.objectContaining({ cmd: "prepare", audience: 500, overflow: "queue", queue: 20 }),
    ]);
    tell(network.socket, crowded(3, 2), { cmd: "prepare_reply", key: "BCDF" });
    expect(await creating).toMatchObject({ audience: 3, waiting: 2 });
  });

  test.each([
    [{ audience: -1 }, "`audience` has to be a whole number"],
    [{ audience: 1.5 }, "`audience` has to be a whole number"],
    [{ queue: Infinity }, "`queue` has to be a whole number"],
  ] satisfies [CreateRoomOptions, string][])("%j makes no sense, and opens no room", async (options, message) => {
    await expect(createRoom({ ...OPTIONS, ...options })).rejects.toThrow(message);
  });

  test("another overflow than the three is refused with the three", async () => {
    const options: CreateRoomOptions = { ...OPTIONS };
    Reflect.set(options, "overflow", "push");
    await expect(createRoom(options)).rejects.toThrow('`overflow` has to be "refuse", "queue" or "audience"');
  });

  test("counts watchers and waiting phones as the server tells it", async () => {
    const { room, network } = await openRoom();
    expect([room.audience, room.waiting]).toEqual([0, 0]);
    const told = jest.fn();
    room.on("state", ({ audience, waiting }) => told([audience, waiting]));
    tell(network.socket, { cmd: "state_delta", audience: 4 }, { cmd: "state_delta", waiting: 1 });
    expect([room.audience, room.waiting]).toEqual([4, 1]);
    expect(told.mock.calls).toEqual([[[4, 0]], [[4, 1]]]);
    tell(network.socket, { cmd: "state_delta", name: "duck" });
    expect([room.audience, room.waiting]).toEqual([4, 1]);
  });

  test("hears how they vote", async () => {
    const { room, network } = await openRoom();
    const tallies: unknown[] = [];
    room.on("tally", (tally) => tallies.push(tally));
    tell(
      network.socket,
      { cmd: "audience", count: 3, tally: { a: 2, b: 1 } },
      { cmd: "audience", count: 70, tally: { a: 64 }, other: 6, poll: "round 1" },
      { cmd: "audience", count: 70, tally: {}, poll: 2 },
    );
    expect(tallies).toEqual([
      { counts: { a: 2, b: 1 }, other: 0, watchers: 3, poll: undefined },
      { counts: { a: 64 }, other: 6, watchers: 70, poll: "round 1" },
      { counts: {}, other: 0, watchers: 70, poll: 2 },
    ]);
    expect(room.audience).toBe(70);
  });

  test("opens and ends polls, and opens the same one in a room that is opened again", async () => {
    const { room, network } = await openRoom();
    room.poll("round 1");
    room.poll(2);
    room.poll();
    room.poll(7);
    expect(commands(network.socket)).toEqual([
      { cmd: "poll", id: "round 1" },
      { cmd: "poll", id: 2 },
      { cmd: "poll" },
      { cmd: "poll", id: 7 },
    ]);
    network.socket.end(1006);
    jest.runOnlyPendingTimers();
    prepareReply(network.socket, "CDFG", "second");
    expect(commands(network.socket)).toContainEqual({ cmd: "poll", id: 7 });
  });

  test("a poll goes on over a lost connection, and is not opened twice", async () => {
    const { room, network } = await openRoom();
    room.poll(7);
    comeBack(network, { received: 2 });
    expect(commands(network.socket)).toEqual([]);
  });

  test.each(["", "x".repeat(65), -1, 1.5, 2 ** 32, Number.NaN])("no poll is called %j", async (id) => {
    const { room } = await openRoom();
    expect(() => room.poll(id)).toThrow("`poll` takes a whole number, or a text of 1 to 64 bytes");
  });

  test("tells its watchers text, JSON, bytes and named events", async () => {
    const { room, network } = await openRoom();
    room.toAudience("hello");
    room.toAudience({ round: 1 });
    room.toAudience(new Uint8Array([1, 2]));
    room.emitToAudience("round", { n: 2 });
    expect(() => room.emitToAudience("join")).toThrow("give the game's event another name");
    const utf8 = new TextDecoder();
    const said = commands(network.socket).map((command) => {
      const { cmd, data } = Object(command);
      return [cmd, cmd === "to_audience" ? [...data] : utf8.decode(data)];
    });
    expect(said).toEqual([
      ["to_audience_str", "hello"],
      ["to_audience_str", '{"round":1}'],
      ["to_audience", [1, 2]],
      ["to_audience_str", '{"cw":"event","name":"round","data":{"n":2}}'],
    ]);
  });
});

describe("P5.6 a phone that watches", () => {
  test("asks for it, without a session, and is there when it was not refused", async () => {
    const { me, network, heard } = await join({ role: "audience", pin: "12" });
    expect(me.role).toBe("audience");
    expect(new URL(network.socket.url).searchParams.get("role")).toBe("audience");
    expect(network.socket.protocols).toEqual(["couchwire.v1", "couchwire.pin.MTI"]);
    network.socket.accept();
    expect([me.isConnected, heard]).toEqual([false, []]);
    jest.advanceTimersByTime(REFUSED_WITHIN_MS);
    expect([me.isConnected, heard]).toEqual([true, [["open", { isReconnect: false, isResumed: false }]]]);
    jest.advanceTimersByTime(120_000);
    expect(network.sockets).toHaveLength(1); // quiet as it is, it is not taken for dead
    expect(network.socket.sent).toEqual([]); // each text would be a vote
  });

  test("one that is refused never was there", async () => {
    const { me, network, heard } = await join({ role: "audience" });
    network.socket.accept();
    network.socket.end(4510, "No place is left to watch.");
    jest.advanceTimersByTime(REFUSED_WITHIN_MS);
    expect(me.isConnected).toBe(false);
    expect(heard).toEqual([["close", expect.objectContaining({ name: "room_full" })]]);
  });

  test("hears text, JSON and events as they are said, and nothing of it is a control frame", async () => {
    const { me, network, heard } = await join({ role: "audience" });
    const rounds: unknown[] = [];
    me.on("round", (data) => rounds.push(data));
    network.socket.accept();
    for (const text of ["hi", '{"a":1}', '{"cw":"event","name":"round","data":2}', "\0ping"])
      network.socket.deliver(text);
    expect(heard).toEqual([
      ["open", { isReconnect: false, isResumed: false }],
      ["text", "hi"],
      ["text", '{"a":1}'],
      ["json", { a: 1 }],
      ["text", "\0ping"],
    ]);
    expect(rounds).toEqual([2]);
    expect(network.socket.sent).toEqual([]);
  });

  test("votes while it is there, and says nothing else", async () => {
    const { me, network } = await join({ role: "audience", name: "Ada", meta: { avatar: 2 } });
    expect(me.vote("a")).toBe(false);
    network.socket.accept();
    jest.advanceTimersByTime(REFUSED_WITHIN_MS);
    expect(me.vote("a")).toBe(true);
    expect(me.vote("\0b")).toBe(true);
    me.setProfile({ name: "Bob" });
    me.state.set("ready", true);
    jest.advanceTimersByTime(1_000);
    expect(network.socket.sent).toEqual(["a", "\0b"]);
    expect(() => me.send("a")).toThrow("This phone watches and has no seat");
    expect(() => me.emit("guess", 1)).toThrow("This phone watches and has no seat");
    await expect(me.ask("guess")).rejects.toThrow("This phone watches and has no seat");
    expect(() => me.vote("")).toThrow("A vote is text of 1 to 64 bytes");
    expect(() => me.vote("ü".repeat(33))).toThrow("A vote is text of 1 to 64 bytes");
  });

  test("comes back to watch after a lost connection", async () => {
    const { me, network, heard } = await join({ role: "audience" });
    network.socket.accept();
    jest.advanceTimersByTime(REFUSED_WITHIN_MS);
    network.socket.end(1006);
    expect(me.isConnected).toBe(false);
    jest.runOnlyPendingTimers();
    network.socket.accept();
    jest.advanceTimersByTime(REFUSED_WITHIN_MS);
    expect(heard.slice(1)).toEqual([["away"], ["back"], ["open", { isReconnect: true, isResumed: false }]]);
    expect(new URL(network.socket.url).searchParams.get("role")).toBe("audience");
  });

  test("another role than the two is refused", async () => {
    const options: JoinRoomOptions = {};
    Reflect.set(options, "role", "judge");
    await expect(join(options)).rejects.toThrow('`role` has to be "player" or "audience"; this is "judge".');
  });
});

describe("P5.7 a phone that finds the room full", () => {
  test("waits as long as it takes, hears its place, and then has its seat with what it said meanwhile", async () => {
    const { me, network, heard } = await join();
    network.socket.accept();
    network.socket.deliver(writeControl({ word: "queue", position: 3 }));
    me.send("one");
    expect([me.role, me.position, me.isConnected]).toEqual(["player", 3, false]);
    // Its line is asked now and then whether it lives, and the server says so.
    for (let second = 0; second < 300; second++) {
      jest.advanceTimersByTime(1_000);
      for (const frame of network.socket.sent.splice(0)) {
        expect(frame).toBe("\0ping");
        network.socket.deliver(writeControl({ word: "ack", count: 0 }));
      }
    }
    expect(network.sockets).toHaveLength(1);
    network.socket.deliver(writeControl({ word: "queue", position: 1 }));
    network.socket.greet({ player: 9 });
    expect([me.role, me.position, me.isConnected, me.id]).toEqual(["player", undefined, true, 9]);
    expect(network.socket.sent).toEqual(["one"]);
    expect(heard).toEqual([
      ["queue", 3],
      ["queue", 1],
      ["open", { isReconnect: false, isResumed: false }],
    ]);
  });

  test("watches where the room wants that, and sends nothing that it meant for a seat", async () => {
    const { me, network, heard } = await join({ name: "Ada", meta: { avatar: 2 } });
    me.send("one");
    network.socket.accept();
    network.socket.deliver(writeControl({ word: "role", role: "audience" }));
    expect([me.role, me.isConnected]).toEqual(["audience", true]);
    expect(me.vote("b")).toBe(true);
    network.socket.deliver("go");
    jest.advanceTimersByTime(120_000);
    expect(network.socket.sent).toEqual(["b"]);
    expect(heard).toEqual([
      ["open", { isReconnect: false, isResumed: false }],
      ["text", "go"],
    ]);
    // When it comes back a seat may be free: then it is a player, as it wanted.
    network.socket.end(1006);
    jest.runOnlyPendingTimers();
    network.socket.greet({ player: 2 });
    expect([me.role, me.id]).toEqual(["player", 2]);
    expect(network.socket.sent).toContain("one");
  });
});

test("the names of the crowd's events cannot be a game's own", async () => {
  const { room } = await openRoom();
  expect(() => room.emit("queue")).toThrow('"queue" is an event of the phone');
  expect(() => room.emit("tally")).toThrow('"tally" is an event of the TV');
});
