/** What the phones of the demo game are told, worked out from real rules and real people. */
import { beforeAll, expect, test } from "@jest/globals";

interface Game {
  phase: string;
  round: { artist: number; options: { isTruth: boolean }[] };
  draw(id: number, image: string): unknown;
  vote(id: number, option: number): unknown;
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
let createGame: () => Game;
let createPeople: () => People;

beforeAll(async () => {
  const folder = new URL("../../demo-game/", import.meta.url);
  const load = async (name: string) => import(new URL(name, folder).href);
  const { Game } = await load("rules.js");
  const { People } = await load("tv/people.js");
  ({ screenFor } = await load("tv/phone-screens.js"));
  createGame = () => new Game({ players: PLAYERS, deck: { deal: (count: number) => Array(count).fill("a secret") } });
  createPeople = () => new People(() => false);
});

/** All but the artist have found the truth, and the TV begins to tell so. */
function atReveal(): Omit<Party, "isShowingScores"> {
  const people = createPeople();
  for (const id of PLAYERS) people.welcome(id, { name: `Player ${id}` });
  const game = createGame();
  for (const id of PLAYERS) game.draw(id, `player ${id}`);
  game.advance();
  game.advance();
  const scoresBefore = new Map(PLAYERS.map((id) => [id, game.scoreOf(id)]));
  const truth = game.round.options.findIndex(({ isTruth }) => isTruth);
  for (const id of PLAYERS) game.vote(id, truth);
  game.advance();
  return { game, people, scene: "reveal 1.0", scoresBefore };
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
