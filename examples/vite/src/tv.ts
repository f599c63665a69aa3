/** The TV's page: two teams pull a rope, and this page holds where it is. */
import { createRoom } from "@couchwire/sdk";
import { byId } from "./element.ts";
import { isPull, isTeam, type Screen, type Team } from "./messages.ts";
import { SERVER } from "./server.ts";

/** A team has won when each of its players has pulled this many times more than the other team's. */
const PULLS_TO_WIN = 10;

/** All of the game, as `room.save` keeps it. */
interface Game {
  readonly teams: Record<number, Team>;
  /** From -PULLS_TO_WIN, where red has won, to PULLS_TO_WIN, where blue has. */
  rope: number;
  winner: Team | null;
}

function isGame(value: unknown): value is Game {
  if (typeof value !== "object" || value === null) return false;
  const isRope = "rope" in value && typeof value.rope === "number";
  const hasTeams = "teams" in value && typeof value.teams === "object" && value.teams !== null;
  return isRope && hasTeams && "winner" in value && (value.winner === null || isTeam(value.winner));
}

async function main(): Promise<void> {
  const notice = byId("notice");
  const room = await createRoom({
    server: SERVER,
    game: "tug",
    maxPlayers: 20,
    joinUrl: new URL("player.html", location.href), // the QR code leads to this project's phone page
    onConnecting: ({ reason }) => (notice.textContent = reason),
  });
  const game: Game = isGame(room.restored) ? room.restored : { teams: {}, rope: 0, winner: null };

  const sizeOf = (team: Team): number => room.players.filter(({ id }) => game.teams[id] === team).length;

  function show(): void {
    const red = sizeOf("red");
    const blue = sizeOf("blue");
    byId("heading").textContent = game.winner === null ? "Pull!" : `Team ${game.winner} wins!`;
    byId("red").textContent = `Red: ${red}`;
    byId("blue").textContent = `Blue: ${blue}`;
    byId("knot").style.left = `${50 + (50 * game.rope) / PULLS_TO_WIN}%`;
    byId("address").textContent = room.joinUrl;
    byId("qr").innerHTML = room.qr();
    byId("again").hidden = game.winner === null;
    byId("again").focus(); // so that OK on a remote presses it
  }

  /** Shows a new state on all screens, and keeps it at the server for a TV page that is reloaded. */
  function update(): void {
    room.save(game);
    show();
    for (const player of room.players) {
      const screen: Screen = { team: game.teams[player.id] ?? "red", winner: game.winner };
      player.send(screen, { retain: "screen" });
    }
  }

  room.on("join", ({ id }) => {
    game.teams[id] = sizeOf("red") <= sizeOf("blue") ? "red" : "blue";
    update();
  });
  room.on("leave", ({ id }) => {
    delete game.teams[id];
    update();
  });
  room.on("json", ({ id }, message) => {
    const team = game.teams[id];
    if (!isPull(message) || team === undefined || game.winner !== null) return;
    game.rope += (team === "red" ? -1 : 1) / sizeOf(team);
    // Not saved: after a reload the server tells again what phones have said since the last `save`.
    if (Math.abs(game.rope) < PULLS_TO_WIN) return show();
    game.winner = team;
    update();
  });
  room.on("connecting", ({ reason }) => (notice.textContent = reason));
  room.on("reconnected", () => (notice.textContent = ""));
  room.on("reopened", update);
  room.on("close", ({ reason }) => (notice.textContent = reason));
  byId("again").addEventListener("click", () => {
    Object.assign(game, { rope: 0, winner: null });
    update();
  });
  notice.textContent = "";
  update();
}

main().catch((error: unknown) => (byId("notice").textContent = String(error)));
