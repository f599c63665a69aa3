/** A phone is a stick and a button. What it shows of the match is in the state that the TV keeps. */
// oxlint-disable import/no-absolute-path, import/no-unassigned-import -- the server serves the SDK there
import "/sdk/controls.js";
import "/sdk/ui.js";

const find = (selector) => document.querySelector(selector);
const HINTS = { lobby: "You are in. The TV starts the match.", over: "That was it!" };

async function main() {
  const me = await find("cw-join").join();
  find("main").hidden = false;
  find("cw-connection").bind(me);
  find("cw-joystick").bind(me, "stick");
  find("cw-button").bind(me, "fire");
  find("#again").addEventListener("click", () => me.emit("again"));

  function show() {
    const { phase = "lobby", score = 0, health = 3 } = me.state.all();
    document.body.style.setProperty("--cw-accent", me.color);
    document.body.dataset.phase = phase;
    find("#name").textContent = me.name;
    find("#score").textContent = String(score);
    find("#health").textContent = "●".repeat(health) + "○".repeat(3 - health);
    find("#health").setAttribute("aria-label", `Health ${health} of 3`);
    find("#hint").textContent = health === 0 ? "Wrecked! Back in a moment …" : HINTS[phase] || "";
    find("#again").hidden = phase !== "over";
  }
  me.on("state", show);
  me.on("buzz", (what) => navigator.vibrate?.(what === "wreck" ? [80, 40, 160] : 50));
  show();
}

main().catch((error) => (document.body.textContent = error.message));
