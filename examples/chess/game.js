/**
 * One game of chess, from the first move to the end: position, clocks, offers, claims and the record. It knows neither sockets nor timers: time comes in as
 * `now`, and whoever runs the game asks `msUntilFlag` when to look again. chess.js knows how the pieces move.
 */
import { Chess } from "chess.js";

/** @typedef {"white" | "black"} Color */
/** @typedef {{ code: string, reason: string }} Refusal Why an action changed nothing. */
/** @typedef {{ baseMs: number, incrementMs: number }} TimeControl */
/** @typedef {{ result: "1-0" | "0-1" | "1/2-1/2", reason: string, termination: "normal" | "time forfeit" | "abandoned" }} End */

/** Milliseconds of a player's delay that do not count as thinking. */
const MAX_FORGIVEN_LAG_MS = 300;
const CLAIM_AFTER_MS = 60_000;
/** Half moves without a capture and without a pawn's move. */
const FIFTY_MOVES = 100;
const SEVENTY_FIVE_MOVES = 150;

const RESULT_OF_WINNER = { white: "1-0", black: "0-1" };
const LETTERS = { white: "w", black: "b" };

/** @param {Color} color @returns {Color} */
export const otherColor = (color) => (color === "white" ? "black" : "white");

/**
 * @param {object} options
 * @param {() => number} options.now Milliseconds of a clock that never goes back.
 * @param {TimeControl | null} [options.timeControl] `null` plays without clocks.
 * @param {number} [options.claimAfterMs] How long a player is away before the other may claim the win.
 * @param {(color: Color) => number} [options.lagOf] Milliseconds to that player and back.
 * @param {Record<string, string>} [options.tags] Tags of the PGN, such as `White`.
 */
export function createGame({ now, timeControl = null, claimAfterMs = CLAIM_AFTER_MS, lagOf = () => 0, tags = {} }) {
  const chess = new Chess();
  /** Each half move: what was played, the position after it, and the clocks after it. */
  const plies = [];
  const startKey = positionKey(chess);
  const baseMs = timeControl === null ? 0 : timeControl.baseMs;
  let clocks = { white: baseMs, black: baseMs };
  /** Since when the clock of the player to move runs. */
  let since = now();
  /** @type {End | undefined} */
  let end;
  /** @type {Color | undefined} */
  let drawOffer;
  /** @type {Color | undefined} */
  let undoOffer;
  /** The half move after which each player offered a draw last: one offer for each move. */
  const offeredAt = { white: 0, black: 0 };
  /** @type {Record<Color, number | undefined>} */
  const awaySince = { white: undefined, black: undefined };
  let legal = chess.moves({ verbose: true });

  for (const [tag, value] of Object.entries({ ...tags, Result: "*" })) chess.setHeader(tag, asTagValue(value));
  chess.setHeader("TimeControl", timeControl === null ? "-" : `${baseMs / 1000}+${timeControl.incrementMs / 1000}`);

  /** @returns {Color} */
  const turn = () => (chess.turn() === "w" ? "white" : "black");
  const lag = (color) => Math.min(MAX_FORGIVEN_LAG_MS, Math.max(0, lagOf(color)));

  /** What is left of a clock at this moment; of the one that runs, less the player's lag. */
  function remaining(color) {
    const isRunning = end === undefined && color === turn();
    return isRunning ? clocks[color] - Math.max(0, now() - since - lag(color)) : clocks[color];
  }

  /** @param {End["result"]} result @param {string} reason @param {End["termination"]} termination */
  function finish(result, reason, termination = "normal") {
    clocks = { white: Math.max(0, remaining("white")), black: Math.max(0, remaining("black")) };
    end = { result, reason, termination };
    drawOffer = undefined;
    undoOffer = undefined;
    chess.setHeader("Result", result);
    chess.setHeader("Termination", termination);
  }

  /** The other player wins, unless no play at all could have led to a mate: then it is a draw. */
  function finishAgainst(loser, reason, termination) {
    const winner = otherColor(loser);
    if (canMate(chess, winner)) finish(RESULT_OF_WINNER[winner], reason, termination);
    else finish("1/2-1/2", `${reason}-without-mate`, termination);
  }

  /** Ends the game if the time of the player to move has run out. Runs before every action, so a late one changes nothing. */
  function settle() {
    if (end === undefined && timeControl !== null && remaining(turn()) <= 0)
      finishAgainst(turn(), "time", "time forfeit");
  }

  /** Ends the game where the position itself does. */
  function finishByPosition() {
    if (chess.isCheckmate()) finish(RESULT_OF_WINNER[otherColor(turn())], "checkmate");
    else if (chess.isStalemate()) finish("1/2-1/2", "stalemate");
    else if (chess.isInsufficientMaterial()) finish("1/2-1/2", "dead-position");
    else if (timesSeen() >= 5) finish("1/2-1/2", "fivefold-repetition");
    else if (halfMoveClock(chess) >= SEVENTY_FIVE_MOVES) finish("1/2-1/2", "seventy-five-moves");
  }

  /** How many times the position on the board has been there. */
  function timesSeen() {
    const key = positionKey(chess);
    return [startKey, ...plies.map((ply) => ply.key)].filter((seen) => seen === key).length;
  }

  /** What either player may claim a draw by, while the position stands: the one to move, or the one whose move has brought it about. */
  function claimable() {
    if (end !== undefined) return undefined;
    if (timesSeen() >= 3) return "threefold-repetition";
    return halfMoveClock(chess) >= FIFTY_MOVES ? "fifty-moves" : undefined;
  }

  /** Runs an action of a player while the game goes on. @param {() => Refusal | undefined} action */
  function whilePlaying(action) {
    settle();
    return end === undefined ? action() : refusal("game_over", "The game is over.");
  }

  /** @param {Color} color @returns {Refusal | undefined} */
  function offerDrawNow(color) {
    if (turn() === color || plies.length < (color === "white" ? 1 : 2))
      return refusal("draw_offer_out_of_turn", "Offer a draw with your move, or right after it.");
    if (drawOffer !== undefined) return refusal("draw_offer_stands", "A draw is offered already.");
    if (offeredAt[color] === plies.length) return refusal("draw_offered_before", "One offer for each move.");
    offeredAt[color] = plies.length;
    drawOffer = color;
    return undefined;
  }

  function takeBack(count) {
    for (let index = 0; index < count; index++) {
      chess.undo();
      plies.pop();
    }
    const last = plies[plies.length - 1];
    clocks = last === undefined ? { white: baseMs, black: baseMs } : { ...last.clocks };
    since = now();
    drawOffer = undefined;
    undoOffer = undefined;
    offeredAt.white = Math.min(offeredAt.white, plies.length);
    offeredAt.black = Math.min(offeredAt.black, plies.length);
    legal = chess.moves({ verbose: true });
  }

  return {
    /**
     * Plays a move: from, to, and the piece that a pawn becomes.
     * @param {Color} color
     * @param {{ from: string, to: string, promotion?: string, offersDraw?: boolean }} move
     * @returns {Refusal | undefined}
     */
    move(color, { from, to, promotion, offersDraw = false }) {
      return whilePlaying(() => {
        if (turn() !== color) return refusal("not_your_turn", "It is not your turn.");
        const candidates = legal.filter((move) => move.from === from && move.to === to);
        const move = candidates.find((candidate) => candidate.promotion === promotion);
        if (move === undefined && promotion === undefined && candidates.length > 0)
          return refusal("promotion_missing", "Say which piece the pawn becomes: q, r, b or n.");
        if (move === undefined) return refusal("illegal_move", `${from}${to}${promotion ?? ""} is not legal here.`);
        if (timeControl !== null) clocks[color] = remaining(color) + timeControl.incrementMs;
        since = now();
        chess.move({ from, to, promotion });
        if (timeControl !== null) chess.setComment(`[%clk ${asClock(clocks[color])}]`);
        plies.push({ san: move.san, from, to, key: positionKey(chess), clocks: { ...clocks } });
        // A move declines what the other has offered.
        drawOffer = undefined;
        undoOffer = undefined;
        legal = chess.moves({ verbose: true });
        finishByPosition();
        if (offersDraw && end === undefined) offerDrawNow(color);
        return undefined;
      });
    },

    /** @param {Color} color */
    resign: (color) =>
      whilePlaying(() => {
        finish(RESULT_OF_WINNER[otherColor(color)], "resignation");
        return undefined;
      }),

    /** Offers a draw after one's own move. @param {Color} color */
    offerDraw: (color) => whilePlaying(() => offerDrawNow(color)),

    /** @param {Color} color */
    acceptDraw: (color) =>
      whilePlaying(() => {
        if (drawOffer !== otherColor(color)) return refusal("no_draw_offer", "Your opponent has not offered a draw.");
        finish("1/2-1/2", "agreement");
        return undefined;
      }),

    /** @param {Color} color */
    declineDraw: (color) =>
      whilePlaying(() => {
        if (drawOffer !== otherColor(color)) return refusal("no_draw_offer", "Your opponent has not offered a draw.");
        drawOffer = undefined;
        return undefined;
      }),

    /** Claims a draw by threefold repetition or fifty moves. */
    claimDraw: () =>
      whilePlaying(() => {
        const reason = claimable();
        if (reason === undefined) return refusal("nothing_to_claim", "There is no draw to claim in this position.");
        finish("1/2-1/2", reason);
        return undefined;
      }),

    /** Claims the win against an opponent who is away for long. @param {Color} color */
    claimWin: (color) =>
      whilePlaying(() => {
        const left = awaySince[otherColor(color)];
        if (left === undefined) return refusal("opponent_is_here", "Your opponent is here.");
        const wait = left + claimAfterMs - now();
        if (wait > 0) return refusal("too_early", `You may claim the win in ${Math.ceil(wait / 1000)} seconds.`);
        finishAgainst(otherColor(color), "abandonment", "abandoned");
        return undefined;
      }),

    /** Asks to take one's own last move back, and the answer to it. @param {Color} color */
    offerUndo: (color) =>
      whilePlaying(() => {
        if (plies.length < (color === "white" ? 1 : 2)) return refusal("nothing_to_undo", "You have not moved yet.");
        if (undoOffer !== undefined) return refusal("undo_offer_stands", "A move is asked back already.");
        undoOffer = color;
        return undefined;
      }),

    /** @param {Color} color */
    acceptUndo: (color) =>
      whilePlaying(() => {
        if (undoOffer !== otherColor(color)) return refusal("no_undo_offer", "Your opponent has not asked for a move.");
        takeBack(undoOffer === turn() ? 2 : 1);
        return undefined;
      }),

    /** @param {Color} color */
    declineUndo: (color) =>
      whilePlaying(() => {
        if (undoOffer !== otherColor(color)) return refusal("no_undo_offer", "Your opponent has not asked for a move.");
        undoOffer = undefined;
        return undefined;
      }),

    /** The player's line is down. The clock runs on. @param {Color} color */
    away(color) {
      settle();
      awaySince[color] ??= now();
    },

    /** @param {Color} color */
    back(color) {
      settle();
      awaySince[color] = undefined;
    },

    /** The player has left for good. @param {Color} color */
    abandon(color) {
      settle();
      if (end === undefined) finishAgainst(color, "abandonment", "abandoned");
    },

    /** Milliseconds until the clock of the player to move runs out; `undefined` where none runs. */
    msUntilFlag() {
      return end === undefined && timeControl !== null ? Math.max(0, remaining(turn())) : undefined;
    },

    /** Ends the game if its time is up. */
    settle,

    get end() {
      return end;
    },
    get turn() {
      return turn();
    },
    get fen() {
      return chess.fen();
    },

    /** The record so far, as PGN. */
    pgn: () => chess.pgn(),

    /** Everything that the pages show, as JSON. */
    view() {
      settle();
      const last = plies[plies.length - 1];
      const claimInMs = (color) => {
        const left = awaySince[otherColor(color)];
        return left === undefined || end !== undefined ? null : Math.max(0, left + claimAfterMs - now());
      };
      return {
        fen: chess.fen(),
        turn: turn(),
        isCheck: chess.isCheck(),
        moves: plies.map(({ san }) => san),
        last: last === undefined ? null : { from: last.from, to: last.to },
        legal: end === undefined ? destinations(legal) : {},
        clocks: timeControl === null ? null : { white: clockOf("white"), black: clockOf("black") },
        running: end === undefined && timeControl !== null ? turn() : null,
        offers: { draw: drawOffer ?? null, undo: undoOffer ?? null },
        claimable: claimable() ?? null,
        claimWinInMs: { white: claimInMs("white"), black: claimInMs("black") },
        result: end === undefined ? "*" : end.result,
        reason: end === undefined ? null : end.reason,
      };
    },
  };

  function clockOf(color) {
    return Math.max(0, Math.round(remaining(color)));
  }
}

/** @param {string} code @param {string} reason @returns {Refusal} */
export function refusal(code, reason) {
  return { code, reason };
}

/** Which position it is, for repetitions: pieces, the player to move, castling, and en passant where it is possible. */
function positionKey(chess) {
  return chess.fen().split(" ").slice(0, 4).join(" ");
}

function halfMoveClock(chess) {
  return Number(chess.fen().split(" ")[4]);
}

/** Where the piece on each square may go. @returns {Record<string, string[]>} */
function destinations(legal) {
  /** @type {Record<string, string[]>} */
  const list = {};
  for (const { from, to } of legal) {
    const known = (list[from] ??= []);
    if (!known.includes(to)) known.push(to); // a promotion is four moves to one square
  }
  return list;
}

/**
 * Whether a player could mate by any play at all, with the most helpful opponent. A bare king cannot; a lone knight needs a piece of the opponent other than
 * a queen that stands in its king's way; bishops on squares of one colour need a bishop on the other colour, a knight or a pawn.
 * @param {Chess} chess
 * @param {Color} color
 */
export function canMate(chess, color) {
  const pieces = chess
    .board()
    .flat()
    .filter((piece) => piece !== null && piece.type !== "k");
  const own = pieces.filter((piece) => piece.color === LETTERS[color]);
  const others = pieces.filter((piece) => piece.color !== LETTERS[color]);
  if (own.some(({ type }) => "prq".includes(type))) return true;
  const knights = own.filter(({ type }) => type === "n");
  if (knights.length > 0) return own.length > 1 || others.some(({ type }) => type !== "q");
  if (own.length === 0) return false;
  const shades = new Set(pieces.filter(({ type }) => type === "b").map(({ square }) => chess.squareColor(square)));
  return shades.size > 1 || pieces.some(({ type }) => type === "p" || type === "n");
}

const two = (value) => String(value).padStart(2, "0");

/** A clock as PGN has it: hours, minutes, seconds. */
function asClock(ms) {
  const seconds = Math.floor(Math.max(0, ms) / 1000);
  return `${Math.floor(seconds / 3600)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
}

/** A tag's value ends at its quotation mark, and chess.js reads no escapes: such characters become others that look alike. */
function asTagValue(value) {
  return value.replace(/"/g, "'").replace(/\\/g, "/").replace(/\p{C}/gu, " ").trim() || "?";
}
