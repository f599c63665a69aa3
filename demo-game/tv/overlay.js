import { colorOf } from "../avatar.js";
import { scoreOn } from "./phone-screens.js";

/** What the overlay of a stream shows of the game (`/overlay/CODE`): nothing that the TV does not show. */
export function createOverlay(party) {
  let shown = "";
  return {
    update() {
      const what = overlayFor(party);
      const text = JSON.stringify(what);
      if (text === shown) return;
      shown = text;
      party.room.publish("overlay", what);
    },
    /** The room is another one, whose overlay shows nothing yet. */
    again() {
      shown = "";
    },
  };
}

export function overlayFor(party) {
  const { game, people } = party;
  const players = people.seated.map((person) => {
    const { id, name, face } = person;
    // JSON leaves out what is undefined: who plays in the next game has no score yet.
    const score = game?.has(id) ? scoreOn(party, id) : undefined;
    return { name, color: colorOf(face), away: people.isAway(person), score };
  });
  return { title: titleOf(game), players, tally: tallyOf(party) };
}

function titleOf(game) {
  if (!game) return "Scrawlywags";
  if (game.phase === "draw") return "Everybody draws";
  return game.phase === "podium" ? "The podium" : `Drawing ${game.roundNumber} of ${game.roundCount}`;
}

/**
 * The watchers' votes: how many, and under the titles once the TV has shown them all. Until then players who see the stream must not learn what others take for
 * the truth. An empty list hides what the server has counted last.
 */
function tallyOf({ game, isShowingScores }) {
  if (game?.phase === "vote") {
    const votes = game.round.crowd.reduce((sum, count) => sum + count, 0);
    return { question: "Which title is the real one?", counts: [["votes so far", votes]] };
  }
  if (!isShowingScores) return { counts: [] };
  const { options, crowd } = game.round;
  return { question: "The watchers’ votes", counts: options.map(({ text }, index) => [text, crowd[index] ?? 0]) };
}
