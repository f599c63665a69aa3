/** `examples/chess` over real sockets: a page opens the room, two phones play by code, and others watch. */
import { expect } from "@jest/globals";
import { Chess } from "chess.js";
import { z } from "zod";
import { defineChess } from "../../../examples/chess/room.js";
import { MemberClient } from "../../support/member-client.ts";
import { startServer, type TestServer } from "../../support/server.ts";
import { testInProcess } from "../../support/target.ts";

const CREATED = z.looseObject({ event: z.literal("created"), code: z.string().length(4) });
const SESSION = "session-of-this-phone-";

interface Table {
  readonly server: TestServer;
  readonly tv: MemberClient;
  readonly join: (name: string, query?: string) => Promise<MemberClient>;
}

/** A room that a TV's page has opened. */
async function openTable(settings: unknown = {}): Promise<Table> {
  const server = await startServer({ openRooms: "chess", awayMs: 100 }, { rooms: [defineChess()] });
  const data = encodeURIComponent(JSON.stringify(settings));
  const tv = await MemberClient.connect(server, `CREATE?kind=chess&data=${data}`);
  const { code } = CREATED.parse(await tv.next());
  const join = (name: string, query = ""): Promise<MemberClient> =>
    MemberClient.connect(server, `${code}?role=member&name=${name}&session=${SESSION}${name}${query}`);
  return { server, tv, join };
}

/** What the room shows next of this kind, for which this is true. */
async function seen(
  member: MemberClient,
  matches: (data: Record<string, unknown>) => boolean = () => true,
  type = "game",
): Promise<Record<string, unknown>> {
  const isSo = ({ data }: Record<string, unknown>): boolean =>
    typeof data === "object" && data !== null && "type" in data && data.type === type && matches({ ...data });
  const { data } = await member.until(isSo);
  return z.record(z.string(), z.unknown()).parse(data);
}

const isPlaying = ({ phase }: Record<string, unknown>): boolean => phase === "playing";
const isOver = ({ phase }: Record<string, unknown>): boolean => phase === "over";
const say = (member: MemberClient, type: string, more = {}): void => member.say({ type, ...more });
const move = (member: MemberClient, from: string, to: string): void => say(member, "move", { from, to });

testInProcess("row 110: the first of two phones is white, and a third who scans the code watches", async () => {
  const { join, tv } = await openTable();
  const ada = await join("ada");
  await ada.event("joined");
  const ben = await join("ben");
  for (const member of [tv, ada, ben])
    expect(await seen(member, isPlaying)).toMatchObject({ white: { id: "p1", name: "ada" }, black: { name: "ben" } });
  const cleo = await join("cleo");
  expect(await cleo.event("joined")).toMatchObject({
    members: expect.arrayContaining([expect.objectContaining({ name: "cleo", role: "spectator" })]),
  });
  say(cleo, "look");
  expect(await seen(cleo)).toMatchObject({ phase: "playing" });
  move(cleo, "e2", "e4");
  expect(await seen(cleo, undefined, "refused")).toMatchObject({ code: "spectator" });
  move(ada, "e2", "e4");
  expect(await seen(cleo)).toMatchObject({ board: { moves: ["e4"] } });
});

testInProcess(
  "row 111 row 112 row 115: fool's mate ends the game, its PGN can be read, and nothing moves afterwards",
  async () => {
    const { join, tv } = await openTable();
    const ada = await join("ada");
    await seen(ada);
    const ben = await join("ben");
    await seen(ben, isPlaying);
    move(ada, "e2", "e5");
    expect(await seen(ada, undefined, "refused")).toMatchObject({ code: "illegal_move" });
    for (const [player, from, to] of [
      [ada, "f2", "f3"],
      [ben, "e7", "e5"],
      [ada, "g2", "g4"],
      [ben, "d8", "h4"],
    ] as const) {
      move(player, from, to);
      await seen(player === ada ? ben : ada, ({ board }) => JSON.stringify(board).includes(`"to":"${to}"`));
    }
    const { pgn, board } = await seen(tv, isOver);
    expect(board).toMatchObject({ result: "0-1", reason: "checkmate" });
    const read = new Chess();
    read.loadPgn(String(pgn));
    expect(read.isCheckmate()).toBe(true);
    move(ada, "a2", "a3");
    expect(await seen(ada, undefined, "refused")).toMatchObject({ code: "game_over" });
  },
);

testInProcess("row 113: without a move for all of its time the game is lost, and not before", async () => {
  const { join } = await openTable({ timeControl: { baseMs: 1_000, incrementMs: 0 } });
  const ada = await join("ada");
  await seen(ada);
  const began = performance.now();
  const ben = await join("ben");
  await seen(ben, isPlaying);
  expect(await seen(ben, isOver)).toMatchObject({ board: { result: "0-1", reason: "time" } });
  expect(performance.now() - began).toBeGreaterThanOrEqual(1_000);
});

testInProcess("row 114: a phone that is cut off is shown as away, then back, with seat and position", async () => {
  const { join } = await openTable();
  const ada = await join("ada");
  await seen(ada);
  const ben = await join("ben");
  await seen(ben, isPlaying);
  move(ada, "e2", "e4");
  await seen(ben, ({ board }) => JSON.stringify(board).includes('"e4"'));
  ben.socket.terminate();
  expect(await seen(ada, ({ black }) => JSON.stringify(black).includes('"isAway":true'))).toMatchObject({
    phase: "playing",
  });
  const back = await join("ben");
  expect(await seen(ada)).toMatchObject({ black: { name: "ben", isAway: false } });
  say(back, "look");
  expect(await seen(back, ({ black }) => JSON.stringify(black).includes('"isAway":false'))).toMatchObject({
    black: { id: "p2", name: "ben" },
    board: { moves: ["e4"], turn: "black" },
  });
  move(back, "e7", "e5");
  expect(await seen(ada)).toMatchObject({ board: { moves: ["e4", "e5"] } });
});
