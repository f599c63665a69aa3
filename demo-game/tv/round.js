import { avatar } from "../avatar.js";
import { drawing, element } from "../element.js";
import { blots } from "../ink.js";
import { crowdVotes } from "./crowd.js";
import { awaySign, exhibit, heading, lineUp, timer } from "./pieces.js";

/** The scenes in which players act: draw, write a title, vote. */

const SCRIBBLE =
  '<svg xmlns="http://www.w3.org/2000/svg" class="scribble" viewBox="0 0 100 80" aria-hidden="true">' +
  '<path pathLength="1" d="M12 50C20 14 34 16 32 40C30 62 46 66 50 38C54 12 68 14 66 40C64 64 82 62 88 28" fill="none" stroke-width="6" stroke-linecap="round"/></svg>';
const TICK =
  '<svg xmlns="http://www.w3.org/2000/svg" class="tick" viewBox="0 0 100 80" aria-hidden="true">' +
  '<path d="M24 42L44 62L80 18" fill="none" stroke-width="13" stroke-linecap="round" stroke-linejoin="round"/></svg>';

const SVG = "http://www.w3.org/2000/svg";

function inkSheet() {
  const sheet = document.createElementNS(SVG, "svg");
  sheet.setAttribute("class", "ink");
  sheet.setAttribute("viewBox", "0 0 100 80");
  sheet.setAttribute("aria-hidden", "true");
  return sheet;
}

/** Adds the blots that are new, so that only those appear with a splash, and takes those away that were undone. */
function pour(card, colors, seed) {
  const sheet = card.querySelector(".ink");
  const ink = colors.join();
  if (sheet.dataset.ink === ink) return;
  const kept = (sheet.dataset.ink || "").split(",").filter(Boolean).map(Number);
  sheet.dataset.ink = ink;
  card.classList.toggle("has-ink", colors.length > 0);
  const isMore = kept.length <= colors.length && kept.every((color, index) => colors[index] === color);
  const all = drawing(`<svg xmlns="${SVG}">${blots(colors, seed)}</svg>`);
  if (isMore) sheet.append(...[...all.children].slice(kept.length));
  else sheet.replaceChildren(...all.children);
}

export function drawView(party) {
  const clock = timer();
  const easels = element("ul", { class: "easels", "aria-label": "Players" });
  const cards = new Map(
    party.game.playerIds.map((id) => {
      const person = party.people.byId(id);
      const card = element(
        "li",
        { class: "easel" },
        avatar(person.face),
        element("div", { class: "paper easel-sheet" }, drawing(SCRIBBLE), inkSheet(), drawing(TICK), awaySign()),
        element("span", { class: "plate name", text: person.name }),
      );
      return [id, card];
    }),
  );
  easels.append(...cards.values());
  easels.style.setProperty("--columns", String(cards.size > 4 ? Math.ceil(cards.size / 2) : cards.size));
  easels.dataset.many = String(cards.size > 4);

  const update = () => {
    clock.update(party.clock);
    for (const [id, card] of cards) {
      const isPresent = party.game.isPresent(id);
      card.classList.toggle("is-gone", !isPresent);
      card.classList.toggle("is-away", isPresent && party.game.isAway(id));
      card.classList.toggle("is-done", isPresent && !party.game.owes(id));
      pour(card, party.ink.get(id) || [], Number(id));
    }
  };
  update();
  const head = heading("Draw!", "Your secret is on your phone. Show it to nobody.", clock.element);
  return { element: element("div", { class: "scene" }, head, easels), update };
}

export function titleView(party) {
  const { game, people } = party;
  const clock = timer();
  const others = game.playerIds.filter((id) => id !== game.round.artist);
  const line = lineUp(party, others);
  const artist = people.byId(game.round.artist).name;
  const update = () => {
    clock.update(party.clock);
    line.update();
  };
  clock.update(party.clock);
  const head = heading("What is it?", null, clock.element);
  const side = element(
    "div",
    { class: "side side-title" },
    element("p", { class: "big-call", text: `Everyone but ${artist}: make up a title.` }),
    element("p", { class: "call", text: "The others should take it for the real one." }),
    line.element,
  );
  return {
    element: element("div", { class: "scene" }, head, element("div", { class: "show" }, exhibit(party), side)),
    update,
  };
}

export function voteView(party) {
  const { game } = party;
  const clock = timer();
  const line = lineUp(
    party,
    game.playerIds.filter((id) => id !== game.round.artist),
  );
  const { options } = game.round;
  const list = element(
    "ol",
    { class: "options", "aria-label": "Titles" },
    ...options.map(({ text }) => element("li", { class: "paper option", text })),
  );
  list.style.setProperty("--count", String(options.length));
  list.classList.toggle("is-long", options.length >= 5);
  list.classList.toggle("is-longest", options.length >= 6);
  const watchers = element("p", { class: "call crowd-call" });
  const update = () => {
    clock.update(party.clock);
    line.update();
    const votes = crowdVotes(party);
    if (watchers.textContent !== votes) watchers.textContent = votes;
  };
  update();
  const head = heading("Spot the truth", null, line.element, clock.element);
  head.firstElementChild.append(watchers);
  return {
    element: element("div", { class: "scene" }, head, element("div", { class: "show" }, exhibit(party), list)),
    update,
  };
}
