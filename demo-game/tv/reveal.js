import { avatar, colorOf } from "../avatar.js";
import { element } from "../element.js";
import { POINTS } from "../outcome.js";
import { plural } from "./phone-screens.js";
import { confetti, exhibit, heading, nameTag, points } from "./pieces.js";

/** The reveal: the author of each title, the players that chose it, and its points. */

export function revealView(party) {
  const step = party.game.revealSteps()[party.step];
  const side = step.kind === "ignored" ? ignoredFibs(party, step) : oneTitle(party, step);
  const node = element(
    "div",
    { class: "scene" },
    heading(headingOf(step)),
    element("div", { class: "show" }, exhibit(party), side),
    step.kind === "truth" && confetti(),
  );
  return { element: node, update() {} };
}

function headingOf(step) {
  if (step.kind === "truth") return "The truth!";
  return step.kind === "ignored" ? "Nice try" : "Who fell for it?";
}

function ignoredFibs(party, { fibs }) {
  const isCrowdFooled = fibs.some(({ watchers }) => watchers > 0);
  return element(
    "div",
    { class: "side side-ignored" },
    element("p", {
      class: "big-call",
      text: `${isCrowdFooled ? "No player" : "Nobody"} fell for ${fibs.length === 1 ? "this one" : "these"}.`,
    }),
    element(
      "ul",
      { class: "ignored" },
      ...fibs.map(({ text, author, watchers }) =>
        element(
          "li",
          { class: "paper option" },
          element("q", { text }),
          watchers > 0 && element("span", { class: "crowd-votes", text: crowdSays(watchers, "fell for it") }),
          element("span", { class: "by" }, ...byline(party, author)),
        ),
      ),
    ),
  );
}

const crowdSays = (watchers, what) => `${plural(watchers, "watcher", "watchers")} ${what}`;

function oneTitle(party, { kind, text, author, voters, points: earned, watchers }) {
  const isTruth = kind === "truth";
  const fell = isTruth ? "found it" : "fell for it";
  const people = voters.map((id) => party.people.byId(id));
  const verdict = people.length === 0 ? element("p", { class: "call", text: "Nobody found it!" }) : null;
  return element(
    "div",
    { class: `side side-reveal is-${kind}` },
    element("p", { class: "paper verdict", text }),
    element(
      "section",
      { class: "voters", "aria-label": `Who ${fell}` },
      verdict ??
        element(
          "ul",
          { class: "line-up" },
          ...people.map((person, index) => {
            const tag = nameTag(person);
            if (isTruth) tag.append(element("span", { class: "earned", text: `+${points(POINTS.found)}` }));
            tag.style.setProperty("--late", `${0.7 + index * 0.25}s`);
            return tag;
          }),
        ),
      people.length > 0 && element("p", { class: "call", text: fell }),
      watchers > 0 && element("p", { class: "call crowd-votes", text: crowdSays(watchers, fell) }),
    ),
    element(
      "p",
      { class: "author" },
      element("span", { class: "plate" }, ...byline(party, author, isTruth)),
      earned > 0 && element("span", { class: "earned", text: `+${points(earned)}` }),
    ),
  );
}

function byline(party, author, isTruth = false) {
  if (author === null) return [element("span", { class: "name", text: "The house made that up" })];
  const { name, face } = party.people.byId(author);
  return [avatar(face), element("span", { class: "name", text: isTruth ? `drawn by ${name}` : `${name}’s fib` })];
}

/** The score table. Its bars grow from the points before this drawing to those after it. */
export function scoresView(party) {
  const { game, people, scoresBefore } = party;
  const standings = game.standings();
  const most = Math.max(1, standings[0].score);
  const rows = standings.map(({ id, score, rank }, index) => {
    const gained = score - (scoresBefore.get(id) ?? 0);
    const bar = element("div", { class: score > 0 ? "bar" : "bar is-empty" });
    bar.style.setProperty("--from", String((scoresBefore.get(id) ?? 0) / most));
    bar.style.setProperty("--to", String(score / most));
    const { name, face } = people.byId(id);
    bar.style.background = colorOf(face);
    const row = element(
      "li",
      { class: "score-row" },
      element("span", { class: "rank", text: String(rank) }),
      avatar(face),
      element("span", { class: "name", text: name }),
      element(
        "div",
        { class: "track" },
        bar,
        element("span", { class: "gained", hidden: gained === 0, text: `+${points(gained)}` }),
      ),
      element("span", { class: "score", text: points(score) }),
    );
    row.style.setProperty("--late", `${index * 0.08}s`);
    return row;
  });
  const sentence =
    game.roundNumber < game.roundCount
      ? `Drawing ${game.roundNumber} of ${game.roundCount} is done.`
      : "That was the last drawing!";
  const table = element(
    "ol",
    { class: `scores ${rows.length <= 4 ? "is-roomy" : ""}`, "aria-label": "Scores" },
    ...rows,
  );
  return { element: element("div", { class: "scene" }, heading("Scores", sentence), table), update() {} };
}
