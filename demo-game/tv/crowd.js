import { element } from "../element.js";
import { listOfNames, plural } from "./phone-screens.js";

/**
 * The watchers: phones without a seat. All of them are told the same, and the server counts their votes. They vote as the players do, for the honour alone.
 */
export const MOST_WATCHERS = 500;

/** It is said again so often, for watchers that have come since. */
const AGAIN_MS = 3_000;

/** The vote that is on, by a name that no other vote of this room has; `null` where there is none. */
export const voteOf = ({ game, gameId }) => (game?.phase === "vote" ? `${gameId} ${game.roundNumber}` : null);

const sumOf = (counts) => counts.reduce((sum, count) => sum + count, 0);

/** Tells the watchers what they show, and opens a poll for each vote. */
export function createCrowd(party) {
  const { room } = party;
  let told = "";
  let watchers = 0;
  setInterval(() => room.audience > 0 && room.emitToAudience("crowd", messageFor(party)), AGAIN_MS);
  /** Nothing yet: a poll that this page opened before it was loaded again may be open. */
  let poll;

  return {
    update() {
      const vote = voteOf(party);
      if (vote !== poll) {
        poll = vote;
        room.poll(vote ?? undefined);
      }
      const message = messageFor(party);
      const text = JSON.stringify(message);
      // The first watcher is told at once.
      if (room.audience > 0 && (text !== told || room.audience > watchers)) {
        told = text;
        room.emitToAudience("crowd", message);
      }
      watchers = room.audience;
    },
  };
}

/** What a watcher's phone shows. The votes are in it by option, for phones that have voted. */
function messageFor(party) {
  const { game, gameId, room } = party;
  if (!game) return { screen: "lobby", isFull: room.players.length >= room.maxPlayers };
  const turn = `${gameId} ${game.roundNumber}`;
  const { round } = game;
  switch (game.phase) {
    case "vote":
      return { screen: "vote", turn, options: round.options.map(({ text }) => text), counts: round.crowd };
    case "reveal":
      return party.isShowingScores ? { screen: "verdict", turn, ...verdictOf(party) } : { screen: "watch", turn };
    case "podium":
      return { screen: "podium", turn, ...podiumOf(party) };
    default:
      return { screen: "watch", turn };
  }
}

function verdictOf({ game: { round }, people }) {
  const { options, crowd } = round;
  const truth = options.findIndex(({ isTruth }) => isTruth);
  const authors = options.map(({ author }) => (author === null ? null : people.byId(author).name));
  return { truth, title: options[truth].text, authors, found: crowd[truth] ?? 0, votes: sumOf(crowd) };
}

function podiumOf({ game, people }) {
  const winners = game.standings().filter(({ rank, score }) => rank === 1 && score > 0);
  const { crowdFavourite } = game.awards();
  return {
    winners: listOfNames(winners.map(({ id }) => people.byId(id).name)),
    favourite: crowdFavourite && people.byId(crowdFavourite.id).name,
  };
}

/** How the watchers' vote goes, without what they chose. */
export function crowdVotes({ room, game }) {
  const votes = sumOf(game.round.crowd);
  const watchers = Math.max(room.audience, votes); // who has left after voting counts
  return watchers > 0 ? `${votes} of ${plural(watchers, "watcher has", "watchers have")} voted too.` : "";
}

/** How many watch and how many wait for a seat. */
export function crowdNote(room) {
  const node = element("p", { class: "crowd-note" });
  return {
    element: node,
    update() {
      const { audience, waiting } = room;
      const parts = [
        audience > 0 && plural(audience, "is watching", "are watching"),
        waiting > 0 && plural(waiting, "waits for a seat", "wait for a seat"),
      ].filter(Boolean);
      node.textContent = parts.length > 0 ? `${parts.join(", ")}.` : "";
      node.hidden = parts.length === 0;
    },
  };
}
