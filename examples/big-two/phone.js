/** The phone's page: one's own cards, and what of them may be played now. The server judges by the same rules. */
import { faceUp, played } from "./cards.js";
import { runClock, stopClock } from "./clock.js";
import { optionsFor, places } from "./game.js";
import { connect, read, sessionFor, write } from "./line.js";
import { avatar, byId, countOf, element, notify } from "./page.js";
import { combinationOf, legal, legalPlays, sortCards } from "./rules.js";
import { captionOf, noteOf, pointsOf, praise } from "./words.js";

const REPLACED = 4509;
const ROOM_FULL = 4510;
const code = (new URLSearchParams(location.search).get("room") || "").toUpperCase();

/** What the server said last. */
let table;
let hand = { seat: -1, hand: 0, cards: [] };
/** What the player has tapped. */
let chosen = new Set();
let sorting = read("big-two-sort") === "suit" ? "suit" : "rank";
let isSending = false;
let isSpectator = false;
let line;

/** @param {string} name @param {"member" | "spectator"} [role] */
function sitDown(name, role = "member") {
  isSpectator = role === "spectator";
  byId("form").hidden = true;
  byId("game").hidden = false;
  // A session keeps its role: a watcher has another, so that a reload may sit down.
  const session = sessionFor(isSpectator ? `big-two-watch-${code}` : `big-two-${code}`);
  const query = `role=${role}&name=${encodeURIComponent(name)}&session=${session}`;
  line = connect(() => `/${code}?${query}`, {
    onOpen: () => line.send({ type: "look" }),
    onStatus: notify,
    onEnd(closeCode, reason) {
      if (closeCode === ROOM_FULL && role === "member") sitDown(name, "spectator");
      else leave(closeCode, reason);
    },
    onEvent({ error }) {
      if (error !== undefined && error.code !== "room_full") refused(error.message);
    },
    onData(message) {
      if (message.type === "hand") takeHand(message);
      if (message.type === "refused") return refused(message.reason);
      if (message.type === "table" || message.type === "seats") table = { ...table, ...message };
      if (message.type === "table") isSending = false;
      show();
    },
  });
}

/** The line has ended for good. */
function leave(closeCode, reason) {
  byId("game").hidden = true;
  document.body.dataset.phase = "form";
  stopClock();
  if (closeCode === REPLACED) return notify("You are playing in another tab. Reload this page to play here.");
  notify(reason || "The table is closed.");
}

function takeHand(message) {
  hand = message;
  chosen = new Set([...chosen].filter((card) => hand.cards.includes(card)));
}

function refused(reason) {
  isSending = false;
  show();
  byId("hint").textContent = reason;
  byId("hint").className = "wrong";
}

const isMine = () => table.phase === "playing" && table.turn === hand.seat && table.hand === hand.hand;
const hasSeat = () => table.seats[hand.seat] !== undefined && table.phase !== "lobby" && hand.cards !== undefined;
const lying = () => (table.current === null ? null : table.current.cards);

function show() {
  if (table === undefined || table.seats === undefined || table.phase === undefined) return;
  const isPlaying = table.phase === "playing" && hasSeat() && hand.hand === table.hand;
  document.body.dataset.phase = table.phase;
  document.body.classList.toggle("my-turn", isPlaying && isMine());
  notify("");
  byId("others").replaceChildren(...chips());
  showPlay();
  byId("caption").textContent = sentence();
  showButtons();
  byId("mine").hidden = !isPlaying;
  if (isPlaying) showHand();
  if (table.phase === "playing") runClock(table.msLeft, table.turnSeconds * 1000);
  else stopClock();
}

/** One chip for each seat, oneself included. */
function chips() {
  const { seats, phase, turn, counts = [], scores = [] } = table;
  const placed = places({ scores });
  return seats.map((who, seat) => {
    const chip = element("div", "", "chip");
    const isLobby = phase === "lobby";
    chip.classList.toggle("turn", phase === "playing" && turn === seat);
    chip.classList.toggle("me", seat === hand.seat && !isLobby);
    chip.classList.toggle("away", who.isAway && !who.hasStandIn);
    const note = noteBeside(seat, placed);
    const facts = phase === "playing" ? countOf(counts[seat]) : isLobby ? "" : pointsOf(scores[seat]);
    const name = seat === hand.seat && !isLobby ? "You" : who.name;
    chip.append(avatar(who.name, seat), element("b", name), element("span", facts || note || "ready"));
    if (facts !== "") chip.append(element("small", note));
    if (isLobby && who.isBot && !isSpectator) {
      const remove = element("button", "×", "remove");
      remove.setAttribute("aria-label", `Remove ${who.name}`);
      remove.addEventListener("click", () => line.send({ type: "unbot", id: who.id }));
      chip.append(remove);
    }
    return chip;
  });
}

function noteBeside(seat, placed) {
  const { phase, passed, result, seats } = table;
  if (phase === "playing" && passed[seat]) return "passed";
  if (phase === "hand-over") return result.winner === seat ? "out!" : `+${result.points[seat]}`;
  return phase === "game-over" ? `place ${placed[seat]}` : noteOf(seats[seat]);
}

function showPlay() {
  const cards = table.phase === "lobby" || table.current === null ? [] : lying();
  const key = cards.join(" ");
  if (byId("play").dataset.key !== key) byId("play").replaceChildren(...(cards.length > 0 ? [played(cards)] : []));
  byId("play").dataset.key = key;
}

function sentence() {
  const { phase, seats, result, scores } = table;
  if (phase === "lobby") {
    if (isSpectator) return `You are watching. ${seats.length < 4 ? "Reload to sit down." : "All seats are taken."}`;
    if (seats.length < 2) return "You are in! Wait for others, or add bots.";
    return `${seats.length} at the table. Start when all are in.`;
  }
  if (phase === "game-over") {
    const own = places({ scores })[hand.seat];
    if (own === undefined) return praise(table);
    return `${praise(table)} ${own === 1 ? "Well played!" : `You are number ${own}, with ${pointsOf(scores[hand.seat])}.`}`;
  }
  if (phase === "hand-over") {
    const points = result.points[hand.seat];
    if (points === 0) return "You are out of cards: no points for you!";
    const own = points === undefined ? "" : ` ${pointsOf(points)} for you.`;
    return `${seats[result.winner].name} is out of cards.${own}`;
  }
  if (!hasSeat()) return `You are watching. ${captionOf(table)}`;
  return captionOf(table, hand.seat);
}

function showButtons() {
  const { phase, seats } = table;
  const isWatching = isSpectator || (!seats.some((_, seat) => seat === hand.seat) && phase !== "lobby");
  const [isLobby, isOver] = [phase === "lobby", phase === "game-over"];
  byId("start").textContent = isLobby ? "Start" : isOver ? "Play again" : "Next hand";
  byId("start").hidden = isWatching || phase === "playing" || (isLobby && seats.length < 2);
  byId("bot").hidden = isWatching || !isLobby || seats.length >= 4;
  byId("lobby").hidden = isWatching || !isOver;
}

/** The buttons of the cards in hand. They are kept, so that no tap is lost when the table changes under it. */
const buttons = new Map();

function buttonOf(card) {
  if (!buttons.has(card)) buttons.set(card, Object.assign(faceUp(card, "button"), { type: "button" }));
  return buttons.get(card);
}

function showHand() {
  const mine = isMine();
  const options = optionsFor(hand.cards, table);
  const plays = mine ? legalPlays(hand.cards, lying(), options) : [];
  const useful = new Set(plays.flatMap(({ cards }) => cards));
  const sorted = sortCards(hand.cards, sorting, table.variant);
  for (const card of sorted) {
    buttonOf(card).setAttribute("aria-pressed", String(chosen.has(card)));
    buttonOf(card).classList.toggle("useless", mine && !useful.has(card));
  }
  const key = sorted.join(" ");
  if (byId("hand").dataset.key !== key) {
    const focused = document.activeElement;
    byId("hand").replaceChildren(...sorted.map(buttonOf));
    if (byId("hand").contains(focused)) focused.focus();
  }
  byId("hand").dataset.key = key;

  const verdict = legal(lying(), [...chosen], options);
  byId("send").disabled = !mine || !verdict.legal || isSending;
  byId("pass").disabled = !mine || table.current === null || isSending;
  byId("sort").textContent = sorting === "rank" ? "By suit" : "By rank";
  byId("hint").className = mine && chosen.size > 0 && !verdict.legal ? "wrong" : "";
  byId("hint").textContent = hintFor(mine, plays, verdict);
}

function hintFor(mine, plays, verdict) {
  if (!mine) return `${table.seats[table.turn].name} is playing …`;
  if (chosen.size > 0)
    return verdict.legal ? `That works: ${combinationOf([...chosen], table.variant).name}.` : verdict.reason;
  if (table.isFirst) return "You begin. Your lowest card has to be in the play.";
  if (table.current === null) return "Your turn. You lead: play what you like.";
  return plays.length === 0 ? "You hold nothing that beats it: pass." : "Your turn.";
}

byId("hand").addEventListener("click", ({ target }) => {
  const button = target.closest("button");
  if (button === null) return;
  const { card } = button.dataset;
  if (!chosen.delete(card)) chosen.add(card);
  showHand();
});
byId("hand").addEventListener("keydown", (event) => {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (step === undefined) return;
  const cards = [...byId("hand").children];
  const next = cards[cards.indexOf(document.activeElement) + step];
  if (next !== undefined) next.focus();
  event.preventDefault();
});
byId("send").addEventListener("click", () => {
  isSending = line.send({ type: "play", cards: [...chosen], move: table.move });
  showHand();
});
byId("pass").addEventListener("click", () => {
  isSending = line.send({ type: "pass", move: table.move });
  chosen.clear();
  showHand();
});
byId("sort").addEventListener("click", () => {
  sorting = sorting === "rank" ? "suit" : "rank";
  write("big-two-sort", sorting);
  showHand();
});
byId("start").addEventListener("click", () => line.send({ type: table.phase === "hand-over" ? "next" : "start" }));
byId("bot").addEventListener("click", () => line.send({ type: "bot" }));
byId("lobby").addEventListener("click", () => line.send({ type: "lobby" }));

byId("form").addEventListener("submit", (event) => {
  event.preventDefault();
  const name = byId("name").value.trim();
  if (name === "") return;
  write("big-two-name", name);
  sessionStorage.setItem("big-two-seat", code); // so a reloaded page does not ask again
  sitDown(name);
});

const known = read("big-two-name");
if (code === "") location.replace("../../"); // the server's start page asks for the code
else if (known !== null && sessionStorage.getItem("big-two-seat") === code) sitDown(known);
else {
  byId("name").value = known || "";
  byId("form").hidden = false;
}
