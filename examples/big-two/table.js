/** One table: which members sit at it, the game that they play, deadlines, and bots for empty seats and for players that are away. */
import { createBot } from "./bot.js";
import {
  createGame,
  MAX_PLAYERS,
  MIN_PLAYERS,
  nextHand,
  pass,
  play,
  playForSleeper,
  publicVariant,
  publicView,
  seededRandom,
  shuffledDeck,
} from "./game.js";
import { DEFAULT_OPTIONS } from "./options.js";

/**
 * @typedef {import("couchwire").Member} Member
 * @typedef {import("couchwire").GameRoom} GameRoom
 * @typedef {ReturnType<typeof createTable>} Table
 */

const BOT_NAMES = ["Mei", "Bao", "Lin", "Tao", "Yun", "Hua", "Jun", "Ping"];
const ALONE = "Two to four can play. Add bots, or let more phones join.";

/** A table that waits for its options, which may seat bots. @param {GameRoom} room */
export function createTable(room) {
  let options = DEFAULT_OPTIONS;
  let random = unguessable();
  /** The spectator whose page opened the room. It may do all that players may, except play. */
  let tv;
  /** By seat, while a game is on. @type {Member[]} */
  let seats = [];
  /** `undefined` in the lobby. */
  let game;
  /** Counts what happens in the game, so that an answer can say what it answers. */
  let move = 0;
  /** When the turn or the pause is over, of `performance.now()`. */
  let endsAt = 0;
  /** The seat whose time was over, so that the server made the last move. @type {number | null} */
  let slept = null;
  /** Members whose seats are played by bots. @type {Set<Member>} */
  const replaced = new Set();

  const isPlaying = () => game !== undefined && game.phase !== "game-over";
  /** The members with a seat in the room, in the order in which they came. */
  const players = () => room.members.filter(({ role }) => role === "member");

  // The game.

  function begin() {
    const { variant, score, until, hands } = options;
    seats = players().slice(0, MAX_PLAYERS);
    const deck = shuffledDeck(random);
    game = createGame({ players: seats.length, deck, variant, score, until, hands });
    tellSeats();
    startHand(game);
    for (const member of seats) if (member.isAway) awaitReturn(member);
  }

  function dealNext() {
    const outcome = nextHand(game, shuffledDeck(random));
    if (outcome.ok) startHand(outcome.game);
  }

  function startHand(dealt) {
    game = dealt;
    slept = null;
    for (const seat of seats.keys()) tellHand(seat);
    goOn(dealt);
  }

  /** The game has changed: all are told, and the clock begins anew. `seat`: whose hand has changed. */
  function goOn(changed, seat) {
    game = changed;
    move += 1;
    if (seat !== undefined) tellHand(seat);
    const isTurn = game.phase === "playing";
    const ms = 1000 * (isTurn ? options.turnSeconds : options.pauseSeconds);
    endsAt = performance.now() + ms;
    if (game.phase === "game-over") room.cancel("clock");
    else room.after("clock", ms, isTurn ? timeIsUp : dealNext);
    tell();
  }

  function timeIsUp() {
    slept = game.turn;
    goOn(playForSleeper(game, options.onTimeout), slept);
  }

  // Bots.

  function addBot() {
    const taken = new Set(room.members.map(({ name }) => name));
    const name = BOT_NAMES.find((each) => !taken.has(each));
    return room.addBot(createBot({ name, thinkMs: options.thinkMs }));
  }

  function awaitReturn(member) {
    room.after(`seat of ${member.id}`, options.takeoverSeconds * 1000, () => {
      const seat = seats.indexOf(member);
      if (!isPlaying() || !member.isAway || seat < 0) return;
      replaced.add(member);
      room.addBot(createBot({ name: member.name, thinkMs: options.thinkMs }), { for: member });
      tellHand(seat);
      tellSeatsSoon();
    });
  }

  function stopAwaiting(member) {
    room.cancel(`seat of ${member.id}`);
    replaced.delete(member);
  }

  // What all are told: who sits here and by what rules, which changes seldom, and what happens in the game.

  const tellSeats = () => room.broadcast(seatsView(), { retain: "seats" });
  const tell = () => room.broadcast(view(), { retain: "table" });

  /** Soon rather than now: a guest is among the members once it has been let in. */
  const tellSeatsSoon = () =>
    room.after("seats", 0, () => {
      tellSeats();
      tell();
    });

  /** Tells a seat its own cards. No other seat is ever told them. */
  function tellHand(seat) {
    if (seats[seat] !== undefined && game !== undefined) room.send(seats[seat], handOf(seat), { retain: "hand" });
  }

  const handOf = (seat) => ({ type: "hand", seat, hand: game.hand, cards: game.hands[seat] });

  /** A page that has just connected asks for everything. */
  function look(member) {
    const seat = seats.indexOf(member);
    if (seat >= 0 && game !== undefined) room.send(member, handOf(seat));
    room.send(member, seatsView());
    room.send(member, view());
  }

  function seatsView() {
    const sitting = game === undefined ? players() : seats;
    const { turnSeconds, pauseSeconds, until, variant } = options;
    return {
      type: "seats",
      code: room.code,
      seats: sitting.map((member) => ({
        id: member.id,
        name: member.name,
        isBot: member.isBot,
        isAway: member.isAway,
        hasStandIn: replaced.has(member),
      })),
      turnSeconds,
      pauseSeconds,
      until,
      variant: publicVariant(variant),
    };
  }

  function view() {
    if (game === undefined) return { type: "table", phase: "lobby", move };
    const msLeft = game.phase === "game-over" ? 0 : Math.max(0, Math.round(endsAt - performance.now()));
    return { type: "table", move, slept, msLeft, ...publicView(game) };
  }

  // What members do. Each says why not, or "" where it is done.

  function hearMove(member, message) {
    const seat = seats.indexOf(member);
    if (game === undefined || seat < 0) return "You are not in this game.";
    if (message.move !== undefined && message.move !== move) {
      return "That came too late: the table has changed.";
    }
    const outcome = message.type === "pass" ? pass(game, seat) : play(game, seat, message.cards);
    if (!outcome.ok) return outcome.reason;
    slept = null;
    goOn(outcome.game, seat);
    return "";
  }

  const commands = {
    play: hearMove,
    pass: hearMove,

    bot() {
      if (isPlaying()) return "The game has begun.";
      if (players().length >= MAX_PLAYERS) return "All four seats are taken.";
      addBot();
      tellSeatsSoon();
      return "";
    },

    unbot(_member, { id }) {
      const bot = room.member(id);
      if (isPlaying()) return "The game has begun.";
      if (bot === undefined || !bot.isBot) return "There is no such bot.";
      room.kick(bot);
      return "";
    },

    start() {
      if (isPlaying()) return "The game has begun.";
      if (players().length < MIN_PLAYERS) return ALONE;
      begin();
      return "";
    },

    next() {
      if (game === undefined || game.phase !== "hand-over") return "The hand is not over.";
      dealNext();
      return "";
    },

    lobby() {
      if (isPlaying()) return "The game is not over.";
      game = undefined;
      seats = [];
      tellSeatsSoon();
      return "";
    },
  };

  /** @param {import("./options.js").TableOptions} chosen */
  function setOptions(chosen) {
    options = chosen;
    random = chosen.seed === undefined ? unguessable() : seededRandom(chosen.seed);
    for (let count = 0; count < chosen.bots; count++) addBot();
    if (chosen.bots === MAX_PLAYERS) begin();
  }

  return {
    /** Whether options may still be chosen: the page that opens the room brings them. */
    get isFresh() {
      return tv === undefined && game === undefined && room.members.length === 0;
    },

    /** The game as it stands, with all hands: for programs in the server. `undefined` in the lobby. */
    get game() {
      return game;
    },

    setOptions,

    /** A guest that comes too late for a seat in the game watches it. @param {Member} member */
    join(member) {
      const isLate = member.role === "member" && !member.isBot && isPlaying();
      if (member.role === "spectator" && tv === undefined) tv = member;
      if (member.role === "member" && !isLate) return tellSeatsSoon();
      look(member);
      return isLate ? { role: "spectator" } : undefined;
    },

    /** @param {Member} member */
    away(member) {
      if (isPlaying() && seats.includes(member)) awaitReturn(member);
      tellSeatsSoon();
    },

    /** @param {Member} member */
    back(member) {
      stopAwaiting(member);
      tellHand(seats.indexOf(member));
      tellSeatsSoon();
    },

    /** A seat that is given up in the middle of a game goes to a bot. @param {Member} member */
    left(member) {
      if (member === tv) tv = undefined;
      stopAwaiting(member);
      const seat = seats.indexOf(member);
      if (isPlaying() && seat >= 0) {
        seats[seat] = addBot();
        tellHand(seat);
      }
      tellSeatsSoon();
    },

    /** @param {Member} member @param {import("./room.js").TableMessage} message */
    hear(member, message) {
      if (message.type === "look") return look(member);
      const isWatching = member.role === "spectator" && member !== tv;
      const reason = isWatching ? "You are watching." : commands[message.type](member, message);
      if (reason !== "") room.send(member, { type: "refused", reason }); // no other member hears of it
      return undefined;
    },
  };
}

/** A source of chance that players cannot foretell from the cards that they have seen. */
function unguessable() {
  const drawn = new Uint32Array(64);
  let next = drawn.length;
  return () => {
    if (next === drawn.length) {
      crypto.getRandomValues(drawn);
      next = 0;
    }
    return drawn[next++] / 4_294_967_296;
  };
}
