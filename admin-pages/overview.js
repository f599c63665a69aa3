/** The first page: what the server has now, the last ten minutes, and all rooms. */
import { createChart } from "./chart.js";
import { age, bytes, bytesParts, count, rate, some } from "./format.js";
import { gameOf, stateOf } from "./room-state.js";
import { ask, byId, keepLooking, keepRows, make, setText } from "./shell.js";

const charts = [
  createChart(byId("frames-chart"), {
    series: [
      { name: "in", of: ({ framesIn }) => framesIn },
      { name: "out", of: ({ framesOut }) => framesOut },
    ],
    format: rate,
  }),
  createChart(byId("bytes-chart"), {
    series: [
      { name: "in", of: ({ bytesIn }) => bytesIn },
      { name: "out", of: ({ bytesOut }) => bytesOut },
    ],
    format: (value) => `${bytes(value)}/s`,
  }),
  createChart(byId("people-chart"), {
    series: [
      { name: "players", of: ({ players }) => players },
      { name: "rooms", of: ({ rooms }) => rooms },
    ],
    format: rate,
  }),
];

const SPAN_MS = 600_000;
/** The last ten minutes: each answer brings what is new. */
let samples = [];

const search = byId("search");
const lookNow = keepLooking(look);
search.addEventListener("input", () => void lookNow());

async function look() {
  const newest = samples[samples.length - 1];
  const query = new URLSearchParams({ search: search.value, ...(newest !== undefined && { since: newest.at }) });
  const answer = await ask("GET", `/data/overview?${query}`);
  samples = [...samples, ...answer.samples].filter(({ at }) => at >= answer.now - SPAN_MS);
  for (const draw of charts) draw(samples, answer.now, answer.sampleMs);
  showTotals(answer.totals);
  setText(byId("foot"), `Couchwire ${answer.version}`);
  showRooms(answer);
}

function showTotals({ rooms, players, away, connections, memory }) {
  setText(byId("rooms-figure"), count(rooms));
  setText(byId("players-figure"), count(players));
  note("players", away > 0 ? `${count(away)} away` : "", away > 0);
  setText(byId("connections-figure"), count(connections));
  const [figure, unit] = bytesParts(memory.used);
  byId("memory-figure").replaceChildren(figure, make("small", {}, unit));
  const part = memory.used / memory.limit;
  byId("memory-meter").firstElementChild.style.width = `${Math.min(100, part * 100)}%`;
  byId("memory-meter").dataset.state = part > 0.8 ? "warn" : "";
  const cuts = memory.cuts > 0 ? `, ${some(memory.cuts, "holder")} cut` : "";
  note("memory", `of ${bytes(memory.limit)}${cuts}`, memory.cuts > 0);
}

function note(name, text, isWarning) {
  const line = byId(`${name}-note-line`);
  setText(line, text);
  line.dataset.state = isWarning ? "warn" : "";
}

function showRooms({ rooms, isAll, totals, now }) {
  setText(byId("rooms-count"), count(totals.rooms));
  byId("rooms-table").hidden = rooms.length === 0;
  const words = emptyWords(rooms.length, isAll, totals.rooms);
  setText(byId("rooms-note"), words);
  byId("rooms-note").hidden = words === "";
  keepRows(byId("rooms"), rooms, {
    keyOf: ({ id }) => id,
    create: createRow,
    update: (row, room) => updateRow(row, room, now),
  });
}

function emptyWords(listed, isAll, all) {
  if (all === 0) return "No room is open. The first one shows here as soon as a TV starts a game.";
  if (listed === 0) return `No room is called “${search.value.trim()}”.`;
  return isAll ? "" : `The ${count(listed)} oldest are listed. Type a code or a name to find the others.`;
}

function createRow({ id }) {
  const link = make(
    "a",
    { className: "room-link", href: `/rooms/${encodeURIComponent(id)}` },
    make("span", { className: "code" }),
    make("small"),
    make("span", { className: "chip narrow" }),
  );
  const row = make(
    "tr",
    {},
    make("td", {}, link),
    make("td", {}, make("span"), make("span", { className: "chip", dataset: { state: "warn" } })),
    make("td", { className: "wide" }, make("span", { className: "chip" })),
    make("td", { className: "number" }),
    make("td", { className: "number wide" }),
    make("td", { className: "number wide" }),
  );
  row.addEventListener("click", ({ target }) => {
    if (target.closest("a") === null && getSelection().isCollapsed) location.assign(link.href);
  });
  return row;
}

function updateRow(row, room, now) {
  const [, players, state, frames, bytesCell, since] = row.cells;
  const code = row.querySelector(".code");
  setText(code, room.code ?? room.name);
  code.classList.toggle("is-name", room.code === null);
  setText(row.querySelector("small"), gameOf(room));
  const [seated, away] = players.children;
  setText(seated, `${count(room.players)} / ${count(room.maxPlayers)}`);
  setText(away, `${count(room.away)} away`);
  away.hidden = room.away === 0;
  const [tone, words] = stateOf(room);
  // On phones it stands below the name.
  for (const chip of [state.firstElementChild, row.querySelector(".narrow")]) {
    setText(chip, words);
    chip.dataset.state = tone;
  }
  setText(frames, rate(room.rate.frames));
  setText(bytesCell, bytes(room.rate.bytes));
  setText(since, age(now - Date.parse(room.since)));
}
