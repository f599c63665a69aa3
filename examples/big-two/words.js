/** Sentences about the table that TV and phones both show. */
import { places } from "./game.js";
import { combinationOf } from "./rules.js";

/** What lies on the table, such as "Ada: a pair of 9s". `me`: the seat that is called "You". */
export function captionOf({ current, seats, turn, slept, variant, passed }, me) {
  const nameOf = (seat) => (seat === me ? "You" : seats[seat].name);
  if (current === null)
    return `${slept === null ? "" : "Time was up. "}${nameOf(turn)} ${turn === me ? "lead" : "leads"}.`;
  const others = passed.flatMap((has, seat) => (has ? [nameOf(seat)] : []));
  const passes = others.length > 0 ? ` · ${listOf(others)} passed` : "";
  return `${nameOf(current.seat)}: ${combinationOf(current.cards, variant).name}${passes}`;
}

export function listOf(names) {
  if (names.length < 2) return names.join("");
  return `${names.slice(0, -1).join(", ")} and ${names[names.length - 1]}`;
}

export const pointsOf = (points) => (points === 1 ? "1 point" : `${points} points`);

/** Who has won the game: the seats in the first place. */
export function praise({ seats, scores }) {
  const placed = places({ scores });
  const winners = seats.filter((_, seat) => placed[seat] === 1).map(({ name }) => name);
  return winners.length === 1 ? `${winners[0]} wins the game!` : `${listOf(winners)} share the win!`;
}

/** A note beside a name, such as "bot". */
export function noteOf({ isBot, isAway, hasStandIn }) {
  if (isBot) return "bot";
  if (hasStandIn) return "a bot plays";
  return isAway ? "away" : "";
}
