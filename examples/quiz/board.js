/** What the TV shows. It reads the game and changes nothing in it. */
import { byId, gainOf } from "./page.js";

const BUTTONS = { question: "Show the answer", reveal: "Next", end: "Play again" };

export function showBoard({ state, players, joinUrl }) {
  const { phase = "lobby", round, deck, ask, choices = [], right } = state.all();
  const isRound = phase === "question" || phase === "reveal";
  document.body.dataset.phase = phase;
  byId("game").hidden = phase === "lobby";
  byId("round").textContent = isRound ? `Question ${round + 1} of ${deck.length}` : "";
  byId("heading").textContent = isRound ? ask : praise(players);
  byId("hint").textContent = "";
  byId("choices").replaceChildren(
    ...(isRound ? choices : []).map((choice) => {
      const className = right === undefined ? "" : choice === right ? "right" : "dim";
      return Object.assign(document.createElement("li"), { textContent: choice, className });
    }),
  );
  byId("scores").entries = players.map((player) => {
    const { answer, score = 0 } = player.state.all();
    const gain = phase === "reveal" ? gainOf({ answer, round, right }) : 0;
    const hasAnswered = phase === "question" && answer?.round === round;
    const note = player.isAway ? "Away: " : gain > 0 ? `+${gain} ` : hasAnswered ? "✓ " : "";
    return {
      id: player.id,
      name: note + player.name,
      score,
      color: player.color,
      avatar: player.meta.avatar ?? player.id - 1,
    };
  });
  // A long address breaks before the code, and not within it.
  const [server, code] = [joinUrl.replace(/^https?:\/\//, "").slice(0, -4), joinUrl.slice(-4)];
  byId("address").replaceChildren(server, document.createElement("wbr"), code);
  byId("next").textContent = BUTTONS[phase];
  if (phase !== "lobby") byId("next").focus(); // OK on the remote, or Enter, presses it
}

function praise(players) {
  const scores = players.map((player) => player.state.get("score"));
  const names = players.filter((_, index) => scores[index] === Math.max(...scores)).map(({ name }) => name);
  if (names.length === 0) return "Couch Quiz"; // all have left
  return names.length === 1 ? `${names[0]} wins!` : `${names.join(" and ")} share the win!`;
}
