/** The phone: shows what the TV has put into the state, and sends answers. */
import "/sdk/controls.js";
import "/sdk/ui.js";

const find = (selector) => document.querySelector(selector);

async function main() {
  const me = await find("cw-join").join();
  const [choice, text] = [find("cw-choice"), find("cw-text")];
  for (const control of [choice, text]) control.bind(me, "answer");
  find("cw-connection").bind(me);

  me.state.on(() => {
    const { phase = "lobby", ask = "", choices, right, plays, answer, score = 0 } = me.state.all();
    const isAsked = phase === "question" && plays === true;
    find("h1").textContent = {
      lobby: "You are in! Look at the TV.",
      question: isAsked ? ask : "You play from the next question on.",
      answer: `It is ${right}. You have ${score} points.`,
      end: `${score} points. Well played!`,
    }[phase];
    choice.hidden = !isAsked || !choices;
    choice.options = choices ?? [];
    choice.value = answer;
    text.hidden = !isAsked || Boolean(choices) || answer !== undefined;
    text.reset();
  });
}

main();
