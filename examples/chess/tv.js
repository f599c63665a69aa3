/** The TV's page. It opens the room, and then only shows it: the game is in the server. */
// oxlint-disable-next-line import/no-absolute-path -- the server serves the SDK there
import { joinMember, qrSvg } from "/sdk/couchwire.js";
import { createBoard, EMPTY_GAME } from "./board.js";
import { joinUrlOf, openRoom } from "./open-room.js";
import { byId, createClocks, element, notify, pointsText, resultOf } from "./page.js";

const MINUTE_MS = 60_000;
const SECOND_MS = 1_000;
const TIMES = [
  { label: "3 + 2", detail: "blitz", timeControl: { baseMs: 3 * MINUTE_MS, incrementMs: 2 * SECOND_MS } },
  { label: "10 + 5", detail: "rapid", timeControl: { baseMs: 10 * MINUTE_MS, incrementMs: 5 * SECOND_MS } },
  { label: "30 + 20", detail: "slow", timeControl: { baseMs: 30 * MINUTE_MS, incrementMs: 20 * SECOND_MS } },
  { label: "None", detail: "no clocks", timeControl: null },
];
const SIDES = [
  { label: "First", detail: "the first to sit down", sides: "first" },
  { label: "Random", detail: "drawn by lot", sides: "draw" },
];
const ARROWS = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 };

const board = createBoard(byId("board"));
board.show(EMPTY_GAME);
const clocks = createClocks((color, text, isLow) => {
  const clock = document.querySelector(`#${color} .clock`);
  if (clock === null) return;
  clock.textContent = text;
  clock.classList.toggle("low", isLow);
});

/** A row of choices, of which one is taken. @returns {() => any} the choice */
function createChoices(container, choices, chosen) {
  const buttons = choices.map(({ label, detail }, index) => {
    const button = element("button", label, "quiet");
    button.append(element("small", detail));
    button.setAttribute("role", "radio");
    button.addEventListener("click", () => mark(index));
    return button;
  });
  function mark(index) {
    chosen = index;
    buttons.forEach((button, other) => button.setAttribute("aria-checked", String(other === index)));
  }
  mark(chosen);
  container.append(...buttons);
  return () => choices[chosen];
}

const time = createChoices(byId("times"), TIMES, 1);
const side = createChoices(byId("sides"), SIDES, 0);

// A remote has arrows and OK.
byId("setup").addEventListener("keydown", ({ key }) => {
  const buttons = [...byId("setup").querySelectorAll("button")];
  const next = buttons[buttons.indexOf(document.activeElement) + (ARROWS[key] || 0)];
  if (ARROWS[key] !== undefined && next !== undefined) next.focus();
});

/** Watches the room of this code. */
function watch(code) {
  sessionStorage.setItem("code", code); // so a reloaded page comes back to it
  byId("setup").hidden = true;
  byId("play").hidden = false;
  const room = joinMember(code, { role: "spectator", onConnecting: ({ reason }) => notify(reason) });
  room.on("open", () => {
    notify("");
    room.send({ type: "look" });
  });
  room.on("message", (from, data) => data.type === "game" && show(data));
  room.on("reconnecting", () => notify("The connection is lost. It comes back by itself …"));
  room.on("error", ({ message }) => notify(message));
  room.on("closed", ({ reason }) => {
    // The room is over: the page offers a new one.
    sessionStorage.removeItem("code");
    notify(reason);
    byId("setup").hidden = false;
    byId("play").hidden = true;
    document.body.dataset.phase = "setup";
    byId("open").focus();
  });
  invite(code).catch(({ message }) => notify(message));
}

async function open() {
  byId("open").disabled = true;
  try {
    const { timeControl } = time();
    const { sides } = side();
    watch(await openRoom("chess", { timeControl, sides }));
  } catch (error) {
    notify(error.message);
  }
  byId("open").disabled = false;
}

async function invite(code) {
  const joinUrl = await joinUrlOf(code);
  // A long address breaks before the code, and not within it.
  const server = joinUrl.replace(/^https?:\/\//, "").slice(0, -code.length);
  byId("address").replaceChildren(server, document.createElement("wbr"), code);
  byId("qr").innerHTML = qrSvg(joinUrl, { border: 2 });
}

/** The newest moves, a pair a line. */
function movesOf(moves) {
  const lines = [];
  for (let index = 0; index < moves.length; index += 2) {
    const line = element("li", "");
    line.append(element("span", `${index / 2 + 1}.`), element("b", moves[index]), element("b", moves[index + 1] || ""));
    lines.push(line);
  }
  return lines;
}

function bar(color, view) {
  const player = view[color];
  const node = byId(color);
  const isTurn = view.phase === "playing" && view.board.turn === color;
  node.className = `bar ${color}${isTurn ? " turn" : ""}${player !== null && player.isAway ? " away" : ""}`;
  const name = player === null ? view.waiting[color === "white" ? 0 : 1] || "A free seat" : player.name;
  const state = player === null ? "" : player.hasLeft ? "has left" : player.isAway ? "is away" : "";
  const points = element("span", player === null || view.round < 2 ? "" : pointsText(player.points), "points");
  const clock = element("span", "", "clock");
  const who = element("span", name, "name");
  if (state !== "") who.append(element("small", state));
  node.replaceChildren(element("i", ""), who, points, ...(view.timeControl === null ? [] : [clock]));
}

function statusOf(view) {
  if (view.phase === "waiting") {
    const [name] = view.waiting;
    return { heading: name === undefined ? "Take a seat" : `${name} waits`, detail: "Scan the code to play." };
  }
  if (view.phase === "over") return resultOf(view);
  const { turn, isCheck, offers, claimable } = view.board;
  const { name } = view[turn];
  if (offers.draw !== null) return { heading: "Draw?", detail: `${view[offers.draw].name} offers a draw.` };
  const detail = claimable !== null ? "A draw may be claimed." : turn === "white" ? "White to move." : "Black to move.";
  return { heading: isCheck ? "Check!" : name, detail };
}

function show(view) {
  document.body.dataset.phase = view.phase;
  bar("white", view);
  bar("black", view);
  const { heading, detail } = statusOf(view);
  byId("heading").textContent = heading;
  byId("detail").textContent = detail;
  const isSeatFree = view.phase === "waiting" || view.white.hasLeft || view.black.hasLeft;
  byId("invitation").textContent = isSeatFree ? "Scan to play" : "Scan to watch";
  if (view.board === null) return;
  board.show(view.board);
  clocks.set(view.board);
  byId("moves").replaceChildren(...movesOf(view.board.moves));
  byId("score").scrollTop = byId("score").scrollHeight;
}

byId("open").addEventListener("click", () => void open());

const known = sessionStorage.getItem("code");
if (known === null) byId("open").focus();
else watch(known);
