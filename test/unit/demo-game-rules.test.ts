/** The demo game's rules, without a browser. They are plain JavaScript, so what is used of them is typed here. */
import { beforeAll, describe, expect, test } from "@jest/globals";

type Id = string;
type Answer = { ok: true } | { ok: false; reason: string };
interface Step {
  kind: "fib" | "truth" | "ignored";
  text?: string;
  author?: Id | null;
  voters?: Id[];
  points?: number;
  watchers?: number;
  fibs?: { text: string; author: Id | null; watchers: number }[];
}
interface GameState {
  phase: string;
  round: { artist: Id; truth: string; options: { text: string; author: Id | null; isTruth: boolean }[] };
  roundCount: number;
  promptOf(id: Id): string;
  scoreOf(id: Id): number;
  draw(id: Id, image: unknown): Answer;
  title(id: Id, text: string): Answer;
  vote(id: Id, option: unknown): Answer;
  crowd(counts: readonly (number | undefined)[]): void;
  leave(id: Id): void;
  setAway(id: Id, isAway: boolean): void;
  owes(id: Id): boolean;
  waitingFor(): Id[];
  isDone: boolean;
  isDeserted: boolean;
  state: object;
  advance(): void;
  revealSteps(): Step[];
  outcomeFor(id: Id): { points: number; found: boolean; fooled: number; recognised: number };
  standings(): { id: Id; score: number; rank: number }[];
  awards(): Record<"smoothestLiar" | "clearestArtist" | "crowdFavourite", { id: Id; count: number } | null>;
  tooFew: boolean;
}
interface Deck {
  deal(count: number): string[];
  readonly rest?: readonly string[];
}
interface Rules {
  Game: {
    new (setup: { players: readonly Id[]; deck: Deck; random?: () => number }): GameState;
    restore(state: unknown, setup: { deck: Deck; random?: () => number }): GameState;
  };
  createDeck(prompts: readonly string[], random?: () => number, pile?: readonly string[]): Deck;
  tidyTitle(text: string): string;
  essence(text: string): string;
  TITLE_LENGTH: number;
  MIN_OPTIONS: number;
  POINTS: { found: number; recognised: number; fooled: number };
}

const PLAYERS = ["ada", "bob", "cleo", "dan"] as const;
const HOUSE = ["a house fib", "another house fib", "a third house fib"];

let rules: Rules;
let prompts: string[];

beforeAll(async () => {
  const folder = new URL("../../demo-game/", import.meta.url);
  const modules: Partial<Rules>[] = [];
  for (const name of ["rules.js", "deck.js", "titles.js", "outcome.js"]) {
    modules.push(await import(new URL(name, folder).href));
  }
  rules = Object.assign({}, ...modules);
  ({ PROMPTS: prompts } = await import(new URL("prompts.js", folder).href));
});

/** A deck that deals the players' prompts first (`ada's secret`, …), then what the house makes up. */
function stackedDeck(players: readonly Id[]): Deck {
  const pile = [...players.map((player) => `${player}'s secret`), ...HOUSE];
  return {
    deal: (count) => Array.from({ length: count }, (_, index) => pile.shift() ?? HOUSE[index % HOUSE.length] ?? ""),
  };
}

const random = (): number => 0.999_999;

/** A game in which everybody has drawn and the first drawing is on show. */
function atFirstTitle(players: readonly Id[] = PLAYERS): GameState {
  const game = new rules.Game({ players, deck: stackedDeck(players), random });
  for (const player of players) game.draw(player, `${player}'s picture`);
  game.advance();
  return game;
}

const optionOf = (game: GameState, text: string): number =>
  game.round.options.findIndex((option) => option.text === text);

const othersThan = (game: GameState, players: readonly Id[] = PLAYERS): Id[] =>
  players.filter((player) => player !== game.round.artist);

describe("titles", () => {
  test("are made equal in case and ending, so that typing gives no author away", () => {
    expect(rules.tidyTitle("  The  LAST\n Potato... ")).toBe("the last potato");
    expect(rules.tidyTitle("x".repeat(99))).toHaveLength(rules.TITLE_LENGTH);
    expect(rules.tidyTitle("🦀".repeat(99))).toBe("🦀".repeat(rules.TITLE_LENGTH));
  });

  test("mean the same whatever their articles, accents and commas", () => {
    expect(rules.essence("The Café, a Bär!")).toBe(rules.essence("cafe bar"));
    expect(rules.essence("a cat")).not.toBe(rules.essence("a hat"));
    expect(rules.essence("the")).not.toBe(rules.essence("a"));
    expect(rules.essence("🦀")).not.toBe(rules.essence("🐙"));
  });

  test("are refused when they are the truth, another's, or nothing", () => {
    const game = atFirstTitle();
    const [one = "", other = ""] = othersThan(game);
    expect(game.title(one, `The ${game.round.truth.toUpperCase()}!`)).toMatchObject({ ok: false });
    expect(game.title(one, " ... ")).toMatchObject({ ok: false });
    expect(game.title(one, "a teapot")).toEqual({ ok: true });
    expect(game.title(other, "The Teapot")).toMatchObject({ ok: false });
    expect(game.title(one, "the teapot")).toEqual({ ok: true });
    expect(game.title(game.round.artist, "a kettle")).toMatchObject({ ok: false });
    expect(game.title("stranger", "a kettle")).toMatchObject({ ok: false });
  });

  test("are filled up by the house when few were written", () => {
    const game = atFirstTitle();
    game.advance();
    expect(game.round.options).toHaveLength(rules.MIN_OPTIONS);
    expect(game.round.options.filter(({ isTruth }) => isTruth)).toHaveLength(1);
    expect(game.round.options.filter(({ author }) => author === null).map(({ text }) => text)).toEqual(
      expect.arrayContaining(HOUSE),
    );
  });
});

describe("votes", () => {
  test("are refused for one's own fib, for what is no option, and from the artist", () => {
    const game = atFirstTitle();
    const [one = "", other = ""] = othersThan(game);
    game.title(one, "a teapot");
    game.title(other, "a kettle");
    game.advance();
    expect(game.vote(one, optionOf(game, "a teapot"))).toMatchObject({ ok: false });
    for (const option of [99, -1, 0.5, "1e0", "length", null, undefined, {}]) {
      expect(game.vote(one, option)).toMatchObject({ ok: false });
    }
    expect(game.vote(game.round.artist, 0)).toMatchObject({ ok: false });
    expect(game.vote(one, optionOf(game, "a kettle"))).toEqual({ ok: true });
  });

  test("bring points to the finder and the artist, or to the one who fooled", () => {
    const game = atFirstTitle();
    const { found, recognised, fooled } = rules.POINTS;
    const { artist, truth } = game.round;
    const [finder = "", liar = "", victim = ""] = othersThan(game);
    game.title(liar, "a teapot");
    game.title(finder, "a kettle");
    game.advance();
    game.vote(finder, optionOf(game, truth));
    game.vote(liar, optionOf(game, "a kettle"));
    game.vote(victim, optionOf(game, "a teapot"));
    game.advance();
    expect(game.scoreOf(finder)).toBe(found + fooled);
    expect(game.scoreOf(artist)).toBe(recognised);
    expect(game.scoreOf(liar)).toBe(fooled);
    expect(game.scoreOf(victim)).toBe(0);
    for (const id of PLAYERS) expect(game.outcomeFor(id).points).toBe(game.scoreOf(id));
  });
});

describe("the reveal", () => {
  test("tells first what nobody believed, then the fibs by success, then the truth", () => {
    const game = atFirstTitle();
    const [one = "", two = "", three = ""] = othersThan(game);
    game.title(one, "a teapot");
    game.title(two, "a kettle");
    game.title(three, "a jug");
    game.advance();
    game.vote(one, optionOf(game, "a kettle"));
    game.vote(two, optionOf(game, "a teapot"));
    game.vote(three, optionOf(game, "a kettle"));
    game.advance();
    const steps = game.revealSteps();
    expect(steps.map(({ kind }) => kind)).toEqual(["ignored", "fib", "fib", "truth"]);
    expect(steps[0]?.fibs).toEqual([{ text: "a jug", author: three, watchers: 0 }]);
    expect(steps[1]).toMatchObject({ text: "a teapot", author: one, voters: [two] });
    expect(steps[2]).toMatchObject({ text: "a kettle", author: two, voters: [one, three] });
    expect(steps[3]).toMatchObject({ author: game.round.artist, voters: [], points: 0 });
  });

  test("gives nobody points for the house's fibs", () => {
    const game = atFirstTitle();
    const [one = ""] = othersThan(game);
    game.advance();
    game.vote(
      one,
      game.round.options.findIndex(({ author }) => author === null),
    );
    game.advance();
    expect(PLAYERS.map((id) => game.scoreOf(id))).toEqual([0, 0, 0, 0]);
    expect(game.revealSteps().find(({ kind }) => kind === "fib")).toMatchObject({ author: null, points: 0 });
  });
});

describe("the watchers' votes", () => {
  test("are told with each title, earn no points, and make the liar that most fell for their favourite", () => {
    const game = atFirstTitle();
    const { truth } = game.round;
    const [one = "", two = "", three = ""] = othersThan(game);
    game.title(one, "a teapot");
    game.title(two, "a kettle");
    game.crowd([9, 9, 9, 9]); // too early
    game.advance();
    const votes: Record<string, number> = { [truth]: 7, "a teapot": 2, "a kettle": 3 };
    game.crowd(game.round.options.map(() => 1));
    game.crowd(game.round.options.map(({ text }) => votes[text]));
    game.vote(three, optionOf(game, "a teapot"));
    // A page that is loaded again goes on with them.
    const again = rules.Game.restore(JSON.parse(JSON.stringify(game.state)), { deck: stackedDeck(PLAYERS) });
    for (const now of [game, again]) {
      now.advance();
      now.crowd([9, 9, 9, 9]); // too late
      const steps = now.revealSteps();
      expect(steps[0]?.fibs).toContainEqual({ text: "a kettle", author: two, watchers: 3 });
      expect(steps.slice(1)).toEqual([
        expect.objectContaining({ text: "a teapot", watchers: 2 }),
        expect.objectContaining({ text: truth, watchers: 7 }),
      ]);
      expect(PLAYERS.filter((id) => now.scoreOf(id) > 0)).toEqual([one]);
      expect(now.awards().crowdFavourite).toEqual({ id: two, count: 3 });
    }
  });
});

describe("a game", () => {
  test("shows every drawing once and ends on the podium", () => {
    const game = atFirstTitle();
    const shown: Id[] = [];
    while (game.phase !== "podium") {
      if (game.phase === "title") shown.push(game.round.artist);
      game.advance();
    }
    expect(shown.toSorted()).toEqual([...PLAYERS]);
  });

  test("passes over players who drew nothing, and ends at once without any drawing", () => {
    const game = new rules.Game({ players: PLAYERS, deck: stackedDeck(PLAYERS) });
    game.draw("bob", "bob's picture");
    game.advance();
    expect(game.roundCount).toBe(1);
    expect(game.round.artist).toBe("bob");
    const idle = new rules.Game({ players: PLAYERS, deck: stackedDeck(PLAYERS) });
    idle.advance();
    expect(idle.phase).toBe("podium");
  });

  test("waits for the players who are present, and for no others", () => {
    const game = new rules.Game({ players: PLAYERS, deck: stackedDeck(PLAYERS) });
    game.draw("ada", "ada's picture");
    game.leave("bob");
    expect(game.waitingFor()).toEqual(["cleo", "dan"]);
    expect(game.draw("bob", "bob's picture")).toMatchObject({ ok: false });
    for (const id of ["cleo", "dan"]) game.draw(id, `${id}'s picture`);
    expect(game.waitingFor()).toEqual([]);
    game.advance();
    expect(game.waitingFor()).not.toContain(game.round.artist);
    expect(game.waitingFor()).not.toContain("bob");
  });

  test("does not wait for away players, but lets them act as soon as they are back", () => {
    const game = new rules.Game({ players: PLAYERS, deck: stackedDeck(PLAYERS) });
    game.setAway("bob", true);
    for (const id of ["ada", "cleo"]) game.draw(id, `${id}'s picture`);
    expect(game.waitingFor()).toEqual(["dan"]);
    expect(game.isDone).toBe(false);
    game.draw("dan", "dan's picture");
    expect(game.isDone).toBe(true);
    expect(game.owes("bob")).toBe(true);
    game.setAway("bob", false);
    expect(game.isDone).toBe(false);
    expect(game.draw("bob", "bob's picture")).toEqual({ ok: true });
    expect(game.isDone).toBe(true);
  });

  test("leaves time to those who are all away at once, and keeps their places", () => {
    const game = atFirstTitle();
    for (const id of othersThan(game)) game.setAway(id, true);
    expect(game.waitingFor()).toEqual([]);
    expect(game.isDone).toBe(false);
    expect(game.isDeserted).toBe(false);
    game.setAway(game.round.artist, true);
    expect(game.isDeserted).toBe(true);
    expect(game.tooFew).toBe(false);
  });

  test("goes on from its state as JSON in the midst of every phase as if nothing had been", () => {
    const deck = stackedDeck(PLAYERS);
    const reload = (game: GameState): GameState => {
      const json: unknown = JSON.parse(JSON.stringify(game.state));
      return rules.Game.restore(json, { deck, random });
    };
    let game = new rules.Game({ players: PLAYERS, deck, random });
    for (const id of PLAYERS) {
      game.draw(id, `${id}'s picture`);
      game = reload(game);
    }
    game.advance();
    const { found, recognised, fooled } = rules.POINTS;
    const { artist, truth } = game.round;
    const [liar = "", finder = "", late = ""] = othersThan(game);
    game.title(liar, "a teapot");
    game = reload(game);
    expect(game.title(finder, "The Teapot")).toMatchObject({ ok: false });
    game.advance();
    game.setAway(late, true);
    game.vote(finder, optionOf(game, truth));
    game = reload(game);
    expect(game.waitingFor()).toEqual([liar]);
    expect(game.vote(late, optionOf(game, "a teapot"))).toEqual({ ok: true });
    game.advance();
    game = reload(game);
    expect(game.scoreOf(finder)).toBe(found);
    expect(game.scoreOf(artist)).toBe(recognised);
    expect(game.scoreOf(liar)).toBe(fooled);
    const shown = [artist];
    while (game.phase !== "podium") {
      game.advance();
      game = reload(game);
      if (game.phase === "title") shown.push(game.round.artist);
    }
    expect(shown.toSorted()).toEqual([...PLAYERS]);
  });

  test("goes on with two and not with one", () => {
    const game = atFirstTitle();
    game.leave("ada");
    game.leave("bob");
    expect(game.tooFew).toBe(false);
    game.leave("cleo");
    expect(game.tooFew).toBe(true);
    game.advance();
    expect(game.phase).toBe("podium");
  });

  test("takes nothing that comes in the wrong phase", () => {
    const game = new rules.Game({ players: PLAYERS, deck: stackedDeck(PLAYERS) });
    expect(game.title("ada", "a teapot")).toMatchObject({ ok: false });
    expect(game.vote("ada", 0)).toMatchObject({ ok: false });
    const later = atFirstTitle();
    expect(later.draw("ada", "late")).toMatchObject({ ok: false });
  });

  test("ranks the best first, shares ranks, and honours only who stands out", () => {
    const game = atFirstTitle();
    const { artist, truth } = game.round;
    game.advance();
    for (const id of othersThan(game)) game.vote(id, optionOf(game, truth));
    game.advance();
    const standings = game.standings();
    expect(standings[0]).toEqual({ id: artist, score: 3 * rules.POINTS.recognised, rank: 1 });
    expect(standings.slice(1).map(({ rank }) => rank)).toEqual([2, 2, 2]);
    expect(game.awards()).toEqual({
      clearestArtist: { id: artist, count: 3 },
      smoothestLiar: null,
      crowdFavourite: null,
    });
  });
});

describe("prompts", () => {
  test("are many, short and all different", () => {
    expect(prompts.length).toBeGreaterThanOrEqual(200);
    expect(new Set(prompts.map((prompt) => rules.essence(prompt))).size).toBe(prompts.length);
    for (const prompt of prompts) expect(rules.tidyTitle(prompt)).toBe(prompt);
  });

  test("come again only after all of them have come", () => {
    const deck = rules.createDeck(prompts);
    const dealt = deck.deal(prompts.length);
    expect(new Set(dealt).size).toBe(prompts.length);
    expect(deck.deal(1)).toHaveLength(1);
  });

  test("that are left in the deck go on after a reload", () => {
    const deck = rules.createDeck(prompts);
    const dealt = deck.deal(100);
    const reloaded = rules.createDeck(prompts, Math.random, [...(deck.rest ?? [])]);
    expect(new Set([...dealt, ...reloaded.deal(prompts.length - 100)]).size).toBe(prompts.length);
  });

  test("may be few: then the house has nothing to add", () => {
    const game = new rules.Game({ players: ["ada", "bob", "cleo"], deck: rules.createDeck(["a cat"]) });
    game.draw("ada", "ada's picture");
    game.advance();
    game.advance();
    expect(game.round.options.map(({ text }) => text)).toEqual(["a cat"]);
  });
});
