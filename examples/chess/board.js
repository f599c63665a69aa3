/** The board on a page: pieces, marks, and moves by tap, by dragging and by keyboard. What is legal the room says. */
import { PIECE_NAMES, pieceSvg } from "./pieces.js";

/** What the board shows before there is a game. */
export const EMPTY_GAME = {
  fen: "rnbqkbnr/pppppppp/8/8/8/8/PPPPPPPP/RNBQKBNR w KQkq - 0 1",
  legal: {},
  last: null,
  isCheck: false,
  turn: "white",
};
const FILES = "abcdefgh";
/** Pixels that a finger moves before it drags. */
const DRAG_AFTER = 6;
const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** The squares of a position in FEN that are not empty. @returns {Record<string, string>} */
export function piecesOf(fen) {
  const pieces = {};
  fen
    .split(" ")[0]
    .split("/")
    .forEach((row, rank) => {
      let file = 0;
      for (const letter of row) {
        if (/\d/.test(letter)) file += Number(letter);
        else pieces[`${FILES[file++]}${8 - rank}`] = letter;
      }
    });
  return pieces;
}

/**
 * @param {HTMLElement} container
 * @param {(from: string, to: string) => void} [onMove] without it the board is only looked at
 */
export function createBoard(container, onMove) {
  const squares = new Map();
  let pieces = {};
  let legal = {};
  let marks = { last: null, check: "" };
  let isFlipped = false;
  let selected = "";
  let focused = "e2";
  let drag;
  /** The tap that ends a drag is no tap. */
  let isDragEnd = false;

  container.setAttribute("role", "grid");
  container.setAttribute("aria-label", "Chess board");
  for (let row = 0; row < 8; row++) {
    const line = document.createElement("div");
    line.setAttribute("role", "row");
    for (let column = 0; column < 8; column++) {
      const cell = document.createElement(onMove === undefined ? "div" : "button");
      cell.setAttribute("role", "gridcell");
      cell.className = (row + column) % 2 === 0 ? "square light" : "square dark";
      line.append(cell);
    }
    container.append(line);
  }
  layOut();

  /** Which square each cell is: the board is turned for black. */
  function layOut() {
    squares.clear();
    [...container.querySelectorAll(".square")].forEach((cell, index) => {
      const [column, row] = isFlipped
        ? [7 - (index % 8), 7 - Math.floor(index / 8)]
        : [index % 8, Math.floor(index / 8)];
      const name = `${FILES[column]}${8 - row}`;
      cell.dataset.square = name;
      cell.dataset.file = index >= 56 ? FILES[column] : "";
      cell.dataset.rank = index % 8 === 0 ? String(8 - row) : "";
      squares.set(name, cell);
    });
  }

  function draw() {
    const targets = legal[selected] || [];
    for (const [name, cell] of squares) {
      const letter = pieces[name] || "";
      if (cell.dataset.piece !== letter) {
        cell.dataset.piece = letter;
        cell.innerHTML = letter === "" ? "" : pieceSvg(letter);
      }
      const isTarget = targets.includes(name);
      cell.classList.toggle("selected", name === selected);
      cell.classList.toggle("target", isTarget && letter === "");
      cell.classList.toggle("capture", isTarget && letter !== "");
      cell.classList.toggle("last", marks.last !== null && (marks.last.from === name || marks.last.to === name));
      cell.classList.toggle("check", marks.check === name);
      cell.setAttribute("aria-label", labelOf(name, letter, isTarget));
      if (onMove !== undefined) cell.tabIndex = name === focused ? 0 : -1;
    }
  }

  function labelOf(name, letter, isTarget) {
    const side = letter === letter.toLowerCase() ? "black" : "white";
    const what = letter === "" ? "empty" : `${side} ${PIECE_NAMES[letter.toLowerCase()]}`;
    return `${name}, ${what}${name === selected ? ", selected" : ""}${isTarget ? ", move here" : ""}`;
  }

  function choose(name) {
    focused = name;
    if ((legal[selected] || []).includes(name)) {
      const from = selected;
      selected = "";
      draw();
      onMove(from, name);
      return;
    }
    selected = name !== selected && legal[name] !== undefined ? name : "";
    draw();
  }

  if (onMove !== undefined) {
    const squareAt = (event) => {
      const found = document.elementFromPoint(event.clientX, event.clientY);
      const cell = found === null ? null : found.closest(".square");
      return cell !== null && container.contains(cell) ? cell.dataset.square : "";
    };
    container.addEventListener("click", (event) => {
      const cell = event.target.closest(".square");
      if (cell !== null && !isDragEnd) choose(cell.dataset.square);
      isDragEnd = false;
    });
    container.addEventListener("pointerdown", (event) => {
      isDragEnd = false;
      const name = squareAt(event);
      if (legal[name] === undefined || !event.isPrimary) return;
      drag = { from: name, x: event.clientX, y: event.clientY, ghost: undefined };
    });
    window.addEventListener("pointermove", (event) => {
      if (drag === undefined) return;
      const [x, y] = [event.clientX - drag.x, event.clientY - drag.y];
      if (drag.ghost === undefined) {
        if (Math.hypot(x, y) < DRAG_AFTER) return;
        drag.ghost = squares.get(drag.from).firstElementChild;
        drag.ghost.classList.add("dragged");
        selected = drag.from;
        draw();
      }
      drag.ghost.style.transform = `translate(${x}px, ${y}px) scale(1.25)`;
    });
    const endDrag = (event) => {
      if (drag === undefined) return;
      const { from, ghost } = drag;
      drag = undefined;
      if (ghost === undefined) return;
      ghost.classList.remove("dragged");
      ghost.style.transform = "";
      isDragEnd = event.type === "pointerup";
      const to = squareAt(event);
      if (event.type === "pointerup" && (legal[from] || []).includes(to)) choose(to);
      else {
        selected = "";
        draw();
      }
    };
    window.addEventListener("pointerup", endDrag);
    window.addEventListener("pointercancel", endDrag);
    container.addEventListener("keydown", (event) => {
      const step = STEPS[event.key];
      if (event.key === "Escape") {
        selected = "";
        draw();
      }
      if (step === undefined) return;
      event.preventDefault();
      const cells = [...container.querySelectorAll(".square")];
      const index = cells.indexOf(squares.get(focused));
      const [column, row] = [(index % 8) + step[0], Math.floor(index / 8) + step[1]];
      if (column < 0 || column > 7 || row < 0 || row > 7) return;
      focused = cells[row * 8 + column].dataset.square;
      draw();
      squares.get(focused).focus();
    });
  }
  draw();

  return {
    /**
     * @param {any} board as the room shows it
     * @param {{ isFlipped?: boolean, mayMove?: boolean }} options
     */
    show(board, { isFlipped: flip = false, mayMove = false } = {}) {
      if (flip !== isFlipped) {
        isFlipped = flip;
        focused = flip ? "e7" : "e2";
        layOut();
      }
      pieces = piecesOf(board.fen);
      legal = mayMove ? board.legal : {};
      if (legal[selected] === undefined) selected = "";
      const king = board.turn === "white" ? "K" : "k";
      marks = {
        last: board.last,
        check: board.isCheck ? Object.keys(pieces).find((name) => pieces[name] === king) : "",
      };
      draw();
    },
    pieceOn: (name) => pieces[name] || "",
  };
}
