/** The phone's page: it draws the state that the TV keeps, and sends the answers that are tapped. */
import { byId, gainOf } from "./page.js";

function show(me) {
  const { phase = "lobby", round = 0, ask, choices = [], right, answer, score = 0, place } = me.state.all();
  const isRound = phase === "question" || phase === "reveal";
  const choice = answer?.round === round ? answer.choice : undefined;
  const gain = gainOf({ answer, round, right });
  const verdict = gain > 0 ? "Right!" : choice ? "Not this time." : "Time is up.";
  const headings = {
    lobby: "You are in!",
    question: ask,
    reveal: verdict,
    end: place === 1 ? "You win!" : `Place ${place}`,
  };
  const sent = choice ? "Sent. Look at the TV." : "";
  const points = gain > 0 ? `${gain} points for you.` : `The answer is ${right}.`;
  const hints = { lobby: "Look at the TV.", question: sent, reveal: points, end: "Thank you for playing!" };
  document.body.dataset.phase = phase;
  byId("player").textContent = me.name;
  byId("score").textContent = `${score} points`;
  byId("heading").textContent = headings[phase];
  byId("hint").textContent = hints[phase];
  byId("choices").hidden = !isRound;
  byId("choices").options = choices.map((label) => ({ label, value: { round, choice: label } }));
  byId("choices").value = { round, choice: right || choice };
}

async function main() {
  const me = await byId("join").join();
  byId("connection").bind(me);
  byId("choices").bind(me, "answer");
  me.on("state", () => show(me)); // at first, and after every change
  show(me);
}

main().catch((error) => (byId("hint").textContent = error.message));
