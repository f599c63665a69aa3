/** The phone's page: one large button. */
import { joinRoom } from "@couchwire/sdk";
import { byId } from "./element.ts";
import { isScreen, type Pull } from "./messages.ts";
import { SERVER } from "./server.ts";

const PULL: Pull = { type: "pull" };

function main(): void {
  const me = joinRoom({ server: SERVER }); // the room is the `?room=CODE` of this page's address
  const notice = byId("notice");
  byId("pull").addEventListener("click", () => me.send(PULL));
  me.on("json", (screen) => {
    if (!isScreen(screen)) return;
    document.body.dataset.team = screen.team;
    byId("heading").textContent =
      screen.winner === null
        ? `You are in team ${screen.team}.`
        : screen.winner === screen.team
          ? "You win!"
          : "You lose.";
  });
  me.on("open", () => (notice.textContent = ""));
  me.on("connecting", ({ reason }) => (notice.textContent = reason));
  me.on("close", ({ reason }) => (notice.textContent = reason));
}

if (new URLSearchParams(location.search).has("room")) main();
else byId("notice").textContent = "Scan the code on the TV.";
