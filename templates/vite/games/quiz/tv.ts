/** The TV: the whole game. What it puts into the state is on every page at once, and there again after a reload. */
import { createRoom } from "@couchwire/sdk";
import "@couchwire/sdk/ui";
import { find } from "./find.ts";
import type { Game } from "./game.ts";
import { SERVER } from "./server.ts";

const QUESTIONS: readonly { ask: string; choices?: string[]; right: string }[] = [
  { ask: "Which planet is the largest?", choices: ["Saturn", "Jupiter", "Neptune", "Earth"], right: "Jupiter" },
  { ask: "How many hearts has an octopus?", choices: ["One", "Two", "Three", "Eight"], right: "Three" },
  { ask: "Type it in: what do bees make?", right: "Honey" },
];
const isSame = (one: unknown, other: string) => String(one).trim().toLowerCase() === other.toLowerCase();

async function main(): Promise<void> {
  const room = await createRoom<Game>({
    game: "my-game",
    server: SERVER,
    joinUrl: new URL("player.html", location.href),
    maxPlayers: 12,
    acceptPlayerState: () => "The TV alone keeps the scores.",
  });
  const { state } = room;
  const playing = () => room.players.filter((player) => player.state.get("plays"));
  const isDone = () => playing().every((player) => player.isAway || player.state.has("answer"));

  function begin(round: number): void {
    if (round === QUESTIONS.length) return state.set({ phase: "end", deadline: null });
    const { ask, choices = null } = QUESTIONS[round];
    for (const player of room.players) player.state.set({ ...(round < 1 && { score: 0 }), plays: true, answer: null });
    state.set({ phase: "question", round, ask, choices, right: null, deadline: room.countdown(20_000) });
  }

  function next(): void {
    const { phase, round = 0 } = state.all();
    const { right } = QUESTIONS[round]; // no phone is told before
    if (phase === "answer") return begin(round + 1);
    const winners = playing().filter((player) => isSame(player.state.get("answer"), right));
    for (const winner of winners) winner.state.update("score", (score = 0) => score + 100);
    state.set({ phase: "answer", right, deadline: room.countdown(6_000) });
  }

  function show(): void {
    const { ask = "", choices, right } = state.all();
    const given = playing().flatMap((player) => player.state.get("answer") ?? []);
    const share = (text: string) => given.filter((answer) => isSame(answer, text)).length / given.length || 0;
    const bar = (text: string) =>
      `<p class="${text === right ? "right" : ""}" style="--share: ${share(text)}">${text}</p>`;
    find("h1").textContent = ask;
    find("section").innerHTML = (choices ?? [right ?? `${given.length} answers`]).map(bar).join("");
  }

  // A late comer waits for the next question, and the first answer counts.
  room.on("answer", (player, answer) => {
    if (state.get("phase") !== "question" || !player.state.get("plays") || player.state.has("answer")) return;
    player.state.set("answer", String(answer).slice(0, 30));
    show();
    if (isDone()) next();
  });
  for (const event of ["away", "leave"] as const)
    room.on(event, () => state.get("phase") === "question" && isDone() && next());
  for (const name of ["cw-leaderboard", "cw-qr"] as const) find(name).bind(room);
  find("cw-lobby").bind(room, { hideWhile: ({ phase }) => phase === "question" || phase === "answer" });
  find("cw-lobby").addEventListener("start", () => begin(0));
  find("cw-countdown").bind(room, "deadline");
  find("cw-countdown").addEventListener("end", next);
  state.on(show);
}

void main();
