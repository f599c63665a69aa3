/** The TV: all draw the same, then all vote. After a reload it asks the phones for what they have drawn. */
import { createRoom } from "/sdk/couchwire.js";
import "/sdk/controls.js";
import "/sdk/ui.js";

const WORDS = ["A cat on the moon", "The worst birthday cake", "A very long dog", "Monday morning"];
const refuse = (_player, changes) => (Object.keys(changes).join() === "sheetOf" ? undefined : "The TV keeps that.");
const find = (selector) => document.querySelector(selector);

async function main() {
  const room = await createRoom({ maxPlayers: 8, acceptPlayerState: refuse });
  const { state } = room;
  const sheets = new Map();
  const artists = () => room.players.filter((player) => player.state.get("draws"));
  const isDone = () => artists().every((player) => player.isAway || player.state.has("vote"));
  const votesFor = ({ id }) => artists().filter((player) => player.state.get("vote") === id).length;

  function draw(round) {
    if (round === WORDS.length) return state.set({ phase: "end", deadline: null });
    for (const player of room.players) player.state.set({ ...(round === 0 && { score: 0 }), draws: true, vote: null });
    for (const sheet of sheets.values()) sheet.reset();
    state.set({ phase: "draw", round, word: WORDS[round], deadline: room.countdown(45_000) });
  }

  function next() {
    const { phase, round = 0 } = state.all();
    const drawings = artists().map(({ id, name }) => ({ label: name, value: id }));
    if (phase === "draw") return state.set({ phase: "vote", drawings, deadline: room.countdown(20_000) });
    if (phase === "result") return draw(round + 1);
    for (const player of artists()) player.state.update("score", (score = 0) => score + 100 * votesFor(player));
    state.set({ phase: "result", deadline: room.countdown(8_000) });
  }

  function sheetOf(player) {
    if (sheets.has(player)) return sheets.get(player);
    const article = find("section").appendChild(document.createElement("article"));
    article.innerHTML = '<cw-draw readonly ratio="4:3"></cw-draw><span></span>';
    player.ask("drawing").then((strokes) => (article.firstChild.strokes = strokes), console.warn);
    sheets.set(player, article.firstChild);
    return article.firstChild;
  }

  function show() {
    const { phase, word = "" } = state.all();
    find("h1").textContent = phase === "vote" ? `${word}: which one is the best?` : word;
    const caption = (player) => player.name + (phase === "result" ? ` +${100 * votesFor(player)}` : "");
    for (const player of artists()) sheetOf(player).nextElementSibling.replaceChildren(caption(player));
  }

  room.on("ink", (player, piece) => state.get("phase") === "draw" && sheetOf(player).add(piece));
  room.on("vote", (player, id) => {
    if (state.get("phase") !== "vote" || id === player.id) return;
    player.state.set("vote", Number(id));
    if (isDone()) next();
  });
  for (const event of ["away", "leave"]) room.on(event, () => state.get("phase") === "vote" && isDone() && next());
  room.on("leave", (player) => sheets.get(player)?.parentElement.remove());
  find("h2").textContent = room.code; // for late comers
  find("cw-lobby").bind(room, { min: 2, hideWhile: ({ phase = "end" }) => phase !== "end" });
  find("cw-lobby").addEventListener("start", () => draw(0));
  find("cw-countdown").bind(room, "deadline");
  find("cw-countdown").addEventListener("end", next);
  state.on(show);
}

main();
