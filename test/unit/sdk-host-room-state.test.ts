/** What the TV says to the server for its states. */
import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { z } from "zod";
import type { CreateRoomOptions } from "../../src/sdk/create-room.ts";
import type { FakeSocket } from "../support/fake-socket.ts";
import { comeBack, commands, openRoom, state, tell, encoder } from "../support/fake-tv.ts";
import { catchReports } from "../support/reported-errors.ts";

beforeEach(() => void jest.useFakeTimers({ doNotFake: ["queueMicrotask", "nextTick"] }));
afterEach(() => void jest.useRealTimers());

function plain(_name: string, value: unknown): unknown {
  if (value instanceof Uint8Array) return new TextDecoder().decode(value);
  return value instanceof Map ? Object.fromEntries(value) : value;
}

/** What the TV has said, with data as text. */
function said(socket: FakeSocket): object[] {
  return JSON.parse(JSON.stringify(commands(socket), plain));
}

async function endTurn(): Promise<void> {
  for (let step = 0; step < 4; step++) await Promise.resolve();
}

test("P5.10.2 what was set goes before what is sent, and is saved at the end of the turn", async () => {
  const { room, network } = await openRoom();
  tell(network.socket, { cmd: "player_joined", player: 1 }, { cmd: "player_joined", player: 2 });
  room.state.set("round", 1);
  room.broadcast("go");
  room.state.set("round", 2);
  room.lock();
  room.state.set("round", 3);
  await endTurn();
  expect(said(network.socket)).toMatchObject([
    { cmd: "to_str", to: [1, 2], data: '{"cw":"state","set":{"round":1},"all":true,"v":1}', retain: "cw:state" },
    { cmd: "to_str", data: "go" },
    { cmd: "to_str", data: '{"cw":"state","set":{"round":2},"v":2}', retain: "cw:state", append: true },
    { cmd: "start" },
    { cmd: "save", received: 5 },
    { cmd: "to_str", data: '{"cw":"state","set":{"round":3},"v":3}' },
  ]);
});

test("P5.9.8 what one turn sets, in whichever states, is kept by one command: a TV that is loaded again has all of it or none", async () => {
  const { room, network } = await openRoom();
  tell(network.socket, { cmd: "player_joined", player: 1 });
  const player = room.player(1);
  player?.state.set("hand", ["A"]);
  room.state.set("words", ["CAT"]);
  player?.state.set("hand", ["B"]); // the phone is told of what came before
  player?.emit("dealt");
  room.state.set("words", ["CAT", "DOG"]);
  await endTurn();
  const saved = said(network.socket).filter((command) => JSON.stringify(command).includes('"save"'));
  expect(saved).toMatchObject([{ keys: { "p:1:hand": '["B"]', "s:words": '["CAT","DOG"]' } }]);
});

test("P5.10.2 a room of thousands is not named one by one, and a room without players is told nothing", async () => {
  const { room, network } = await openRoom();
  room.state.set("round", 1);
  await endTurn();
  expect(said(network.socket)).toMatchObject([{ cmd: "save" }]);
  network.socket.sent.length = 0;
  for (let player = 1; player <= 1_100; player++) tell(network.socket, { cmd: "player_joined", player });
  await endTurn();
  expect(said(network.socket)).toMatchObject([
    { cmd: "save", received: 1_103 },
    { cmd: "to_str", to: "everybody" },
  ]);
});

test("P5.9.8 a game that keeps its own checkpoints says in those which frames they include", async () => {
  const { room, network } = await openRoom();
  tell(network.socket, { cmd: "player_joined", player: 1 });
  room.state.set("round", 1);
  await endTurn();
  room.save({ mine: 1 });
  room.state.set("round", 2);
  await endTurn();
  const saved = said(network.socket).filter((command) => JSON.stringify(command).includes('"save"'));
  expect(saved).toMatchObject([
    { received: 4 },
    { data: '{"players":[1],"value":{"mine":1}}', received: 4 },
    { keys: { "s:round": "2" } },
  ]);
  expect(saved[2]).not.toHaveProperty("received");
});

test("P5.10.2 while the line is down, changes take no room of the outbox; back, they go once", async () => {
  const { room, network } = await openRoom({ outboxBytes: 5_000 });
  tell(network.socket, { cmd: "player_joined", player: 1 });
  room.state.set("round", 0);
  await endTurn();
  network.socket.end(1006);
  for (let round = 1; round <= 1_000; round++) {
    room.state.set("round", round);
    await endTurn();
  }
  comeBack(network, { received: 3, next: 5 }, state([1]), { cmd: "prepare_reply", key: "BCDF" });
  await endTurn();
  const texts = said(network.socket).map((command) => JSON.stringify(command));
  expect(texts.filter((text) => text.includes("1000"))).toHaveLength(2);
  expect(texts).toHaveLength(2);
});

test("P5.10.2 what a phone says of its state is no message of the game", async () => {
  const { room, network, heard } = await openRoom();
  tell(network.socket, { cmd: "player_joined", player: 1 });
  const seen: unknown[] = [];
  room.player(1)?.state.on((changes) => seen.push(changes));
  network.socket.deliver(
    encoder.seat(1).frame(new TextEncoder().encode('{"cw":"state","set":{"ready":true},"n":5}'), true),
  );
  expect(seen).toEqual([{ ready: true }]);
  expect(heard).toEqual([["join", 1]]);
  room.detach();
  expect(said(network.socket).at(-1)).toMatchObject({
    cmd: "to_str",
    data: '{"cw":"state","player":1,"set":{"ready":true},"all":true,"v":1,"n":5}',
  });
});

/** A phone sets its team, and this function is asked. */
async function askedBy(acceptPlayerState: NonNullable<CreateRoomOptions["acceptPlayerState"]>) {
  const errors = catchReports();
  const { room, network } = await openRoom({ acceptPlayerState });
  tell(network.socket, { cmd: "player_joined", player: 1 });
  network.socket.deliver(
    encoder.seat(1).frame(new TextEncoder().encode('{"cw":"state","set":{"team":"red"},"n":5}'), true),
  );
  await endTurn();
  const answers = said(network.socket).flatMap(
    (command) => z.object({ data: z.string() }).safeParse(command).data ?? [],
  );
  return { kept: room.player(1)?.state.all(), errors, answer: JSON.parse(answers.at(-1)?.data ?? "{}") };
}

describe("acceptPlayerState", () => {
  test('P5.10.2 "" refuses, with a sentence of the SDK', async () => {
    for (const blank of ["", " "]) {
      const { kept, errors, answer } = await askedBy(() => blank);
      expect([kept, errors]).toEqual([{}, []]);
      expect(answer).toEqual({ cw: "state", player: 1, set: { team: null }, error: "The TV refused this.", n: 5 });
    }
  });

  test("P5.10.2 a promise is no consent: nothing is set, the phone is told, and the developer too", async () => {
    // @ts-expect-error TypeScript would have said so.
    const { kept, errors, answer } = await askedBy(() => Promise.resolve(undefined));
    expect(kept).toEqual({});
    expect(answer).toMatchObject({ set: { team: null }, error: "The TV could not check this.", n: 5 });
    expect(errors).toMatchObject([
      { code: "invalid_argument", message: expect.stringContaining("has to answer at once") },
    ]);
  });

  test("P5.10.2 what returns nothing consents", async () => {
    expect(await askedBy(() => undefined)).toMatchObject({ kept: { team: "red" }, errors: [] });
  });
});
