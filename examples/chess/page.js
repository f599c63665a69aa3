/** What the pages of the TV and of the phones both need. */
export const byId = (id) => document.getElementById(id);

/** An element with a text. What players wrote gets into the page as text, never as HTML. */
export function element(name, text, className = "") {
  return Object.assign(document.createElement(name), { textContent: text, className });
}

/** Shows a sentence at the bottom of the page; "" takes it away. */
export function notify(sentence) {
  byId("notice").textContent = sentence;
  byId("notice").hidden = sentence === "";
}

/** How a game ended, in words. */
const ENDS = {
  checkmate: "Checkmate",
  stalemate: "Stalemate",
  resignation: "Resignation",
  agreement: "Draw agreed",
  time: "Out of time",
  "time-without-mate": "Out of time, but there is nothing left to mate with",
  abandonment: "The opponent has left",
  "abandonment-without-mate": "The opponent has left, but there is nothing left to mate with",
  "threefold-repetition": "The same position three times",
  "fivefold-repetition": "The same position five times",
  "fifty-moves": "Fifty moves without a capture or a pawn's move",
  "seventy-five-moves": "Seventy-five moves without a capture or a pawn's move",
  "dead-position": "Nothing is left to mate with",
};

/** @param {any} view what the room shows, in a game that is over */
export function resultOf({ white, black, board }) {
  const winner = { "1-0": white.name, "0-1": black.name }[board.result];
  return {
    heading: winner === undefined ? "Draw" : `${winner} wins`,
    detail: `${ENDS[board.reason]}. ${score(board.result)}`,
  };
}

const score = (result) => result.replace(/1\/2/g, "½").replace("-", "–");

const two = (value) => String(value).padStart(2, "0");

/** Minutes and seconds; tenths where it gets tight. */
export function clockText(ms) {
  if (ms < 10_000) return `0:0${(Math.floor(ms / 100) / 10).toFixed(1)}`;
  const seconds = Math.floor(ms / 1000);
  const minutes = Math.floor(seconds / 60);
  return minutes < 60
    ? `${minutes}:${two(seconds % 60)}`
    : `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(seconds % 60)}`;
}

/** Half points as people write them: 1½. */
export function pointsText(points) {
  const whole = Math.floor(points);
  return points === whole ? String(whole) : `${whole === 0 ? "" : whole}½`;
}

/**
 * Shows both clocks, and lets the one that runs go on between two messages of the room.
 * @param {(color: "white" | "black", text: string, isLow: boolean) => void} show
 */
export function createClocks(show) {
  const LOW_MS = 30_000;
  let board;
  let heardAt = 0;
  const draw = () => {
    if (board === undefined || board.clocks === null) return;
    for (const color of ["white", "black"]) {
      const spent = board.running === color ? performance.now() - heardAt : 0;
      const ms = Math.max(0, board.clocks[color] - spent);
      show(color, clockText(ms), ms < LOW_MS);
    }
  };
  setInterval(draw, 100);
  return {
    set(newBoard) {
      board = newBoard;
      heardAt = performance.now();
      draw();
    },
  };
}
