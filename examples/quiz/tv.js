/** The TV's page. It holds the whole game: phones show what it sends them, and tell it which answer was tapped. */
// oxlint-disable-next-line import/no-absolute-path -- the server serves the SDK there
import { createRoom } from "/sdk/couchwire.js";
import { showBoard } from "./board.js";
import { byId, notify } from "./page.js";
import { QUESTIONS } from "./questions.js";

const ROUNDS = 7;
const MIN_PLAYERS = 2;
const MAX_PLAYERS = 8;
const ANSWER_MS = 20_000;
const REVEAL_MS = 8_000;

function shuffled(list) {
  const keyed = list.map((item) => ({ item, key: Math.random() }));
  return keyed.sort((one, other) => one.key - other.key).map(({ item }) => item);
}

async function main() {
  const room = await createRoom({ maxPlayers: MAX_PLAYERS, onConnecting: ({ reason }) => notify(reason) });
  // This object is all of the game. A page that was reloaded gets its room back, and finds here what it saved last.
  const game = room.restored || { phase: "lobby", round: 0, deck: [], answers: {}, scores: {}, until: 0 };
  const question = () => game.deck[game.round];
  const scoreOf = (player) => game.scores[player] || 0;
  const hasAnswered = (player) => game.answers[player] !== undefined;

  /** 1000 points for the right answer at once, 500 for the right answer at the last moment. */
  function gainOf(player) {
    const { choice, msLeft } = game.answers[player] || {};
    return choice === question().right ? 500 + Math.round((500 * msLeft) / ANSWER_MS) : 0;
  }

  function start() {
    const deck = shuffled(QUESTIONS).slice(0, ROUNDS);
    game.deck = deck.map(({ ask, right, wrong }) => ({ ask, right, choices: shuffled([right, ...wrong]) }));
    game.scores = {};
    askQuestion(0);
  }

  function askQuestion(round) {
    // The deadline is a time of day, so it still holds after a reload.
    Object.assign(game, { phase: "question", round, answers: {}, until: Date.now() + ANSWER_MS });
  }

  function reveal() {
    Object.assign(game, { phase: "reveal", until: Date.now() + REVEAL_MS });
    for (const player of room.players) game.scores[player] = scoreOf(player) + gainOf(player);
  }

  /** The button does this, and so does the clock when the time is up. */
  function next() {
    if (game.phase === "question") reveal();
    else if (game.phase === "reveal" && game.round + 1 < game.deck.length) askQuestion(game.round + 1);
    else if (game.phase === "reveal") Object.assign(game, { phase: "end", until: 0 });
    else if (room.players.length >= MIN_PLAYERS) start();
    update();
  }

  /** Runs after every change: ends the round if it is over, saves the game, and shows it on the TV and on all phones. */
  function update() {
    // A phone that is away holds up no round.
    const here = room.players.filter((player) => !player.isAway);
    if (game.phase === "question" && here.length > 0 && here.every(hasAnswered)) reveal();
    room.save(game);
    const players = room.players.map(describe).sort((one, other) => other.score - one.score);
    showBoard(room, game, players);
    for (const player of players) {
      // The server keeps the newest frame named "screen" for each phone, and sends it again to a phone that was reloaded.
      room.send(player.id, screenOf(player), { retain: "screen" });
    }
  }

  /** All that the screens show of a player. */
  function describe(player) {
    const { id, name, isAway } = player;
    const place = 1 + room.players.filter((other) => scoreOf(other) > scoreOf(player)).length;
    const gain = game.phase === "reveal" ? gainOf(player) : 0;
    return { id, name, score: scoreOf(player), place, gain, hasAnswered: hasAnswered(player), isAway };
  }

  function screenOf(player) {
    const screen = { ...player, phase: game.phase, round: game.round };
    if (game.phase !== "question" && game.phase !== "reveal") return screen;
    const { ask, choices, right } = game.deck[game.round];
    const { choice } = game.answers[player.id] || {};
    // The right answer is told when the round is over: a guest can read everything that a phone is sent.
    return { ...screen, ask, choices, choice, ...(game.phase === "reveal" && { right }) };
  }

  room.on("join", update);
  room.on("away", update);
  room.on("back", update);
  room.on("reopened", update); // the server was restarted, and this is a new room
  room.on("moved", update); // the server has another address now
  room.on("leave", (player) => {
    delete game.answers[player];
    delete game.scores[player];
    update();
  });
  room.on("json", (player, { round, choice }) => {
    // A phone may say anything at any time: the first answer to this question counts.
    if (game.phase !== "question" || round !== game.round || !question().choices.includes(choice)) return;
    if (!hasAnswered(player)) game.answers[player] = { choice, msLeft: Math.max(0, game.until - Date.now()) };
    update();
  });
  room.on("connecting", ({ reason }) => notify(reason));
  room.on("reconnected", () => notify(""));
  room.on("close", ({ reason }) => notify(reason));
  byId("next").addEventListener("click", next);
  setInterval(() => {
    const seconds = Math.ceil((game.until - Date.now()) / 1000);
    byId("clock").textContent = game.phase === "question" ? seconds : "";
    if (game.until > 0 && seconds <= 0) next();
  }, 200);
  notify("");
  update();
}

main().catch((error) => notify(error.message));
