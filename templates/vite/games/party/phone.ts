/** The phone: a sheet to draw on, then the names to vote for. */
import "@couchwire/sdk/controls";
import "@couchwire/sdk/ui";
import { find } from "./find.ts";
import type { Game } from "./game.ts";
import { SERVER } from "./server.ts";

async function main(): Promise<void> {
  const me = await find("cw-join").join<Game>({ server: SERVER });
  const [sheet, choice] = [find("cw-draw"), find("cw-choice")];
  find("cw-connection").bind(me);
  sheet.bind(me, "ink");
  choice.bind(me, "vote");
  me.on("drawing", () => sheet.strokes); // the TV asks

  me.state.on(() => {
    const { phase = "lobby", round = 0, word = "", drawings = [], draws, vote, sheetOf, score = 0 } = me.state.all();
    find("h1").textContent = {
      lobby: "You are in! Look at the TV.",
      draw: draws ? word : "You draw from the next word on.",
      vote: "Which one is the best?",
      result: `You have ${score} points.`,
      end: `${score} points. Thank you!`,
    }[phase];
    sheet.hidden = phase !== "draw" || !draws;
    choice.hidden = phase !== "vote" || !draws;
    choice.options = drawings.filter(({ value }) => value !== me.id);
    choice.value = vote;
    if (phase !== "draw" || !draws || sheetOf === round) return;
    me.state.set("sheetOf", round); // a reloaded phone goes on with its drawing
    sheet.reset();
  });
}

void main();
