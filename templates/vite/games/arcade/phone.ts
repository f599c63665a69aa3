/** The phone: the stick sends where the thumb is, and the state says how it goes. */
import { vibrate } from "@couchwire/sdk/controls";
import "@couchwire/sdk/ui";
import { find } from "./find.ts";
import type { Game } from "./game.ts";
import { SERVER } from "./server.ts";

async function main(): Promise<void> {
  const me = await find("cw-join").join<Game>({ server: SERVER });
  find("cw-connection").bind(me);
  find("cw-joystick").bind(me, "stick");
  find("html").style.background = me.color ?? "";
  me.on("star", () => vibrate(40));
  me.state.on("score", (score = 0) => (find("h1").textContent = `★ ${score}`));
}

void main();
