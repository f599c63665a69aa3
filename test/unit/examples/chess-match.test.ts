/** Two players at one board in `examples/chess`: seats, sides, rematches, scores and chat. */
import { describe, expect, test } from "@jest/globals";
import { createMatch } from "../../../examples/chess/match.js";

type MatchOptions = Partial<Parameters<typeof createMatch>[0]>;

function newMatch(options: MatchOptions = {}): { match: ReturnType<typeof createMatch>; wait: (ms: number) => void } {
  let time = 0;
  const match = createMatch({
    now: () => time,
    random: () => 0.9,
    today: () => new Date("2026-11-29T12:00:00Z"),
    timeControl: { baseMs: 600_000, incrementMs: 5_000 },
    sides: "first",
    ...options,
  });
  return { match, wait: (ms) => (time += ms) };
}

function seated(options: MatchOptions = {}): ReturnType<typeof newMatch> {
  const table = newMatch(options);
  table.match.join("p1", "Ada");
  table.match.join("p2", "Ben");
  return table;
}

describe("row 110: sides", () => {
  test("the first who came is white, and the second one's coming starts the game", () => {
    const { match } = newMatch();
    match.join("p1", "Ada");
    expect(match.view()).toMatchObject({ phase: "waiting", waiting: ["Ada"], white: null, board: null });
    expect(match.act("p1", { type: "move", from: "e2", to: "e4" })?.code).toBe("no_game");
    match.join("p2", "Ben");
    const view = match.view();
    expect(view).toMatchObject({ phase: "playing", round: 1, white: { name: "Ada" }, black: { name: "Ben" } });
    expect(view.board?.clocks).toEqual({ white: 600_000, black: 600_000 });
  });

  test("a side that a player wishes for is its own; of two equal wishes the first counts", () => {
    const { match } = newMatch();
    match.join("p1", "Ada", "black");
    match.join("p2", "Ben", "black");
    expect(match.view()).toMatchObject({ white: { name: "Ben" }, black: { name: "Ada" } });
    const other = newMatch().match;
    other.join("p1", "Ada");
    other.join("p2", "Ben", "white");
    expect(other.view()).toMatchObject({ white: { name: "Ben" }, black: { name: "Ada" } });
  });

  test.each([
    [0.1, "Ada"],
    [0.9, "Ben"],
  ])("by draw, where the room is so, %d makes %s white", (number, white) => {
    const { match } = seated({ sides: "draw", random: () => number });
    expect(match.view().white?.name).toBe(white);
  });

  test("swap at a rematch that both want, and the points add up", () => {
    const { match } = seated();
    expect(match.act("p1", { type: "rematch" })?.code).toBe("game_runs");
    match.act("p2", { type: "resign" });
    expect(match.view()).toMatchObject({ phase: "over", white: { name: "Ada", points: 1 }, black: { points: 0 } });
    match.act("p1", { type: "rematch" });
    match.act("p1", { type: "rematch" });
    expect(match.view()).toMatchObject({ phase: "over", rematch: ["white"] });
    match.act("p2", { type: "rematch" });
    expect(match.view()).toMatchObject({
      phase: "playing",
      round: 2,
      white: { name: "Ben", points: 0 },
      black: { name: "Ada", points: 1 },
      rematch: [],
    });
    match.act("p1", { type: "move", from: "e7", to: "e5" });
    expect(match.view().board?.moves).toEqual([]);
    match.act("p2", { type: "move", from: "e2", to: "e4" });
    match.act("p2", { type: "offer-draw" });
    match.act("p1", { type: "accept-draw" });
    expect(match.view()).toMatchObject({ white: { points: 0.5 }, black: { points: 1.5 } });
    expect(match.view().pgn).toContain('[Round "2"]\n[White "Ben"]\n[Black "Ada"]\n[Result "1/2-1/2"]');
  });
});

describe("row 110: watchers", () => {
  test("do nothing in the game, and a third player gets no seat", () => {
    const { match } = seated();
    match.join("p3", "Cleo");
    for (const type of ["resign", "offer-draw", "rematch", "chat"])
      expect(match.act("p3", { type, text: "hi" })?.code).toBe("spectator");
    expect(match.act("p3", { type: "move", from: "e2", to: "e4" })?.code).toBe("spectator");
    expect(match.view().board?.moves).toEqual([]);
  });
});

describe("row 114: a player", () => {
  test("who is away is shown so, in the next game too, and comes back", () => {
    const { match, wait } = seated();
    match.setAway("p2", true);
    wait(10_000);
    expect(match.view()).toMatchObject({
      black: { isAway: true },
      board: { claimWinInMs: { white: 50_000, black: null } },
    });
    match.setAway("p2", false);
    expect(match.view()).toMatchObject({
      black: { isAway: false },
      board: { claimWinInMs: { white: null, black: null } },
    });
    match.setAway("p1", true);
    match.act("p2", { type: "resign" });
    match.act("p2", { type: "rematch" });
    match.act("p1", { type: "rematch" });
    expect(match.view().board?.claimWinInMs).toEqual({ white: 60_000, black: null });
  });

  test("who leaves for good loses the game that runs, and the next who comes starts a new one", () => {
    const { match } = seated();
    match.leave("p1");
    expect(match.view()).toMatchObject({
      phase: "over",
      white: { name: "Ada", hasLeft: true },
      board: { result: "0-1", reason: "abandonment" },
    });
    expect(match.act("p2", { type: "rematch" })?.code).toBe("no_opponent");
    match.join("p3", "Cleo");
    expect(match.view()).toMatchObject({
      phase: "playing",
      white: { name: "Ben", points: 0 },
      black: { name: "Cleo" },
    });
  });
});

test("row 113: a clock that runs out ends the game, and its points count", () => {
  const { match, wait } = seated({ timeControl: { baseMs: 60_000, incrementMs: 0 } });
  expect(match.msUntilFlag()).toBe(60_000);
  wait(60_000);
  match.settle();
  expect(match.view()).toMatchObject({ phase: "over", black: { points: 1 }, board: { result: "0-1", reason: "time" } });
});

test("chat is apart from moves, and keeps the newest fifty lines", () => {
  const { match } = seated();
  const before = match.view();
  for (let line = 1; line <= 60; line++) match.act("p2", { type: "chat", text: `line ${line}` });
  expect(match.view()).toEqual(before);
  expect(match.chat).toHaveLength(50);
  expect(match.chat.at(-1)).toEqual({ name: "Ben", color: "black", text: "line 60" });
});
