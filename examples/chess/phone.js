/** The phone's page. It asks for a name, then plays or watches. The room says what is legal, and what became of everything. */
// oxlint-disable-next-line import/no-absolute-path -- the server serves the SDK there
import { joinMember } from "/sdk/couchwire.js";
import { createBoard, EMPTY_GAME } from "./board.js";
import { byId, createClocks, element, notify, pointsText, resultOf } from "./page.js";
import { PIECE_NAMES, pieceSvg } from "./pieces.js";

const SURE_MS = 3_000;
const code = new URLSearchParams(location.search).get("room");
const otherColor = (color) => (color === "white" ? "black" : "white");

let me;
let view;
/** The offer goes out with the next move. */
let offersDraw = false;
/** Until when a second tap on "Resign" resigns. */
let sureUntil = 0;
/** What the opponent has offered: "draw" or "undo". */
let asked = "";

const colorOfMe = () =>
  ["white", "black"].find((color) => view !== undefined && view[color] !== null && view[color].id === me.id);
const say = (type, more = {}) => me.send({ type, ...more });

const clocks = createClocks((color, text, isLow) => {
  const clock = document.querySelector(`.bar.${color} .clock`);
  if (clock === null) return;
  clock.textContent = text;
  clock.classList.toggle("low", isLow);
});

const board = createBoard(byId("board"), (from, to) => {
  const piece = board.pieceOn(from);
  const isPromotion = (piece === "P" && to[1] === "8") || (piece === "p" && to[1] === "1");
  if (isPromotion) choosePromotion(from, to);
  else move({ from, to });
});
board.show(EMPTY_GAME);

function move(details) {
  say("move", { ...details, ...(offersDraw && { offersDraw }) });
  offersDraw = false;
}

function closePromotion() {
  byId("promotion").hidden = true;
  byId("promotion").replaceChildren();
}

function choosePromotion(from, to) {
  const dialog = byId("promotion");
  const color = colorOfMe();
  const buttons = ["q", "r", "b", "n"].map((type) => {
    const button = element("button", "", "quiet");
    button.innerHTML = pieceSvg(color === "white" ? type.toUpperCase() : type);
    button.setAttribute("aria-label", PIECE_NAMES[type]);
    button.addEventListener("click", () => {
      closePromotion();
      move({ from, to, promotion: type });
    });
    return button;
  });
  dialog.replaceChildren(...buttons);
  dialog.hidden = false;
  buttons[0].focus();
}

function join(name, side, role) {
  sessionStorage.setItem("chess", JSON.stringify({ name, side, role })); // so a reloaded page does not ask again
  byId("form").hidden = true;
  byId("game").hidden = false;
  me = joinMember(code, {
    role,
    name,
    data: side === "" ? {} : { side },
    onConnecting: ({ reason }) => notify(reason),
  });
  me.on("open", () => {
    notify("");
    say("look"); // the clocks have run while this page was away, and one that was reloaded has nothing
  });
  me.on("message", (from, data) => {
    if (data.type === "game") show(data);
    else if (data.type === "chat") showChat(data.lines);
    else if (data.type === "refused") refuse(data.reason);
  });
  me.on("error", ({ message }) => refuse(message));
  me.on("reconnecting", () => notify("The connection is lost. It comes back by itself …"));
  me.on("closed", ({ reason }) => notify(reason));
}

function refuse(reason) {
  notify(reason);
  setTimeout(() => byId("notice").textContent === reason && notify(""), SURE_MS);
  if (view !== undefined) show(view);
}

function bar(place, color) {
  const player = view[color];
  const isTurn = view.phase === "playing" && view.board.turn === color;
  const node = byId(place);
  node.className = `bar ${color}${isTurn ? " turn" : ""}${player !== null && player.isAway ? " away" : ""}`;
  const name = player === null ? view.waiting[color === "white" ? 0 : 1] || "A free seat" : player.name;
  const state = player === null ? "" : player.hasLeft ? "has left" : player.isAway ? "is away" : "";
  const who = element("span", name, "name");
  if (state !== "") who.append(element("small", state));
  const points = element("span", player === null || view.round < 2 ? "" : pointsText(player.points), "points");
  node.replaceChildren(element("i", ""), who, points);
  if (view.timeControl !== null) node.append(element("span", "", "clock"));
}

function statusOf(color) {
  if (view.phase === "waiting") return "Waiting for an opponent, who scans the same code.";
  if (view.phase === "over") {
    const { heading, detail } = resultOf(view);
    return `${heading}. ${detail}`;
  }
  const { turn, isCheck } = view.board;
  if (color === undefined) return `${isCheck ? "Check! " : ""}${view[turn].name} is to move.`;
  if (view[otherColor(color)].isAway) return `${view[otherColor(color)].name} is away. The clock runs on.`;
  if (turn !== color) return `${view[turn].name} is thinking.`;
  return isCheck ? "Check! It is your move." : "It is your move.";
}

function show(newView) {
  view = newView;
  const color = colorOfMe();
  const bottom = color === "black" ? "black" : "white";
  const isPlaying = view.phase === "playing" && color !== undefined;
  document.body.dataset.phase = view.phase;
  bar("top", otherColor(bottom));
  bar("bottom", bottom);
  byId("status").textContent = statusOf(color);
  byId("status").hidden = false;
  byId("actions").hidden = !isPlaying;
  byId("after").hidden = view.phase !== "over";
  byId("rematch").hidden = color === undefined || view[otherColor(color)].hasLeft;
  byId("say").hidden = color === undefined; // who watches reads along
  showChatBox();
  byId("question").hidden = true;
  if (view.board === null) return;
  const isTurn = isPlaying && view.board.turn === color;
  board.show(view.board, { isFlipped: bottom === "black", mayMove: isTurn });
  clocks.set(view.board);
  byId("moves").replaceChildren(...movesOf(view.board.moves));
  byId("moves").scrollLeft = byId("moves").scrollWidth;
  byId("record").hidden = !view.board.fen;
  byId("fen").textContent = view.board.fen;
  byId("played").textContent = playedText(view.board);
  if (isPlaying) showActions(color, isTurn);
  else closePromotion();
  const wants = view.rematch.includes(color);
  byId("rematch").disabled = wants;
  byId("rematch").textContent = wants ? "Rematch offered" : view.rematch.length > 0 ? "Accept rematch" : "Rematch";
}

/** The last move, for those who hear the page. */
function playedText({ moves }) {
  if (moves.length === 0) return "";
  return `${moves.length % 2 === 1 ? "White" : "Black"} played ${moves[moves.length - 1]}.`;
}

function showActions(color, isTurn) {
  const { offers, claimable, claimWinInMs, moves } = view.board;
  const hasMoved = moves.length > (color === "white" ? 0 : 1);
  if (!isTurn) offersDraw = false;
  const isOffered = offers.draw === color || offersDraw;
  const canClaimDraw = claimable !== null;
  byId("draw").textContent = canClaimDraw ? "Claim draw" : isOffered ? (isTurn ? "With move" : "Offered") : "Draw";
  byId("draw").setAttribute("aria-pressed", String(isOffered && !canClaimDraw));
  byId("draw").disabled = !canClaimDraw && (offers.draw === color || (!hasMoved && !isTurn));
  byId("undo").textContent = offers.undo === color ? "Asked" : "Undo";
  byId("undo").disabled = offers.undo !== null || !hasMoved;
  showResign();
  const other = view[otherColor(color)].name;
  for (const kind of ["draw", "undo"]) {
    if (offers[kind] !== otherColor(color)) continue;
    byId("question").hidden = false;
    byId("status").hidden = true;
    byId("ask").textContent = kind === "draw" ? `${other} offers a draw.` : `${other} asks to take a move back.`;
    byId("accept").textContent = kind === "draw" ? "Accept draw" : "Allow";
    asked = kind;
  }
  showClaim(claimWinInMs[color]);
}

let claimTimer;
function showClaim(inMs) {
  clearInterval(claimTimer);
  byId("claim").hidden = inMs === null;
  if (inMs === null) return;
  const at = performance.now() + inMs;
  const draw = () => {
    const seconds = Math.ceil((at - performance.now()) / 1000);
    byId("claim").disabled = seconds > 0;
    byId("claim").textContent = seconds > 0 ? `Claim the win in ${seconds} s` : "Claim the win";
  };
  draw();
  claimTimer = setInterval(draw, 250);
}

function movesOf(moves) {
  return moves.map((san, index) => {
    const item = element("li", "");
    if (index % 2 === 0) item.append(element("span", `${index / 2 + 1}.`));
    item.append(element("b", san));
    return item;
  });
}

function showChatBox() {
  byId("chat").hidden = byId("say").hidden && byId("lines").childElementCount === 0;
}

function showChat(lines) {
  const items = lines.map(({ name, text }) => {
    const item = element("li", "");
    item.append(element("b", name), ` ${text}`);
    return item;
  });
  byId("lines").replaceChildren(...items);
  byId("lines").scrollTop = byId("lines").scrollHeight;
  showChatBox();
}

byId("draw").addEventListener("click", () => {
  const { turn, claimable } = view.board;
  if (claimable !== null) say("claim-draw");
  else if (turn !== colorOfMe()) say("offer-draw");
  else {
    offersDraw = !offersDraw;
    show(view);
  }
});
byId("accept").addEventListener("click", () => say(`accept-${asked}`));
byId("decline").addEventListener("click", () => say(`decline-${asked}`));
byId("promotion").addEventListener("keydown", ({ key }) => key === "Escape" && closePromotion());
byId("promotion").addEventListener("click", ({ target }) => target === byId("promotion") && closePromotion());
byId("undo").addEventListener("click", () => say("offer-undo"));
function showResign() {
  const isSure = Date.now() < sureUntil;
  byId("resign").textContent = isSure ? "Sure?" : "Resign";
  byId("resign").classList.toggle("sure", isSure);
}

byId("resign").addEventListener("click", () => {
  if (Date.now() < sureUntil) {
    sureUntil = 0;
    say("resign");
    return;
  }
  sureUntil = Date.now() + SURE_MS;
  showResign();
  setTimeout(showResign, SURE_MS);
});
byId("claim").addEventListener("click", () => say("claim-win"));
byId("rematch").addEventListener("click", () => say("rematch"));
byId("save").addEventListener("click", () => {
  const file = new Blob([`${view.pgn}\n`], { type: "application/x-chess-pgn" });
  const link = Object.assign(document.createElement("a"), {
    href: URL.createObjectURL(file),
    download: `${view.white.name}-${view.black.name}-${view.round}.pgn`,
  });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1_000);
});
byId("say").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = byId("text").value.trim();
  if (text === "") return;
  say("chat", { text });
  byId("text").value = "";
});
byId("form").addEventListener("submit", (event) => {
  event.preventDefault();
  const name = byId("name").value.trim();
  if (name !== "") join(name, byId("form").side.value, "member");
});
byId("watch").addEventListener("click", () => join(byId("name").value.trim() || "Guest", "", "spectator"));
byId("emblem").innerHTML = pieceSvg("N");

const known = sessionStorage.getItem("chess");
if (code === null) location.replace("../../"); // the server's start page asks for the code
else if (known !== null) {
  const { name, side, role } = JSON.parse(known);
  join(name, side, role);
}
