/**
 * Two players at one board, for as many games as they like: seats, sides, rematches, chat. Players are known by an id and a name. Like the game it knows
 * neither sockets nor timers.
 */
import { createGame, refusal } from "./game.js";

/** @typedef {import("./game.js").Color} Color */
/** @typedef {import("./game.js").Refusal} Refusal */
/** @typedef {{ id: string, name: string, isAway: boolean, wish: Color | undefined }} Player */

const SEATS = 2;
const GAINS = { "1-0": [1, 0], "0-1": [0, 1], "1/2-1/2": [0.5, 0.5] };
const CHAT_LINES = 50;

/**
 * @param {object} options
 * @param {() => number} options.now Milliseconds of a clock that never goes back.
 * @param {() => number} options.random From 0 to less than 1.
 * @param {() => Date} options.today
 * @param {import("./game.js").TimeControl | null} options.timeControl
 * @param {"first" | "draw"} options.sides Who is white in the first game where no player has wished for a side: the first who came, or one by draw.
 * @param {number} [options.claimAfterMs]
 * @param {(id: string) => number} [options.lagOf]
 */
export function createMatch({ now, random, today, timeControl, sides, claimAfterMs, lagOf = () => 0 }) {
  /** @type {Player[]} */
  let players = [];
  /** @type {Record<Color, string>} */
  let colors = { white: "", black: "" };
  /** Names of this game's players, also of one who has left. */
  let names = { white: "", black: "" };
  /** @type {ReturnType<typeof createGame> | undefined} */
  let game;
  let round = 0;
  let isCounted = true;
  /** @type {Record<string, number>} */
  let points = {};
  const wantsRematch = new Set();
  const chat = [];

  /** @param {string} id */
  const playerOf = (id) => players.find((player) => player.id === id);
  /** @param {string} id @returns {Color | undefined} */
  const colorOf = (id) => (colors.white === id ? "white" : colors.black === id ? "black" : undefined);
  const isOver = () => game === undefined || game.end !== undefined;

  /** @param {string} white @param {string} black */
  function start(white, black) {
    colors = { white, black };
    names = { white: playerOf(white).name, black: playerOf(black).name };
    round += 1;
    isCounted = false;
    wantsRematch.clear();
    const tags = {
      Event: "Casual game",
      Site: "Couchwire",
      Date: today().toISOString().slice(0, 10).replace(/-/g, "."),
      Round: String(round),
      White: names.white,
      Black: names.black,
    };
    const lagOfColor = (color) => lagOf(colors[color]);
    game = createGame({
      now,
      timeControl,
      tags,
      lagOf: lagOfColor,
      ...(claimAfterMs !== undefined && { claimAfterMs }),
    });
    for (const { id, isAway } of players) if (isAway) game.away(colorOf(id));
  }

  function startWithNewcomer() {
    const [first, second] = players;
    const isFirstWhite =
      first.wish !== undefined
        ? first.wish === "white"
        : second.wish !== undefined
          ? second.wish === "black"
          : sides === "first" || random() < 0.5;
    points = {};
    if (isFirstWhite) start(first.id, second.id);
    else start(second.id, first.id);
  }

  /** Counts the points of a game once it is over. */
  function count() {
    if (game === undefined || game.end === undefined || isCounted) return;
    isCounted = true;
    const gains = GAINS[game.end.result];
    ["white", "black"].forEach((color, index) => {
      points[colors[color]] = (points[colors[color]] ?? 0) + gains[index];
    });
  }

  /** What a message asks of the game. */
  const GAME_ACTIONS = {
    move: (color, message) => game.move(color, message),
    resign: (color) => game.resign(color),
    "offer-draw": (color) => game.offerDraw(color),
    "accept-draw": (color) => game.acceptDraw(color),
    "decline-draw": (color) => game.declineDraw(color),
    "claim-draw": () => game.claimDraw(),
    "claim-win": (color) => game.claimWin(color),
    "offer-undo": (color) => game.offerUndo(color),
    "accept-undo": (color) => game.acceptUndo(color),
    "decline-undo": (color) => game.declineUndo(color),
  };

  /** @param {Player} player */
  function rematch(player) {
    if (!isOver()) return refusal("game_runs", "The game is not over yet.");
    if (players.length < SEATS) return refusal("no_opponent", "Your opponent has left.");
    wantsRematch.add(player.id);
    if (players.every(({ id }) => wantsRematch.has(id))) start(colors.black, colors.white);
    return undefined;
  }

  return {
    /** Takes a free seat. The second player's coming starts a game. @param {string} id @param {string} name @param {Color} [wish] */
    join(id, name, wish) {
      if (playerOf(id) !== undefined || players.length >= SEATS) return;
      players.push({ id, name, wish, isAway: false });
      if (players.length === SEATS) startWithNewcomer();
    },

    /** Gives the seat up for good; a game that runs is lost. @param {string} id */
    leave(id) {
      const color = colorOf(id);
      if (playerOf(id) === undefined) return;
      if (game !== undefined && color !== undefined) game.abandon(color);
      count();
      players = players.filter((player) => player.id !== id);
      wantsRematch.clear();
    },

    /** @param {string} id @param {boolean} isAway */
    setAway(id, isAway) {
      const player = playerOf(id);
      if (player === undefined) return;
      player.isAway = isAway;
      const color = colorOf(id);
      if (game === undefined || color === undefined) return;
      if (isAway) game.away(color);
      else game.back(color);
      count();
    },

    /**
     * Does what a person asks for, or says why not.
     * @param {string} id
     * @param {{ type: string } & Record<string, unknown>} message
     * @returns {Refusal | undefined}
     */
    act(id, message) {
      const player = playerOf(id);
      if (player === undefined) return refusal("spectator", "You are watching: only the two players may do that.");
      if (message.type === "chat") {
        chat.push({ name: player.name, color: colorOf(id) ?? null, text: message.text });
        if (chat.length > CHAT_LINES) chat.shift();
        return undefined;
      }
      if (message.type === "rematch") return rematch(player);
      const action = GAME_ACTIONS[message.type];
      if (action === undefined) return refusal("unknown_action", `There is no action ${message.type}.`);
      const color = colorOf(id);
      if (game === undefined || color === undefined) return refusal("no_game", "There is no game yet.");
      const refused = action(color, message);
      count();
      return refused;
    },

    /** Ends the game if its time is up. */
    settle() {
      if (game !== undefined) game.settle();
      count();
    },

    /** Milliseconds until a clock runs out; `undefined` where none runs. */
    msUntilFlag: () => (game === undefined ? undefined : game.msUntilFlag()),

    get isPlaying() {
      return !isOver();
    },

    /** No clock runs, and both players are away: nothing would ever end this game. */
    get isDeserted() {
      return !isOver() && timeControl === null && players.every(({ isAway }) => isAway);
    },

    get pgn() {
      return game === undefined ? "" : game.pgn();
    },

    /** Everything that the pages show, as JSON. */
    view() {
      const seatOf = (color) => {
        const player = playerOf(colors[color]);
        if (game === undefined) return null;
        const { isAway } = player ?? { isAway: true };
        const id = colors[color];
        return { id, name: names[color], isAway, hasLeft: player === undefined, points: points[id] ?? 0 };
      };
      const board = game === undefined ? null : game.view();
      count();
      return {
        type: "game",
        phase: game === undefined ? "waiting" : game.end === undefined ? "playing" : "over",
        round,
        timeControl,
        waiting: players.filter(({ id }) => colorOf(id) === undefined).map(({ name }) => name),
        white: seatOf("white"),
        black: seatOf("black"),
        board,
        rematch: ["white", "black"].filter((color) => wantsRematch.has(colors[color])),
        pgn: game !== undefined && game.end !== undefined ? game.pgn() : null,
      };
    },

    get chat() {
      return chat;
    },
    colorOf,
  };
}
