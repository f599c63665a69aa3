/** The TV's page. All of the game stands in the room's state: phones draw it, and a reloaded page goes on from it. */
// oxlint-disable-next-line import/no-absolute-path -- the server serves the SDK there
import { createRoom } from "/sdk/couchwire.js";
import { showBoard } from "./board.js";
import { byId, gainOf } from "./page.js";
import { QUESTIONS } from "./questions.js";

const ROUNDS = 7;
const MIN_PLAYERS = 2;
/** `?seconds=60` in the page's address gives more time for each question. */
const ANSWER_MS = 1000 * (Number(new URLSearchParams(location.search).get("seconds")) || 20);
const REVEAL_MS = ANSWER_MS * 0.4;

const scoreOf = (player) => player.state.get("score") || 0;

function shuffled(list) {
  const keyed = list.map((item) => ({ item, key: Math.random() }));
  return keyed.sort((one, other) => one.key - other.key).map(({ item }) => item);
}

async function main() {
  const room = await createRoom({
    maxPlayers: 8,
    acceptPlayerState: () => "The TV alone keeps the scores.",
    onConnecting: ({ reason }) => (byId("hint").textContent = reason),
  });
  const { state } = room;
  const question = () => QUESTIONS[state.get("deck")[state.get("round")]];
  const hasAnswered = (player) => player.state.get("answer")?.round === state.get("round");
  const placeOf = (player) => 1 + room.players.filter((other) => scoreOf(other) > scoreOf(player)).length;

  function start() {
    for (const player of room.players) player.state.set({ score: 0, answer: null });
    state.set("deck", shuffled([...QUESTIONS.keys()]).slice(0, ROUNDS));
    askQuestion(0);
  }

  function askQuestion(round) {
    state.set("round", round);
    const { ask, right, wrong } = question();
    // The right answer is told when the round is over: a guest can read all of the state.
    const choices = shuffled([right, ...wrong]);
    state.set({ phase: "question", ask, choices, right: null, until: room.countdown(ANSWER_MS) });
  }

  function reveal() {
    state.set({ phase: "reveal", right: question().right, until: room.countdown(REVEAL_MS) });
    for (const player of room.players) {
      player.state.set("score", scoreOf(player) + gainOf({ ...player.state.all(), ...state.all() }));
    }
  }

  function end() {
    state.set({ phase: "end", until: null });
    for (const player of room.players) player.state.set("place", placeOf(player));
  }

  /** The buttons do this, and so does the clock when the time is up. */
  function next() {
    const { phase, round } = state.all();
    if (phase === "question") reveal();
    else if (phase === "reveal" && round + 1 < ROUNDS) askQuestion(round + 1);
    else if (phase === "reveal") end();
    else if (room.players.length < MIN_PLAYERS) state.set("phase", "lobby");
    else start();
    update();
  }

  /** Runs after every change: ends the round if it is over, and shows the game on the TV. */
  function update() {
    // A phone that is away holds up no round.
    const here = room.players.filter((player) => !player.isAway);
    if (state.get("phase") === "question" && here.length > 0 && here.every(hasAnswered)) reveal();
    showBoard(room);
  }

  room.on("answer", (player, answer) => {
    // A phone may say anything at any time: the first answer to this question counts.
    const { round, choice } = answer ?? {};
    const { phase, choices, until } = state.all();
    if (phase !== "question" || round !== state.get("round") || !choices.includes(choice) || hasAnswered(player))
      return;
    // 1000 points for the right answer at once, 500 for the right answer at the last moment.
    const worth = 500 + Math.round((500 * Math.max(0, until - room.now())) / ANSWER_MS);
    player.state.set("answer", { round, choice, worth });
    update();
  });
  for (const event of ["join", "leave", "away", "back", "profile", "moved", "reopened"]) room.on(event, update);
  for (const id of ["corner", "connection"]) byId(id).bind(room);
  byId("lobby").bind(room, { min: MIN_PLAYERS, hideWhile: ({ phase = "lobby" }) => phase !== "lobby" });
  byId("clock").bind(room, "until");
  byId("lobby").addEventListener("start", next);
  byId("next").addEventListener("click", next);
  setInterval(() => {
    if (state.has("until") && room.now() >= state.get("until")) next();
  }, 200);
  update();
}

main().catch((error) => (byId("hint").textContent = error.message));
