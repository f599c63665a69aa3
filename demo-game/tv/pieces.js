import { avatar } from "../avatar.js";
import { element, sheet } from "../element.js";
import { lettering } from "../lettering.js";
import { isLongName } from "../names.js";
import { album } from "./album.js";

/** Parts that several scenes of the TV are made of. */

/** A heading in marker letters, a sentence below it, and an element on the right, such as a timer. */
export function heading(words, sentence, ...right) {
  const title = element("h1", { class: "heading-letters" }, lettering(words));
  const text = element(
    "div",
    { class: "heading-text" },
    title,
    sentence && element("p", { class: "call", text: sentence }),
  );
  return element("header", { class: "heading" }, text, ...right);
}

/** The ring that empties, with the seconds in it. */
export function timer() {
  const seconds = element("span", { class: "timer-seconds" });
  const node = element("div", { class: "timer", role: "timer" }, seconds);
  let shown = null;
  return {
    element: node,
    update(clock) {
      node.style.setProperty("--share", clock.share.toFixed(3));
      const left = Math.ceil(clock.secondsLeft);
      if (left === shown) return;
      shown = left;
      node.setAttribute("aria-label", `${left} seconds left`);
      node.classList.toggle("is-short", left <= 10);
      seconds.replaceChildren(lettering(String(left), { calm: true }));
    },
  };
}

/** The sign on the face of an away player. */
export const awaySign = () => element("span", { class: "away-sign", text: "away" });

/** Avatar with the name under it. */
export function nameTag(person, { badge, isAway = false } = {}) {
  return element(
    "li",
    { class: `name-tag ${isLongName(person.name) ? "is-long" : ""} ${isAway ? "is-away" : ""}` },
    element(
      "div",
      { class: "name-tag-face" },
      avatar(person.face),
      badge && element("span", { class: "badge", text: badge }),
      isAway && awaySign(),
    ),
    element("span", { class: "name", text: person.name }),
  );
}

/** The players that have something to do, with a tick on those that are done. */
export function lineUp(party, ids) {
  const node = element("ul", { class: "line-up", "aria-label": "Players" });
  node.dataset.many = String(ids.length > 5);
  let shown = "";
  const update = () => {
    const { game } = party;
    const states = ids.map((id) => {
      const isGone = !game.isPresent(id);
      const owes = game.owes(id);
      const isAway = !isGone && game.isAway(id);
      return { id, isGone, isAway, isDone: !isGone && !owes, isWaiting: owes && !isAway };
    });
    const now = JSON.stringify(states);
    if (now === shown) return; // a new element would restart the animation with each tick of the clock
    shown = now;
    node.replaceChildren(
      ...states.map(({ id, isGone, isAway, isDone, isWaiting }) => {
        const tag = nameTag(party.people.byId(id), { badge: isDone ? "✓" : "", isAway });
        tag.classList.toggle("is-gone", isGone);
        tag.classList.toggle("is-waiting", isWaiting);
        return tag;
      }),
    );
  };
  update();
  return { element: node, update };
}

/** A drawing as the phone sent it. */
export const picture = (image, description) => sheet(album.urlOf(image), description);

/** The drawing on show, taped to the wall, with its artist's name. */
export function exhibit(party) {
  const { round, roundNumber, roundCount } = party.game;
  const artist = party.people.byId(round.artist);
  return element(
    "figure",
    { class: "exhibit" },
    element("div", { class: "paper sheet" }, picture(round.image, `Drawing by ${artist.name}`)),
    element(
      "figcaption",
      { class: "plate" },
      avatar(artist.face),
      element("span", { class: "name", text: artist.name }),
      element("span", { class: "count", text: `${roundNumber} of ${roundCount}` }),
    ),
  );
}

const CONFETTI = 70;
const CONFETTI_COLORS = ["#ff5a45", "#ffc933", "#2fbf8f", "#3b9bff", "#a56bff", "#fffdf6"];

/** Multiples of an irrational number spread evenly: they look random and are the same every time. */
const spread = (index, step) => (index * step) % 1;

/** Confetti. */
export function confetti() {
  const bits = Array.from({ length: CONFETTI }, (_, index) => {
    const bit = element("i");
    bit.style.setProperty("--x", `${(spread(index, 0.618) * 100).toFixed(1)}%`);
    bit.style.setProperty("--late", `${(spread(index, 0.377) * 1.6).toFixed(2)}s`);
    bit.style.setProperty("--rest", `${(spread(index, 0.83) * 3 + 0.6).toFixed(1)}rem`);
    bit.style.setProperty("--turn", `${Math.round(spread(index, 0.71) * 900 - 450)}deg`);
    bit.style.setProperty("--long", `${(2.4 + spread(index, 0.53) * 2).toFixed(2)}s`);
    bit.style.background = CONFETTI_COLORS[index % CONFETTI_COLORS.length];
    return bit;
  });
  return element("div", { class: "confetti", "aria-hidden": "true" }, ...bits);
}

export const points = (number) => number.toLocaleString("en");
