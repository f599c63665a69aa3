/** The phone's page. It asks for a name, then shows the screens that the TV sends. */
// oxlint-disable-next-line import/no-absolute-path -- the server serves the SDK there
import { joinRoom } from "/sdk/couchwire.js";
import { byId, element, notify } from "./page.js";

function join(name) {
  sessionStorage.setItem("name", name); // so a reloaded page does not ask again
  byId("form").hidden = true;
  byId("game").hidden = false;
  const me = joinRoom({ name });
  me.on("json", (screen) => show(screen, me));
  me.on("open", () => notify(""));
  me.on("away", () => notify("The connection is lost. It comes back by itself …"));
  me.on("connecting", ({ reason }) => notify(reason));
  me.on("close", ({ reason }) => notify(reason)); // such as "The game is done."
}

function show(screen, me) {
  const { phase, round, name, score, place, ask, choices = [], choice, right, gain } = screen;
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
  byId("player").textContent = name;
  byId("score").textContent = `${score} points`;
  byId("heading").textContent = headings[phase];
  byId("hint").textContent = hints[phase];
  const buttons = choices.map((text) => {
    const isDim = right ? text !== right : choice && text !== choice;
    const button = element("button", text, `${isDim ? "dim" : ""} ${text === choice ? "mine" : ""}`);
    button.disabled = phase !== "question" || choice !== undefined;
    button.addEventListener("click", () => {
      me.send({ round, choice: text });
      show({ ...screen, choice: text }, me); // at once; the TV sends the same screen when it has heard
    });
    return button;
  });
  byId("choices").replaceChildren(...buttons);
}

byId("form").addEventListener("submit", (event) => {
  event.preventDefault();
  const name = byId("name").value.trim();
  if (name !== "") join(name);
});
const known = sessionStorage.getItem("name");
const hasCode = new URLSearchParams(location.search).has("room");
if (!hasCode) location.replace("../../"); // the server's start page asks for the code
else if (known !== null) join(known);
