import { createDeck } from "../deck.js";
import { PROMPTS } from "../prompts.js";
import { Game } from "../rules.js";
import { People } from "./people.js";

/**
 * What a TV that is loaded anew goes on with, as JSON and well under 64 KiB. The drawings are not in it: see `album.js`.
 */
/** A checkpoint of another version of this file is not for us. */
const VERSION = 1;

export function checkpointOf({ people, game, deck, step, scoresBefore, endedEarly, clock }) {
  return {
    version: VERSION,
    people: people.known,
    game: game?.state ?? null,
    prompts: deck.rest,
    step,
    scoresBefore: [...scoresBefore],
    endedEarly,
    clock: clock.state,
  };
}

/** What a party begins with: nothing, or what was saved. `clock` is for the clock's `restore`. */
export function beginningOf(saved, isAway) {
  const isOurs = saved?.version === VERSION;
  const deck = createDeck(PROMPTS, Math.random, isOurs ? saved.prompts : []);
  if (!isOurs) {
    return {
      people: new People(isAway),
      game: null,
      deck,
      step: 0,
      scoresBefore: new Map(),
      endedEarly: false,
      clock: null,
    };
  }
  const game = saved.game && Game.restore(saved.game, { deck });
  for (const id of game?.playerIds ?? []) game.setAway(id, isAway(id));
  const { step, endedEarly, clock } = saved;
  const scoresBefore = new Map(saved.scoresBefore);
  return { people: new People(isAway, saved.people), game, deck, step, scoresBefore, endedEarly, clock };
}
