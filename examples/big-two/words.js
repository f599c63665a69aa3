/** Sentences about the table that TV and phones both show. */
import { combinationOf } from "./rules.js";

/** What lies on the table, such as "Ada: a pair of 9s". */
export function captionOf(table) {
  const { current, seats, turn, slept, variant, phase, passed } = table;
  if (phase === "lobby") return "";
  const nameOf = (seat) => seats[seat].name;
  if (current === null) return slept === null ? `${nameOf(turn)} leads.` : `Time was up. ${nameOf(turn)} leads.`;
  const { name } = combinationOf(current.cards, variant);
  const others = passed.flatMap((has, seat) => (has ? [nameOf(seat)] : []));
  const passes = others.length > 0 ? ` · ${listOf(others)} passed` : "";
  return `${nameOf(current.seat)}: ${name}${passes}`;
}

export function listOf(names) {
  if (names.length < 2) return names.join("");
  return `${names.slice(0, -1).join(", ")} and ${names[names.length - 1]}`;
}

/** Who has won the game: the seats in the first place. */
export function praise({ seats, places }) {
  const winners = seats.filter((_, seat) => places[seat] === 1).map(({ name }) => name);
  return winners.length === 1 ? `${winners[0]} wins the game!` : `${listOf(winners)} share the win!`;
}

/** A note beside a name, such as "bot". */
export function noteOf({ isBot, isAway, hasStandIn }) {
  if (isBot) return "bot";
  if (hasStandIn) return "a bot plays";
  return isAway ? "away" : "";
}
