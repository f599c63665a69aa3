/**
 * What each phone shows, computed from the state of the party. Each message holds a whole screen, so a phone that comes back
 * needs only the newest.
 */

/** "1 watcher", "2 watchers". */
export const plural = (count, one, many) => `${count} ${count === 1 ? one : many}`;

/** "Ada", "Ada and Bob", "Ada, Bob and Cleo". */
export function listOfNames(names) {
  return names.length < 2 ? (names[0] ?? "") : `${names.slice(0, -1).join(", ")} and ${names[names.length - 1]}`;
}

/** @param {import("./party.js").Party} party */
export function screenFor(party, person) {
  const { people } = party;
  const you = { name: person.name, face: person.face, crowns: person.crowns, score: scoreOn(party, person.id) };
  const common = { turn: party.scene, you, isFirst: person === people.first };
  return { ...common, ...contentFor(party, person) };
}

/** The rules count the votes at once; a phone shows the points of a drawing together with the TV. */
export function scoreOn({ game, isShowingScores, scoresBefore }, id) {
  if (!game) return 0;
  return game.phase === "reveal" && !isShowingScores ? (scoresBefore.get(id) ?? 0) : game.scoreOf(id);
}

function contentFor(party, person) {
  const { game, people } = party;
  const first = people.first?.name ?? "Somebody";
  if (!game) return { screen: "lobby", first, missing: party.missing, count: people.here.length };
  if (game.phase === "podium") return { first, missing: party.missing, ...podiumFor(game, person, party) };
  if (!game.has(person.id)) return { screen: "late" };

  const isDone = !game.owes(person.id);
  const waitingFor = listOfNames(game.waitingFor().map((id) => people.byId(id).name));
  switch (game.phase) {
    case "draw":
      return isDone ? { screen: "sent", waitingFor } : { screen: "draw", prompt: game.promptOf(person.id) };
    case "title":
      if (person.id === game.round.artist) return { screen: "artist", waitingFor };
      if (isDone) return { screen: "titled", title: game.round.titles.get(person.id), waitingFor };
      return { screen: "title", artist: people.byId(game.round.artist).name };
    case "vote":
      if (person.id === game.round.artist) return { screen: "artist", waitingFor };
      if (isDone) return { screen: "voted", waitingFor };
      return { screen: "vote", options: optionsFor(game, person) };
    default:
      return party.isShowingScores ? { screen: "outcome", ...game.outcomeFor(person.id) } : { screen: "watch" };
  }
}

const optionsFor = (game, person) =>
  game.round.options.map(({ text, author }, option) => ({
    option,
    text,
    isOwn: author === person.id && author !== game.round.artist,
  }));

function podiumFor(game, person, party) {
  const standing = game.standings().find(({ id }) => id === person.id);
  if (!standing) return { screen: "podium", isNew: true };
  const { rank, score } = standing;
  return { screen: "podium", rank, score, of: game.playerIds.length, endedEarly: party.endedEarly };
}
