/** What the phones and the overlay of the demo game are told, worked out from real rules and real people. */
import { beforeAll, expect, test } from "@jest/globals";

interface Game {
  phase: string;
  round: { artist: number; options: { text: string; isTruth: boolean }[] };
  draw(id: number, image: string): unknown;
  vote(id: number, option: number): unknown;
  crowd(counts: readonly number[]): void;
  advance(): void;
  scoreOf(id: number): number;
  revealSteps(): unknown[];
}
interface Person {
  readonly id: number;
}
interface People {
  readonly first: Person;
  byId(id: number): Person;
  welcome(id: number, hello: object): void;
}
interface Party {
  readonly game: Game;
  readonly people: People;
  readonly scene: string;
  readonly isShowingScores: boolean;
  readonly scoresBefore: ReadonlyMap<number, number>;
}

const PLAYERS = [1, 2, 3];

let screenFor: (party: Party, person: Person) => { screen: string; you: { score: number }; points?: number };
let overlayFor: (party: Party) => { tally: object; players: object[] };
let createGame: () => Game;
let createPeople: () => People;

beforeAll(async () => {
  const folder = new URL("../../demo-game/", import.meta.url);
  const load = async (name: string) => import(new URL(name, folder).href);
  const { Game } = await load("rules.js");
  const { People } = await load("tv/people.js");
  ({ screenFor } = await load("tv/phone-screens.js"));
  ({ overlayFor } = await load("tv/overlay.js"));
  createGame = () => new Game({ players: PLAYERS, deck: { deal: (count: number) => Array(count).fill("a secret") } });
  createPeople = () => new People(() => false);
});

/** All but the artist are to say which title is the real one. */
function atVote(): Omit<Party, "isShowingScores"> {
  const people = createPeople();
  for (const id of PLAYERS) people.welcome(id, { name: `Player ${id}` });
  const game = createGame();
  for (const id of PLAYERS) game.draw(id, `player ${id}`);
  game.advance();
  game.advance();
  const scoresBefore = new Map(PLAYERS.map((id) => [id, game.scoreOf(id)]));
  return { game, people, scene: "vote 1", scoresBefore };
}

/** All but the artist have found the truth, and the TV begins to tell so. */
function atReveal(): Omit<Party, "isShowingScores"> {
  const party = atVote();
  const { game } = party;
  const truth = game.round.options.findIndex(({ isTruth }) => isTruth);
  for (const id of PLAYERS) game.vote(id, truth);
  game.advance();
  return { ...party, scene: "reveal 1.0" };
}

test("a phone does not show the points of a drawing before the TV has told them", () => {
  const party = atReveal();
  expect(party.game.phase).toBe("reveal");
  for (const id of PLAYERS) {
    expect(party.game.scoreOf(id)).toBeGreaterThan(0);
    const watching = screenFor({ ...party, isShowingScores: false }, party.people.byId(id));
    expect(watching).toMatchObject({ screen: "watch", you: { score: 0 } });
    const told = screenFor({ ...party, isShowingScores: true }, party.people.byId(id));
    expect(told).toMatchObject({ screen: "outcome", you: { score: party.game.scoreOf(id) } });
  }
});

test("a stream does not show what watchers vote for before the TV has told it", () => {
  const party = atVote();
  const { game, people } = party;
  expect(game.phase).toBe("vote");
  const titles = game.round.options.map(({ text }) => text);
  const votes = titles.map((_, index) => index + 1);
  game.crowd(votes);
  const seenBy = (isShowingScores: boolean): object => overlayFor({ ...party, people, isShowingScores }).tally;
  const sum = votes.reduce((all, count) => all + count, 0);
  expect(seenBy(false)).toEqual({ question: "Which title is the real one?", counts: [["votes so far", sum]] });
  game.advance();
  expect(game.phase).toBe("reveal");
  expect(seenBy(false)).toEqual({ counts: [] });
  expect(seenBy(true)).toMatchObject({ counts: titles.map((title, index) => [title, votes[index]]) });
});
