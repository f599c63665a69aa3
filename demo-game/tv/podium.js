import { avatar } from "../avatar.js";
import { element } from "../element.js";
import { isLongName } from "../names.js";
import { listOfNames, plural } from "./phone-screens.js";
import { joinCard } from "./lobby.js";
import { confetti, heading, picture, points } from "./pieces.js";

/** The podium ends at this rank. Players without a point are not on it. */
const LAST_RANK = 3;
/** Up to so many steps keep their full width; up to so many leave room for the drawings beside them. */
const MOST_ROOMY = 4;
const MOST_BESIDE_THE_WALL = 5;

/** The end of a game: three steps, the other players, awards, the drawings, and how to start the next game. */
export function podiumView(party) {
  const { game } = party;
  const standings = game.standings().map(({ id, rank, score }) => {
    const { name, face } = party.people.byId(id);
    return { rank, score, name, face };
  });
  const places = standings.filter(({ rank, score }) => rank <= LAST_RANK && score > 0);
  const winners = places.filter(({ rank }) => rank === 1).map(({ name }) => name);
  const again = element("button", { class: "button start", onclick: () => party.press() });
  const hint = element("p", { class: "hint", role: "status" });

  const update = () => {
    again.textContent = party.missing > 0 ? "Back to the lobby" : "Play again";
    hint.textContent = hintFor(party);
  };
  update();

  const node = element(
    "div",
    { class: "scene podium-scene" },
    heading(winners.length > 0 ? "We have a winner!" : "The end", sentenceFor(party, winners), ...awards(party)),
    floor(party, places, standings.slice(places.length)),
    element(
      "footer",
      { class: "podium-foot" },
      joinCard(party.room),
      element("div", { class: "podium-next" }, hint, again),
    ),
    winners.length > 0 && confetti(),
  );
  return { element: node, update };
}

/** The steps, the players beside them, and the drawings if there is room. Equal ranks may need many steps, or none. */
function floor(party, places, rest) {
  const isWide = places.length > MOST_BESIDE_THE_WALL;
  const node = element(
    "div",
    { class: `podium-floor ${places.length > 0 ? "" : "is-flat"} ${isWide ? "is-wide" : ""}` },
    places.length > 0 && podium(places),
    element("div", { class: "podium-side" }, others(rest), !isWide && wall(party)),
  );
  node.style.setProperty("--steps", String(Math.max(MOST_ROOMY, places.length)));
  return node;
}

function sentenceFor(party, winners) {
  if (party.endedEarly) return "Too few players are left, so we count what there is.";
  if (winners.length === 0) return "Nobody scored. We blame the pens.";
  return winners.length === 1
    ? `All hail ${winners[0]}, the greatest scrawlywag!`
    : `${listOfNames(winners)} share the crown.`;
}

function hintFor(party) {
  const { first } = party.people;
  if (!first) return "Nobody is here just now. The sofa is yours.";
  if (party.missing > 0) return "The next game needs three players. The door is open!";
  return `Same people, new secrets: ${first.name} can start the next game.`;
}

/** The best stand highest and in the middle; equal ranks stand on equal steps. */
function podium(places) {
  const steps = places.map(({ name, face, score, rank }, index) => {
    const step = element(
      "li",
      { class: `place place-${rank}` },
      element("div", { class: "place-face" }, avatar(face, { isCrowned: rank === 1 })),
      element(
        "div",
        { class: "block" },
        element("span", { class: "place-rank", text: String(rank) }),
        element("span", { class: isLongName(name) ? "name is-long" : "name", text: name }),
        element("span", { class: "place-score", text: points(score) }),
      ),
    );
    step.style.order = String(index % 2 === 0 ? index : -index);
    return step;
  });
  const list = element("ol", { class: "podium", "aria-label": "Podium" }, ...steps);
  list.classList.toggle("is-crowded", steps.length > LAST_RANK);
  return list;
}

function others(rest) {
  if (rest.length === 0) return null;
  return element(
    "ol",
    { class: "others" },
    ...rest.map(({ name, face, score, rank }) =>
      element(
        "li",
        { class: "other" },
        element("span", { class: "rank", text: score > 0 ? String(rank) : "–" }),
        avatar(face),
        element("span", { class: "name", text: name }),
        element("span", { class: "score", text: points(score) }),
      ),
    ),
  );
}

const times = (count) => ["never", "once", "twice"][count] ?? `${count} times`;

function awards(party) {
  const { smoothestLiar, clearestArtist, crowdFavourite } = party.game.awards();
  const award = (won, title, detail) =>
    won &&
    element(
      "li",
      { class: "award" },
      avatar(party.people.byId(won.id).face),
      element(
        "div",
        {},
        element("strong", { text: title }),
        element("span", { text: detail(party.people.byId(won.id).name, won.count) }),
      ),
    );
  const list = [
    award(smoothestLiar, "Smoothest liar", (name, count) => `${name} fooled somebody ${times(count)}`),
    award(clearestArtist, "Clearest artist", (name, count) => `${name} was understood ${times(count)}`),
    award(
      crowdFavourite,
      "The crowd’s favourite",
      (name, count) => `${name} fooled ${plural(count, "watcher", "watchers")}`,
    ),
  ].filter(Boolean);
  return list.length > 0 ? [element("ul", { class: "awards", "aria-label": "Honours" }, ...list)] : [];
}

function wall(party) {
  const { drawings } = party.game;
  const isFull = drawings.length > 4;
  const node = element(
    "ul",
    { class: `wall ${isFull ? "is-full" : ""}`, "aria-label": "All drawings" },
    ...drawings.map(({ artist, truth, image }) =>
      element(
        "li",
        { class: "paper" },
        picture(image, `${truth}, by ${party.people.byId(artist).name}`),
        element("span", { text: truth }),
      ),
    ),
  );
  node.style.setProperty("--columns", String(Math.ceil(drawings.length / 2)));
  return node;
}
