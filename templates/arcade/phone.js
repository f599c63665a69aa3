/** The phone: the stick sends where the thumb is, and the state says how it goes. */
import { vibrate } from "/sdk/controls.js";
import "/sdk/ui.js";

const find = (selector) => document.querySelector(selector);

async function main() {
  const me = await find("cw-join").join();
  find("cw-connection").bind(me);
  find("cw-joystick").bind(me, "stick");
  find("html").style.background = me.color ?? "";
  me.on("star", () => vibrate(40));
  me.state.on("score", (score = 0) => (find("h1").textContent = `★ ${score}`));
}

main();
