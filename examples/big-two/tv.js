/** The TV's page: it opens the room, watches the table, and may start games. The game itself is in the server. */
// oxlint-disable-next-line import/no-absolute-path -- the server serves the SDK there
import { qrSvg } from "/sdk/couchwire.js";
import { faceDown, played } from "./cards.js";
import { runClock, stopClock } from "./clock.js";
import { connect, newSession, serverUrl } from "./line.js";
import { avatar, byId, countOf, element, notify } from "./page.js";
import { places } from "./game.js";
import { captionOf, noteOf, pointsOf, praise } from "./words.js";

const SEATS = 4;
const TAB_KEY = "big-two-tv";
const NUMBERS = ["until", "hands", "turnSeconds", "takeoverSeconds", "pauseSeconds", "bots", "seed"];
const VARIANTS = ["straights", "flush", "pass", "bombs", "leader", "suits"];

/** The table's options from the page's address: `?turnSeconds=15&straights=two-high`. */
function optionsFrom(address) {
  const given = new URLSearchParams(address);
  const pick = (names, read) => names.filter((name) => given.has(name)).map((name) => [name, read(given.get(name))]);
  const options = Object.fromEntries(pick(NUMBERS, (text) => (Number.isNaN(Number(text)) ? text : Number(text))));
  const variant = Object.fromEntries(
    pick(VARIANTS, (text) => (/^(?:true|false)$/.test(text) ? text === "true" : text)),
  );
  const others = Object.fromEntries([
    ...pick(["score", "onTimeout"], (text) => text),
    ...pick(["thinkMs"], (text) => text.split("-").map(Number)),
  ]);
  return { ...options, ...others, ...(Object.keys(variant).length > 0 && { variant }) };
}

/** The session of this tab: a page that is reloaded gets its table back. */
function tabSession() {
  const session = sessionStorage.getItem(TAB_KEY) || newSession();
  sessionStorage.setItem(TAB_KEY, session);
  return session;
}

/** Where phones go: the server knows its own address in the network. */
async function joinUrlOf(code) {
  const answer = await fetch(`${serverUrl()}/${code}`, { headers: { accept: "application/json" } });
  const { joinUrl } = answer.ok ? await answer.json() : {};
  return joinUrl || `${serverUrl()}/${code}`;
}

async function showCode(code) {
  byId("qr").dataset.code = code;
  const url = await joinUrlOf(code).catch(() => `${serverUrl()}/${code}`);
  byId("qr").innerHTML = qrSvg(url, { border: 2 });
  const shown = url.replace(/^https?:\/\//, "");
  // A long address breaks before the code, and not within it.
  byId("address").replaceChildren(shown.slice(0, -code.length), document.createElement("wbr"), code);
}

function main() {
  const data = encodeURIComponent(JSON.stringify({ table: optionsFrom(location.search) }));
  /** What the server said last of the seats and of the game. */
  let table = {};
  const line = connect(() => `/CREATE?kind=big-two&session=${tabSession()}&data=${data}`, {
    onOpen: () => line.send({ type: "look" }),
    onStatus: notify,
    onEnd(code, reason) {
      sessionStorage.removeItem(TAB_KEY); // a reload opens a new table
      notify(`${reason || "The table is closed."} Reload the page to open another one.`);
    },
    onEvent({ error }) {
      if (error !== undefined) notify(error.message);
    },
    onData(message) {
      if (message.type === "table" || message.type === "seats") table = { ...table, ...message };
      if (message.type === "seats" && message.code !== byId("qr").dataset.code) void showCode(message.code);
      if (message.type === "table" && table.seats !== undefined) show(table);
      if (message.type === "refused") notify(message.reason);
    },
  });
  byId("start").addEventListener("click", () => line.send({ type: table.phase === "hand-over" ? "next" : "start" }));
  byId("bot").addEventListener("click", () => line.send({ type: "bot" }));
  byId("lobby").addEventListener("click", () => line.send({ type: "lobby" }));
  for (let seat = 0; seat < SEATS; seat++) {
    byId(`seat-${seat}`).addEventListener("click", ({ target }) => {
      const { bot } = target.dataset;
      if (bot !== undefined) line.send({ type: "unbot", id: bot });
    });
  }
}

function show(table) {
  document.body.dataset.phase = table.phase;
  notify("");
  for (let place = 0; place < SEATS; place++) showSeat(table, place);
  showCenter(table);
  showScores(table);
  showButtons(table);
}

/** Which seat is shown at a place. Two players sit opposite each other. */
function seatAt(place, { phase, seats }) {
  if (phase === "lobby" || seats.length !== 2) return place;
  return [0, undefined, 1, undefined][place];
}

function showSeat(table, place) {
  const { phase, seats, turn, counts = [], passed = [] } = table;
  const seat = seatAt(place, table);
  const node = byId(`seat-${place}`);
  const who = seats[seat];
  const isLobby = phase === "lobby";
  node.className = "seat";
  node.hidden = who === undefined && !isLobby;
  if (who === undefined) {
    node.classList.add("empty");
    node.replaceChildren(element("span", "+", "avatar"), element("b", "Free seat", "name"));
    return;
  }
  node.classList.toggle("turn", phase === "playing" && turn === seat);
  node.classList.toggle("away", who.isAway && !who.hasStandIn);
  node.classList.toggle("passed", phase === "playing" && passed[seat] === true);
  const name = element("b", who.name, "name");
  const lines = element("div", "", "lines");
  const note = phase === "playing" && passed[seat] ? "passed" : noteOf(who);
  lines.append(name, element("span", isLobby ? noteOf(who) || "ready" : countOf(counts[seat]), "facts"));
  const parts = [avatar(who.name, seat), lines];
  if (!isLobby && note !== "") parts.push(element("span", note, "note"));
  if (!isLobby && counts[seat] === 1 && phase === "playing") parts.push(element("span", "last card!", "note alarm"));
  if (isLobby && who.isBot) {
    const remove = element("button", "Remove", "quiet remove");
    remove.dataset.bot = who.id;
    remove.setAttribute("aria-label", `Remove ${who.name}`);
    parts.push(remove);
  }
  if (!isLobby) parts.push(faceDown(counts[seat]));
  node.replaceChildren(...parts);
}

function showCenter(table) {
  const { phase, current, msLeft, turnSeconds, pauseSeconds, hand, seats, turn, result } = table;
  const cards = phase === "lobby" || current === null ? [] : current.cards;
  const key = cards.join(" ");
  // The same play is not dealt again because a guest has come.
  if (byId("play").dataset.key !== key) byId("play").replaceChildren(...(cards.length > 0 ? [played(cards)] : []));
  byId("play").dataset.key = key;
  byId("round").textContent = phase === "lobby" ? "Be the first to get rid of your cards." : `Hand ${hand}`;
  const isOver = phase === "game-over";
  byId("podium").hidden = !isOver;
  if (isOver) showPodium(table);
  byId("invitation").textContent = seats.length < SEATS ? "Scan to join" : "Scan to watch";
  byId("caption").textContent = sentence(table);
  if (phase === "playing") {
    const late = (seconds) => (byId("clock").dataset.left = seconds <= 10 ? `${seats[turn].name}: ${seconds} s` : "");
    runClock(msLeft, turnSeconds * 1000, late);
  } else if (phase === "hand-over" && result !== null) {
    runClock(msLeft, pauseSeconds * 1000, (seconds) => (byId("clock").dataset.left = `Next hand in ${seconds} s`));
  } else stopClock();
}

function sentence(table) {
  const { phase, seats, result } = table;
  if (phase === "game-over") return praise(table);
  if (phase === "hand-over") return `${seats[result.winner].name} is out of cards! In chips: +${result.gain}.`;
  if (phase === "playing") return captionOf({ ...table, passed: [] }); // the seats show that
  const free = SEATS - seats.length;
  if (free === 0) return "Everyone is here. Press OK or Enter to start.";
  return seats.length === 0 ? "Scan the code to take a seat." : "Scan the code, or fill the seats with bots.";
}

function showPodium({ seats, scores }) {
  const placed = places({ scores });
  const order = seats.map((_, seat) => seat).sort((one, other) => placed[one] - placed[other]);
  const [first, second, ...others] = order; // the winner stands in the middle
  byId("podium").replaceChildren(
    ...[second, first, ...others].map((seat) => {
      const step = element("div", "", `step place-${placed[seat]}`);
      const block = element("div", "", "block");
      block.append(element("b", `${placed[seat]}.`), element("span", pointsOf(scores[seat])));
      step.append(avatar(seats[seat].name, seat), element("b", seats[seat].name, "name"), block);
      return step;
    }),
  );
}

function showScores({ phase, seats, scores, result, until }) {
  const isLobby = phase === "lobby";
  byId("scores").hidden = isLobby;
  if (isLobby) return;
  const placed = places({ scores });
  const isApart = new Set(scores).size > 1;
  byId("last-head").textContent = result === null ? "" : "Hand";
  const order = seats.map((_, seat) => seat).sort((one, other) => placed[one] - placed[other]);
  byId("rows").replaceChildren(
    ...order.map((seat) => {
      const row = element("tr", "", placed[seat] === 1 && isApart ? "best" : "");
      const gained = result === null ? "" : result.points[seat] === 0 ? "out" : `+${result.points[seat]}`;
      row.append(element("td", seats[seat].name), element("td", gained), element("td", scores[seat]));
      return row;
    }),
  );
  byId("scores").title = `The game ends when a player has ${until} points. Fewest points win.`;
}

function showButtons({ phase, seats }) {
  const [isLobby, isOver] = [phase === "lobby", phase === "game-over"];
  byId("start").textContent = isLobby ? "Start" : isOver ? "Play again" : "Next hand";
  byId("start").hidden = phase === "playing" || (isLobby && seats.length < 2);
  byId("bot").hidden = !isLobby || seats.length >= SEATS;
  byId("lobby").hidden = !isOver;
  const first = byId("start").hidden ? byId("bot") : byId("start");
  const isFocused = document.activeElement !== null && document.activeElement.tagName === "BUTTON";
  if (!isFocused || document.activeElement.hidden) first.focus(); // OK on the remote, or Enter, presses it
}

main();
