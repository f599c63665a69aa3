import { createChance } from "../chance.js";
import { createDeck } from "../deck.js";
import { PROMPTS } from "../prompts.js";
import { Game } from "../rules.js";
import { People } from "./people.js";

/** The checkpoint of the party for a TV page that is reloaded: JSON, well under 64 KiB. `album.js` keeps the drawings. */

/** A checkpoint of another version of this file is ignored. */
const VERSION = 3;

export function checkpointOf({ people, game, gameId, deck, step, scoresBefore, endedEarly, clock, chance }) {
  return {
    version: VERSION,
    people: people.known,
    game: game?.state ?? null,
    gameId,
    prompts: deck.rest,
    step,
    scoresBefore: [...scoresBefore],
    endedEarly,
    clock: clock.state,
    chance: chance?.state,
  };
}

/** The state that a party begins with: an empty one, or the checkpoint. `clock` is for the clock's `restore`. */
export function beginningOf(saved, isAway) {
  const isOurs = saved?.version === VERSION;
  const chance = createChance(isOurs ? saved.chance : undefined);
  const deck = createDeck(PROMPTS, chance.random, isOurs ? saved.prompts : []);
  if (!isOurs) {
    return {
      people: new People(isAway),
      game: null,
      gameId: 0,
      deck,
      chance,
      step: 0,
      scoresBefore: new Map(),
      endedEarly: false,
      clock: null,
    };
  }
  const game = saved.game && Game.restore(saved.game, { deck, random: chance.random });
  for (const id of game?.playerIds ?? []) game.setAway(id, isAway(id));
  const { gameId, step, endedEarly, clock } = saved;
  const scoresBefore = new Map(saved.scoresBefore);
  return {
    people: new People(isAway, saved.people),
    game,
    gameId,
    deck,
    chance,
    step,
    scoresBefore,
    endedEarly,
    clock,
  };
}
