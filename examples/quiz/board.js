/** What the TV shows. It reads the game and changes nothing in it. */
import { byId, element } from "./page.js";

const BUTTONS = { lobby: "Start", question: "Show the answer", reveal: "Next", end: "Play again" };

/** @param players best first, as `describe` in tv.js tells of each */
export function showBoard(room, game, players) {
  const { phase, round, deck } = game;
  const isRound = phase === "question" || phase === "reveal";
  const { ask, choices, right } = isRound ? deck[round] : { choices: [] };
  const missing = 2 - players.length;
  document.body.dataset.phase = phase;
  byId("round").textContent = isRound ? `Question ${round + 1} of ${deck.length}` : "";
  byId("heading").textContent = ask || (phase === "end" ? praise(players) : "Couch Quiz");
  byId("hint").textContent = isRound ? "" : hintFor(missing);
  byId("choices").replaceChildren(
    ...choices.map((choice) => element("li", choice, phase === "reveal" && choice !== right ? "dim" : "")),
  );
  byId("players").replaceChildren(...players.map((player) => row(player, phase)));
  byId("next").textContent = BUTTONS[phase];
  byId("next").hidden = !isRound && missing > 0;
  byId("next").focus(); // OK on the remote, or Enter, presses it
  // A long address breaks before the code, and not within it.
  const [server, code] = [room.joinUrl.replace(/^https?:\/\//, "").slice(0, -room.code.length), room.code];
  byId("address").replaceChildren(server, document.createElement("wbr"), code);
  byId("qr").innerHTML = room.qr({ border: 2 });
}

function hintFor(missing) {
  if (missing > 0) return `Two to eight players, a phone each. ${missing} more to start.`;
  return "Press OK or Enter when all are in.";
}

function praise(players) {
  const names = players.filter(({ place }) => place === 1).map(({ name }) => name);
  if (names.length === 0) return "Couch Quiz"; // all have left
  return names.length === 1 ? `${names[0]} wins!` : `${names.join(" and ")} share the win!`;
}

function row({ name, score, gain, hasAnswered, isAway }, phase) {
  const node = element("tr", "", isAway ? "away" : "");
  const note = isAway ? "away" : phase === "question" && hasAnswered ? "✓" : "";
  node.append(element("td", name), element("td", gain > 0 ? `+${gain}` : note), element("td", score));
  return node;
}
