/** The TV: the whole game. It hears what phones say, and puts into the state what all pages shall know. */
import { createRoom } from "/sdk/couchwire.js";
import "/sdk/ui.js";

const find = (selector) => document.querySelector(selector);

async function main() {
  const room = await createRoom();
  find("cw-connection").bind(room);
  find("cw-lobby").bind(room, { hideWhile: ({ phase }) => phase === "play" });
  find("cw-lobby").addEventListener("start", () => room.state.set("phase", "play"));

  // The state outlives a reload, so the page shows what stands in it, and nothing else.
  room.state.on("news", (news = "") => (find("h1").textContent = news));

  room.on("hello", (player, button) => {
    if (button?.down === true) room.state.set("news", `${player.name} says hello!`);
  });
}

main();
