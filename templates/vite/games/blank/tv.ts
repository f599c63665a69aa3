/** The TV: the whole game. It hears what phones say, and puts into the state what all pages shall know. */
import { createRoom } from "@couchwire/sdk";
import "@couchwire/sdk/ui";
import { find } from "./find.ts";
import type { Game } from "./game.ts";
import { SERVER } from "./server.ts";

async function main(): Promise<void> {
  const room = await createRoom<Game>({
    game: "my-game",
    server: SERVER,
    joinUrl: new URL("player.html", location.href),
  });
  find("cw-connection").bind(room);
  find("cw-lobby").bind(room, { hideWhile: ({ phase }) => phase === "play" });
  find("cw-lobby").addEventListener("start", () => room.state.set("phase", "play"));

  // The state outlives a reload, so the page shows what stands in it, and nothing else.
  room.state.on("news", (news = "") => (find("h1").textContent = news));

  room.on("hello", (player, button) => {
    if (button?.down === true) room.state.set("news", `${player.name} says hello!`);
  });
}

void main();
