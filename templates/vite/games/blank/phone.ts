/** The phone's page. It tells the TV what its player does. */
import "@couchwire/sdk/controls";
import "@couchwire/sdk/ui";
import { find } from "./find.ts";
import type { Game } from "./game.ts";
import { SERVER } from "./server.ts";

async function main(): Promise<void> {
  const me = await find("cw-join").join<Game>({ server: SERVER });
  find("cw-connection").bind(me);
  find("cw-button").bind(me, "hello");
}

void main();
