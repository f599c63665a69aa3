import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { decode } from "cborg";
import { createHostEncoder } from "../../src/session/host-encoder.ts";
import { CouchwireError } from "../../src/sdk/couchwire-error.ts";
import { createRoom, type CreateRoomOptions } from "../../src/sdk/create-room.ts";
import { createFakeNetwork } from "../support/fake-socket.ts";
import {
  comeBack,
  commands,
  encoder,
  FRAMES_TO_OPEN,
  openRoom,
  OPTIONS,
  prepareReply,
  state,
  tell,
} from "../support/fake-tv.ts";

const utf8 = new TextEncoder();

test("a room whose queue is full of the game's frames can still save, come back and be closed", async () => {
  jest.useFakeTimers();
  const { room, network } = await openRoom({ outboxBytes: 1_000 });
  const reconnected = jest.fn();
  room.on("reconnected", reconnected);
  network.socket.end(1006);
  expect(() => {
    for (let frames = 0; frames < 100; frames++) room.broadcast("x".repeat(100));
  }).toThrow(expect.objectContaining({ code: "queue_full" }));
  room.save({ round: 1 });
  comeBack(network, {}, state([]), { cmd: "prepare_reply", key: "BCDF" });
  expect(reconnected).toHaveBeenCalledTimes(1);
  expect(commands(network.socket)).toContainEqual(expect.objectContaining({ cmd: "save" }));
  room.close();
  expect(commands(network.socket)).toContainEqual({ cmd: "stop" });
  jest.useRealTimers();
});

const fetchBefore = globalThis.fetch;

beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ["queueMicrotask", "nextTick"] });
  globalThis.fetch = () => Promise.reject(new TypeError("Failed to fetch"));
});
afterEach(() => {
  jest.useRealTimers();
  globalThis.fetch = fetchBefore;
});

describe("opening a room", () => {
  test("connects, prepares, and resolves at the reply", async () => {
    const network = createFakeNetwork();
    const creating = createRoom({ ...OPTIONS, maxPlayers: 5, WebSocket: network.WebSocket });
    await Promise.resolve(); // the line begins when the page's own code has run
    expect(network.socket.url).toMatch(/^ws:\/\/tv:8081\/CREATE\?bytes=string&state=delta&attempt=[0-9a-f]{32}\.1$/);
    expect(network.socket.protocols).toEqual([
      "couchwire.v1",
      expect.stringMatching(/^couchwire\.session\.[0-9a-f]{32}$/),
    ]);
    network.socket.accept();
    expect(network.socket.sent).toEqual([]);
    network.socket.greet();
    expect(commands(network.socket)).toEqual([
      { cmd: "prepare", max_players: 5, name: "duck", join_url: "https://duck.example/play" },
    ]);
    tell(network.socket, state([]), { cmd: "prepare_reply", key: "BCDF" });
    const room = await creating;
    expect(room).toMatchObject({ code: "BCDF", players: [], maxPlayers: 8, isOpen: true, isConnected: true });
    expect(room.joinUrl).toBe("https://duck.example/play?room=BCDF");
  });

  test("goes on trying while the server says come back", async () => {
    const network = createFakeNetwork();
    const creating = createRoom({ ...OPTIONS, WebSocket: network.WebSocket });
    await Promise.resolve(); // the line begins when the page's own code has run
    for (const code of [1006, 1013, 1012]) {
      network.socket.end(code);
      jest.runOnlyPendingTimers();
    }
    prepareReply(network.socket, "BCDF");
    await expect(creating).resolves.toMatchObject({ code: "BCDF" });
    expect(network.sockets).toHaveLength(4);
  });

  test("rejects at a final close, with the server's sentence", async () => {
    const network = createFakeNetwork();
    const creating = createRoom({ ...OPTIONS, WebSocket: network.WebSocket });
    await Promise.resolve(); // the line begins when the page's own code has run
    network.socket.end(4501, "A token is needed.");
    const error = await creating.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(CouchwireError);
    expect(error).toMatchObject({ code: 4501, closeName: "unauthorized", message: "A token is needed." });
  });

  test("rejects where the server refuses to prepare the room", async () => {
    const network = createFakeNetwork();
    const creating = createRoom({ ...OPTIONS, WebSocket: network.WebSocket });
    await Promise.resolve(); // the line begins when the page's own code has run
    network.socket.greet();
    tell(network.socket, { cmd: "error", code: "room_limit", reason: "No room is left.", in: "prepare" });
    await expect(creating).rejects.toMatchObject({ code: "room_limit", message: "No room is left." });
    expect(network.socket.readyState).toBe(2);
    expect(jest.getTimerCount()).toBe(0);
  });

  test("a signal ends the wait", async () => {
    const network = createFakeNetwork();
    const abort = new AbortController();
    const creating = createRoom({ ...OPTIONS, WebSocket: network.WebSocket, signal: abort.signal });
    await Promise.resolve(); // the line begins when the page's own code has run
    network.socket.end(1006);
    abort.abort(new Error("enough"));
    await expect(creating).rejects.toThrow("enough");
    expect(jest.getTimerCount()).toBe(0);
    await expect(createRoom({ ...OPTIONS, signal: abort.signal })).rejects.toThrow("enough");
  });

  test.each<[CreateRoomOptions, string]>([
    [{ maxPlayers: 2.5 }, "`maxPlayers` has to be a whole number such as 8; this is 2.5."],
    [{ maxPlayers: -1 }, "`maxPlayers` has to be a whole number such as 8; this is -1."],
    [{ server: "tv" }, '`server` has to be an address such as "http://192.168.1.7:8081"; this is "tv".'],
    [{ joinUrl: "player.html" }, "`joinUrl` has to be a full address"],
  ])("options that make no sense are refused: %j", async (options, message) => {
    const creating = createRoom({ ...OPTIONS, ...options });
    await Promise.resolve(); // the line begins when the page's own code has run
    await expect(creating).rejects.toThrow(message);
    await expect(creating).rejects.toMatchObject({ name: "CouchwireError", code: "invalid_argument" });
  });

  test("without a page the server has to be said", async () => {
    await expect(createRoom()).rejects.toThrow("There is no page to take the server's address from");
  });
});

describe("what players do", () => {
  test("joins and leaves are told once each, in joining order", async () => {
    const { room, network, heard } = await openRoom();
    tell(network.socket, { cmd: "player_joined", player: 1 }, state([1]));
    tell(network.socket, { cmd: "player_joined", player: 2 }, state([1, 2]));
    expect(room.players.map(Number)).toEqual([1, 2]);
    tell(network.socket, { cmd: "player_left", player: 1 }, state([2]));
    expect(room.players.map(Number)).toEqual([2]);
    expect(heard).toEqual([
      ["join", 1],
      ["join", 2],
      ["leave", 1],
    ]);
  });

  test("a player who leaves without having joined is not told", async () => {
    const { network, heard } = await openRoom();
    tell(network.socket, { cmd: "player_left", player: 9 }, state([]));
    expect(heard).toEqual([]);
  });

  test("an away player is told, stays in `players`, and is told when back; names are kept", async () => {
    const { room, network, heard } = await openRoom();
    tell(network.socket, { cmd: "player_joined", player: 1, name: "Ada" }, { cmd: "player_joined", player: 2 });
    tell(network.socket, { cmd: "player_away", player: 1 });
    expect([room.players.map(Number), [...room.away].map(Number)]).toEqual([[1, 2], [1]]);
    expect([room.nameOf(1), room.nameOf(2)]).toEqual(["Ada", undefined]);
    tell(network.socket, { cmd: "player_back", player: 1, missed: 3 }, { cmd: "gap", player: 2, lost: 4 });
    expect([...room.away]).toEqual([]);
    tell(network.socket, { cmd: "player_away", player: 1 }, { cmd: "player_left", player: 1 });
    expect([...room.away]).toEqual([]);
    expect(heard.slice(2)).toEqual([
      ["away", 1],
      ["back", 1, 3],
      ["gap", { player: 2, lost: 4, unsent: 0 }],
      ["away", 1],
      ["leave", 1],
    ]);
  });

  test("the player is in `players` when its join is told, and out when its leave is", async () => {
    const { room, network } = await openRoom();
    const seen: unknown[] = [];
    room.on("join", () => seen.push(room.players.map(Number)));
    room.on("leave", () => seen.push(room.players.map(Number)));
    tell(network.socket, { cmd: "player_joined", player: 1 }, { cmd: "player_left", player: 1 });
    expect(seen).toEqual([[1], []]);
  });

  test("text is told as text, and as JSON too where it is JSON", async () => {
    const { network, heard } = await openRoom();
    const player = encoder.seat(3);
    for (const text of ['{"x":1}', "null", "hello", ""]) network.socket.deliver(player.frame(utf8.encode(text), true));
    expect(heard).toEqual([
      ["text", 3, '{"x":1}'],
      ["json", 3, { x: 1 }],
      ["text", 3, "null"],
      ["text", 3, "hello"],
      ["text", 3, ""],
    ]);
  });

  test.each(["string", "array"] as const)(
    "binary is told as bytes of its own, also where `data` is sent as %s",
    async (bytes) => {
      const { room, network, heard } = await openRoom();
      const buffers: number[] = [];
      room.on("binary", (_player, { buffer }) => buffers.push(buffer.byteLength));
      const data = Uint8Array.from({ length: 300 }, (_, index) => index % 256);
      network.socket.deliver(createHostEncoder("cbor", bytes).seat(7).frame(data, false));
      expect(heard).toEqual([["binary", 7, data]]);
      expect(buffers).toEqual([300]);
    },
  );

  test("state is told with the room as it is", async () => {
    const { room, network } = await openRoom();
    const states: unknown[] = [];
    room.on("state", (now) => states.push({ ...now, players: now.players.map(Number) }));
    tell(network.socket, { cmd: "player_joined", player: 1 }, state([1], false));
    expect(states).toEqual([{ name: "duck", players: [1], maxPlayers: 8, isOpen: false, audience: 0, waiting: 0 }]);
    expect(room.isOpen).toBe(false);
  });

  test("P5.9.12 from a server that tells changes, state is told after each join, leave and change", async () => {
    const { room, network } = await openRoom();
    const states: unknown[] = [];
    expect(new URL(network.socket.url).searchParams.get("state")).toBe("delta");
    tell(network.socket, { cmd: "state", name: "duck", players: [], max_players: 2, accept_conns: true, delta: true });
    room.on("state", (now) => states.push({ ...now, players: now.players.map(Number) }));
    jest.advanceTimersByTime(0);
    states.length = 0;
    tell(network.socket, { cmd: "player_joined", player: 1, name: "Ada" }, { cmd: "player_joined", player: 2 });
    tell(network.socket, { cmd: "state_delta", accept_conns: false });
    tell(network.socket, { cmd: "player_left", player: 1 }, { cmd: "state_delta", name: "goose", max_players: 1 });
    const duck = { name: "duck", maxPlayers: 2, isOpen: true, audience: 0, waiting: 0 };
    expect(states).toEqual([
      { ...duck, players: [1] },
      { ...duck, players: [1, 2] },
      { ...duck, players: [1, 2], isOpen: false },
      { ...duck, players: [2], isOpen: false },
      { ...duck, name: "goose", players: [2], maxPlayers: 1, isOpen: false },
    ]);
    expect([room.players.map(Number), room.isOpen, room.maxPlayers]).toEqual([[2], false, 1]);
  });

  test("P5.9.12 a server that knows no changes tells state itself, also after one that knew them", async () => {
    const { room, network } = await openRoom();
    const states: unknown[] = [];
    tell(network.socket, { cmd: "state", name: "duck", players: [], max_players: 8, accept_conns: true, delta: true });
    network.socket.end(1006);
    comeBack(network, {}, state([]), { cmd: "prepare_reply", key: "BCDF" });
    room.on("state", (now) => states.push(now.players.map(Number)));
    jest.advanceTimersByTime(0);
    states.length = 0;
    tell(network.socket, { cmd: "player_joined", player: 1 }, state([1]));
    expect(states).toEqual([[1]]);
  });

  test("a refused command is an error event; a frame that cannot be read too; an unknown event is nothing", async () => {
    const { network, heard } = await openRoom();
    tell(network.socket, { cmd: "error", code: "invalid_field", reason: "Invalid message.", in: "kick" });
    network.socket.deliver(new Uint8Array([0xff]));
    network.socket.deliver(new Uint8Array([0xa1, 0x63, 0x63, 0x6d, 0x64, 0x61, 0x78])); // {cmd: "x"}
    expect(heard).toEqual([
      ["error", { code: "invalid_field", reason: "Invalid message.", in: "kick" }],
      ["error", { code: "invalid_message", reason: "The CBOR has a tag or an item of indefinite length." }],
    ]);
  });
});

describe("what the host does", () => {
  test("text goes as text, bytes as bytes, anything else as JSON text", async () => {
    const { room, network } = await openRoom();
    room.send(1, "hi");
    room.send([1, 2], new Uint8Array([1, 2, 3]).subarray(1));
    room.send(new Set([2]), new Uint16Array([258]).buffer);
    room.broadcast({ phase: "draw" });
    room.broadcast(null);
    expect(commands(network.socket)).toEqual([
      { cmd: "to_str", to: [1], data: utf8.encode("hi") },
      { cmd: "to", to: [1, 2], data: expect.objectContaining([2, 3]) },
      { cmd: "to", to: [2], data: expect.objectContaining([2, 1]) },
      { cmd: "to_str", to: "everybody", data: utf8.encode('{"phase":"draw"}') },
      { cmd: "to_str", to: "everybody", data: utf8.encode("null") },
    ]);
  });

  test("a frame may leave players out, replace an older one, and be retained", async () => {
    const { room, network } = await openRoom();
    room.broadcast("a", { except: [1, 2] });
    room.broadcast("b", { except: 3, volatile: true, retain: "screen" });
    expect(commands(network.socket)).toEqual([
      { cmd: "to_str", to: "everybody", data: utf8.encode("a"), except: [1, 2] },
      { cmd: "to_str", to: "everybody", data: utf8.encode("b"), except: [3], volatile: true, retain: "screen" },
    ]);
    expect(() => room.broadcast("c", { except: NaN })).toThrow("A player's id is a whole number");
  });

  test("a volatile frame may have a name, and any frame a time after which it is worth nothing", async () => {
    const { room, network } = await openRoom();
    room.send(1, "here", { volatile: "pos", ttl: 500 });
    room.broadcast("buzz", { ttl: 300 });
    const said = network.socket.sent.map((frame): unknown => (typeof frame === "string" ? frame : decode(frame)));
    expect(said).toEqual([
      { cmd: "to_str", to: [1], data: "here", volatile: "pos", ttl: 500 },
      { cmd: "to_str", to: [], data: "buzz", ttl: 300 },
    ]);
    expect(() => room.broadcast("x", { ttl: 0 })).toThrow("`ttl` has to be whole milliseconds from 1 to 3600000");
    // @ts-expect-error TypeScript would have said so.
    expect(() => room.broadcast("x", { retian: "screen" })).toThrow("Did you mean `retain`?");
    // @ts-expect-error TypeScript would have said so.
    expect(() => room.kick(1, { banned: true })).toThrow("kick has no option `banned`.");
  });

  test("while the TV's line is down the newest frame of each name is kept, and what is worth nothing any more is not sent", async () => {
    const { room, network } = await openRoom();
    network.socket.end(1006);
    for (const at of [1, 2]) for (const name of ["ball", "score"]) room.broadcast(`${name} ${at}`, { volatile: name });
    room.broadcast("buzz", { ttl: 100 });
    jest.advanceTimersByTime(5_000);
    network.socket.greet(
      { epoch: "first", received: 1, next: FRAMES_TO_OPEN + 1 },
      ...[state([]), { cmd: "prepare_reply", key: "BCDF" } as const].map((event) => encoder.event(event)),
    );
    const said = network.socket.sent.map((frame): unknown => (typeof frame === "string" ? frame : decode(frame).data));
    expect(said).toEqual(["ball 2", "score 2"]);
  });

  test("a checkpoint says how many frames it takes into account: that of the running listener with them", async () => {
    const { room, network } = await openRoom();
    room.once("text", () => room.save({ round: 1 }));
    network.socket.deliver(encoder.seat(1).frame(utf8.encode("x"), true));
    expect(commands(network.socket)).toEqual([
      { cmd: "save", data: '{"players":[],"value":{"round":1}}', received: FRAMES_TO_OPEN + 1 },
    ]);
  });

  test("an empty list is nobody, though on the wire it would be everybody", async () => {
    const { room, network } = await openRoom();
    expect(room.send([], "secret")).toBe(true);
    expect(network.socket.sent).toEqual([]);
  });

  test("lock, open and kick are commands", async () => {
    const { room, network } = await openRoom();
    room.lock();
    room.open();
    room.kick(3);
    room.kick(3, "Too loud.");
    room.kick(3, { reason: "Again.", ban: true });
    expect(commands(network.socket).slice(4)).toEqual([{ cmd: "kick", player: 3, reason: "Again.", ban: true }]);
    expect(commands(network.socket).slice(0, 4)).toEqual([
      { cmd: "start" },
      { cmd: "open" },
      { cmd: "kick", player: 3 },
      { cmd: "kick", player: 3, reason: "Too loud." },
    ]);
  });

  test.each<[unknown, unknown, string]>([
    [undefined, "x", "`to` has to be a player, an id or a list of them; this is undefined."],
    ["1", "x", '`to` has to be a player, an id or a list of them; this is "1".'],
    [[1, null], "x", "A player's id is a whole number such as 1; this is null."],
    [NaN, "x", "A player's id is a whole number such as 1"],
    [1, undefined, "Only text, bytes and what JSON can hold may be sent; this is undefined."],
    [1, () => 1, "Only text, bytes and what JSON can hold may be sent; this is function."],
    [1, new Blob(["x"]), "send(await blob.arrayBuffer())"],
  ])("what cannot be sent is an error, and nothing is sent: to %p, data %p", async (to, data, message) => {
    const { room, network } = await openRoom();
    // @ts-expect-error TypeScript would have said so.
    expect(() => room.send(to, data)).toThrow(message);
    expect(network.socket.sent).toEqual([]);
  });

  test("close ends the room for everybody, at once and once", async () => {
    const { room, network, heard } = await openRoom();
    room.close();
    room.close();
    expect(commands(network.socket)).toEqual([{ cmd: "stop" }]);
    expect(network.socket.readyState).toBe(2);
    network.socket.end(1001, "The game is done.");
    expect(heard).toEqual([["close", { code: 1001, name: "room_closed", reason: "The game is done." }]]);
    expect(room.isConnected).toBe(false);
    expect(room.send(1, "late")).toBe(false);
    expect(jest.getTimerCount()).toBe(0);
  });
});

describe("a lost connection", () => {
  test("is told, and found again it is the same room; what was sent meanwhile goes out", async () => {
    const { room, network, heard } = await openRoom();
    const retries: unknown[] = [];
    room.on("reconnecting", (retry) => retries.push(retry));
    tell(network.socket, { cmd: "player_joined", player: 1 }, state([1]));
    heard.length = 0;
    network.socket.end(1006);
    expect(retries).toMatchObject([{ attempt: 1, code: 1006 }]);
    expect(room).toMatchObject({ isConnected: false, code: "BCDF", players: [{ id: 1 }] });
    expect(room.broadcast("anybody?")).toBe(true);
    jest.runOnlyPendingTimers();
    expect(network.socket.url).toMatch(/&received=5&epoch=first&attempt=[0-9a-f]{32}\.2$/);
    const greeting = [state([1]), { cmd: "prepare_reply", key: "BCDF" } as const].map((event) => encoder.event(event));
    network.socket.greet({ epoch: "first", received: 1, next: 6 }, ...greeting);
    expect(commands(network.socket)).toEqual([{ cmd: "to_str", to: "everybody", data: utf8.encode("anybody?") }]);
    expect(heard).toEqual([["reconnected"]]);
    expect(room).toMatchObject({ isConnected: true, code: "BCDF", players: [{ id: 1 }], isRestored: false });
  });

  test("where the server could not keep all, the TV is told how much is missing, and hears who came and went", async () => {
    const { room, network, heard } = await openRoom();
    tell(network.socket, { cmd: "player_joined", player: 1 }, state([1]));
    heard.length = 0;
    comeBack(network, { next: 30, lost: 24 }, state([2]), { cmd: "prepare_reply", key: "BCDF" });
    expect(heard).toEqual([
      ["leave", 1],
      ["join", 2],
      ["reconnected"],
      ["gap", { player: undefined, lost: 24, unsent: 0 }],
    ]);
    expect(room.players.map(Number)).toEqual([2]);
  });

  test("P5.5.8 in a room that was reopened no player is away until that is told", async () => {
    const { room, network, heard } = await openRoom();
    const reply = { cmd: "prepare_reply", key: "BCDF" } as const;
    tell(network.socket, { cmd: "player_joined", player: 1 }, { cmd: "player_joined", player: 2 }, state([1, 2]));
    tell(network.socket, { cmd: "player_away", player: 1 }, { cmd: "player_away", player: 2 });
    heard.length = 0;
    comeBack(network, { epoch: "second", received: 0, next: 1 }, state([1]), reply);
    expect(heard).toEqual([
      ["leave", 2],
      ["back", 1, 0],
      ["reconnected"],
      ["gap", { player: undefined, lost: 0, unsent: 1 }],
    ]);
    expect([...room.away]).toEqual([]);
    tell(network.socket, { cmd: "player_away", player: 1 });
    expect([...room.away].map(Number)).toEqual([1]);
  });

  test("where the server knows nothing of the room, a new one is opened, and tells who is gone and the new code", async () => {
    const { room, network, heard } = await openRoom();
    tell(network.socket, { cmd: "player_joined", player: 1 }, state([1]));
    heard.length = 0;
    network.socket.end(1012, "The server is restarting.");
    room.broadcast("for the old room");
    jest.runOnlyPendingTimers();
    prepareReply(network.socket, "GHJK", "second");
    expect(commands(network.socket)).toMatchObject([{ cmd: "prepare", name: "duck" }]);
    expect(heard).toEqual([
      ["leave", 1],
      ["reopened", { code: "GHJK" }],
    ]);
    expect(room).toMatchObject({ isConnected: true, code: "GHJK", players: [] });
    expect(room.joinUrl).toBe("https://duck.example/play?room=GHJK");
  });

  test("before the room was open, `prepare` goes out once", async () => {
    const network = createFakeNetwork();
    const creating = createRoom({ ...OPTIONS, WebSocket: network.WebSocket });
    await Promise.resolve(); // the line begins when the page's own code has run
    network.socket.greet({ epoch: "first" });
    tell(network.socket, { cmd: "state", name: "", players: [], max_players: 0, accept_conns: false });
    comeBack(network, { received: 1, next: 2 }, state([]));
    expect(commands(network.socket)).toEqual([]);
    tell(network.socket, state([]), { cmd: "prepare_reply", key: "BCDF" });
    expect((await creating).isRestored).toBe(false);
  });

  test("begins its back-off anew once a room was open", async () => {
    const { room, network } = await openRoom();
    const attempts: number[] = [];
    room.on("reconnecting", ({ attempt }) => attempts.push(attempt));
    network.socket.end(1006);
    jest.runOnlyPendingTimers();
    network.socket.end(1006);
    jest.runOnlyPendingTimers();
    prepareReply(network.socket, "GHJK", "second");
    network.socket.end(1006);
    expect(attempts).toEqual([1, 2, 1]);
  });

  test("waits where the server has no room any more", async () => {
    const { room, network, heard } = await openRoom();
    network.socket.end(1006);
    jest.runOnlyPendingTimers();
    network.socket.greet({ epoch: "second" });
    const refusal = { code: "room_limit", reason: "No room is left.", in: "prepare" } as const;
    tell(network.socket, { cmd: "error", ...refusal });
    expect(heard).toEqual([["error", refusal]]);
    jest.runOnlyPendingTimers();
    network.socket.greet({ epoch: "second", received: 1, next: 2 }, encoder.event(state([])));
    expect(commands(network.socket)).toMatchObject([{ cmd: "prepare" }]);
    tell(network.socket, state([]), { cmd: "prepare_reply", key: "GHJK" });
    expect(room.code).toBe("GHJK");
  });

  test("stays lost after a final close", async () => {
    const { room, network, heard } = await openRoom();
    network.socket.end(4509, "You are connected somewhere else.");
    expect(heard).toEqual([["close", { code: 4509, name: "replaced", reason: "You are connected somewhere else." }]]);
    expect(room.isConnected).toBe(false);
    expect(network.sockets).toHaveLength(1);
  });

  test("a code that is in no table has no name", async () => {
    const { network, heard } = await openRoom();
    network.socket.end(4999, "odd");
    expect(heard).toEqual([["close", { code: 4999, name: undefined, reason: "odd" }]]);
  });
});

async function joinUrlWhere(answer: () => Promise<Response>, server = "http://localhost:8081"): Promise<string> {
  const asked: string[] = [];
  globalThis.fetch = (input) => {
    if (typeof input === "string") asked.push(input);
    return answer();
  };
  const network = createFakeNetwork();
  const creating = createRoom({ server: `${server}/`, game: "duck", WebSocket: network.WebSocket });
  await Promise.resolve(); // the line begins when the page's own code has run
  prepareReply(network.socket, "BCDF");
  const room = await creating;
  const { joinUrl } = room;
  room.close();
  expect(asked).toEqual([`${server}/api/info`]);
  expect(jest.getTimerCount()).toBe(0);
  return joinUrl;
}

describe("what phones open", () => {
  test("is where the server says it is reached", async () => {
    const joinUrl = await joinUrlWhere(async () => Response.json({ public_url: "http://192.168.1.7:8081" }));
    expect(joinUrl).toBe("http://192.168.1.7:8081/BCDF");
  });

  test.each<[string, string, boolean, string]>([
    ["the page's own", "https://party.example", false, "https://party.example"], // a proxy that names neither host nor scheme
    ["the page's own", "http://192.168.1.9:8081/tv", false, "http://192.168.1.9:8081/tv"],
    ["the configured one", "http://192.168.1.9:8081", true, "http://10.0.0.5:8081"],
    ["the server's in the network", "http://localhost:8081", false, "http://10.0.0.5:8081"],
    ["the server's in the network", "http://127.0.0.1:8081", false, "http://10.0.0.5:8081"],
    ["the server's in the network", "http://[::1]:8081", false, "http://10.0.0.5:8081"],
    ["the server's in the network", "http://tv.localhost", false, "http://10.0.0.5:8081"],
  ])("is %s on a page at %s (configured: %p)", async (_what, server, isConfigured, expected) => {
    const info = { public_url: "http://10.0.0.5:8081", public_url_configured: isConfigured };
    expect(await joinUrlWhere(async () => Response.json(info), server)).toBe(`${expected}/BCDF`);
  });

  test("follows the server's network while the room is open, on a page of the server's own machine", async () => {
    const addresses = ["http://127.0.0.1:8081", "", "http://127.0.0.1:8081", "http://192.168.1.7:8081"];
    globalThis.fetch = async () => {
      const public_url = addresses.shift() ?? "http://192.168.1.7:8081";
      if (public_url === "") throw new TypeError("Failed to fetch"); // the server restarts
      return Response.json({ public_url, public_url_configured: false });
    };
    const network = createFakeNetwork();
    const creating = createRoom({
      server: "http://127.0.0.1:8081",
      game: "duck",
      warn: () => undefined,
      WebSocket: network.WebSocket,
    });
    await Promise.resolve(); // the line begins when the page's own code has run
    prepareReply(network.socket, "BCDF");
    const room = await creating;
    const told: string[] = [];
    room.on("moved", ({ joinUrl }) => told.push(joinUrl));
    expect(room.joinUrl).toBe("http://127.0.0.1:8081/BCDF");
    await jest.advanceTimersByTimeAsync(60_000);
    expect(told).toEqual(["http://192.168.1.7:8081/BCDF"]);
    expect(room.joinUrl).toBe("http://192.168.1.7:8081/BCDF");
    room.close();
    network.socket.end(1006); // the line was dead, and one more tried to say that the room is over
    expect(jest.getTimerCount()).toBe(0);
  });

  test("is where a rescue link leads, too", async () => {
    globalThis.fetch = async () => Response.json({ public_url: "http://10.0.0.5:8081", public_url_configured: false });
    const network = createFakeNetwork();
    const creating = createRoom({ server: "https://party.example", game: "duck", WebSocket: network.WebSocket });
    await Promise.resolve(); // the line begins when the page's own code has run
    prepareReply(network.socket, "BCDF");
    const room = await creating;
    const link = room.rescue(1);
    tell(network.socket, { cmd: "rescue_reply", player: 1, url: "http://10.0.0.5:8081/BCDF?rescue=TOKEN" });
    expect(await link).toBe("https://party.example/BCDF?rescue=TOKEN");
    room.close();
  });

  test.each<[string, () => Promise<Response>]>([
    ["does not answer", () => Promise.reject(new TypeError("Failed to fetch"))],
    ["has no such path", async () => new Response("Game not found", { status: 404 })],
    ["answers with something else", async () => Response.json([1])],
    ["names no address", async () => Response.json({ public_url: "over there" })],
  ])("is the server's own address where it %s", async (_what, answer) => {
    expect(await joinUrlWhere(answer)).toBe("http://localhost:8081/BCDF");
  });

  test("the QR code of a room is that of its join address", async () => {
    const { room } = await openRoom();
    expect(room.qr({ dark: "navy" })).toContain('aria-label="QR code: https://duck.example/play?room=BCDF"');
  });
});
