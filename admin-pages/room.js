/** The page of one room: its players, what happened in it, and what can be done about it. */
import { age, bytes, clockTime, count, dayTime, rate, some } from "./format.js";
import { askPerson } from "./question.js";
import { gameOf, stateOf } from "./room-state.js";
import { describeEntry, timesOf } from "./timeline.js";
import { ask, byId, keepLooking, keepRows, make, sentenceOf, setText, showNote } from "./shell.js";

const ID = byId("room").dataset.id;
const API = `/api/rooms/${encodeURIComponent(ID)}`;

/** The newest answer's room; `null` when it is over. */
let room = null;
let timeline = { version: 0, entries: [], dropped: 0 };
/** Names of players, also of those who have left. */
const names = new Map();
const nameOf = (player) => names.get(player) ?? `Player ${player}`;

const lookNow = keepLooking(look);

async function look() {
  const answer = await ask("GET", `/data/rooms/${encodeURIComponent(ID)}?version=${timeline.version}`).catch(
    (error) => {
      if (error.status === 404) return { room: null, names: {} };
      throw error;
    },
  );
  // A code may be given to another room later: this page stays with the one that it has shown.
  const isOther = room !== null && answer.room !== null && !isSameTime(room.since, answer.room.since);
  room = isOther ? null : answer.room;
  if (!isOther) {
    const known = names.size;
    for (const [player, name] of Object.entries(answer.names)) names.set(Number(player), name);
    timeline = answer.timeline ?? timeline;
    if (answer.timeline !== undefined || names.size > known) showTimeline();
  }
  show(answer.now);
  return room !== null;
}

/** The server reckons from a clock that is a millisecond off now and then. */
function isSameTime(one, other) {
  return Math.abs(Date.parse(one) - Date.parse(other)) < 1_000;
}

function show(now) {
  const isOver = room === null;
  const remembers = timeline.entries.length > 0;
  byId("room-actions").hidden = isOver;
  byId("room-tiles").hidden = isOver;
  byId("players-panel").hidden = isOver;
  byId("publish").hidden = isOver;
  byId("room-columns").hidden = isOver && !remembers;
  byId("room-columns").classList.toggle("is-over", isOver);
  byId("room-note").hidden = !isOver;
  if (isOver) {
    setText(
      byId("room-note"),
      remembers ? "This room is over. What happened in it is below." : "There is no such room. It may be over.",
    );
    byId("room-chips").replaceChildren(make("span", { className: "chip", dataset: { state: "bad" } }, "Over"));
    return;
  }
  setText(byId("room-code"), room.code ?? room.name);
  byId("room-code").classList.toggle("is-name", room.code === null);
  setText(byId("room-game"), gameOf(room));
  const [tone, words] = stateOf(room);
  const chips = [
    [tone, words],
    ["", room.kind === "host" ? "Hosted on a TV" : "Open room"],
    ["", `Opened ${dayTime(Date.parse(room.since))}`],
    ...(room.pin ? [["", "Needs a PIN"]] : []),
  ];
  keepRows(byId("room-chips"), chips, {
    keyOf: (chip) => chips.indexOf(chip),
    create: () => make("span", { className: "chip" }),
    update: (element, [state, text]) => {
      element.dataset.state = state;
      setText(element, text);
    },
  });
  setText(byId("lock"), room.isLocked ? "Open again" : "Lock");
  const seated = room.players.length - room.spectators;
  setText(byId("players-figure"), `${count(seated)} / ${count(room.maxPlayers)}`);
  setText(byId("players-note-line"), room.away > 0 ? `${count(room.away)} away` : "");
  byId("players-note-line").dataset.state = room.away > 0 ? "warn" : "";
  setText(byId("frames-figure"), rate(room.rate.frames));
  setText(byId("bytes-figure"), bytes(room.rate.bytes));
  setText(byId("age-figure"), age(now - Date.parse(room.since)));
  showPlayers(room.players, now);
}

function showPlayers(players, now) {
  byId("players-table").hidden = players.length === 0;
  byId("players-note").hidden = players.length > 0;
  keepRows(byId("players"), players, {
    keyOf: ({ id }) => id,
    create: createRow,
    update: (row, player) => updateRow(row, player, now),
  });
  const options = players.map((player) => ({ value: String(player.id), text: titleOf(player) }));
  keepRows(byId("publish-to"), [{ value: "", text: "Everybody" }, ...options], {
    keyOf: ({ value }) => value,
    create: ({ value }) => make("option", { value }),
    update: (option, { text }) => setText(option, text),
  });
}

function createRow(player) {
  const button = (text, onClick) => {
    const element = make("button", { type: "button", className: "button button-quiet button-small" }, text);
    element.setAttribute("aria-label", `${text} ${titleOf(player)}`);
    element.addEventListener("click", () => void onClick(player));
    return element;
  };
  return make(
    "tr",
    {},
    make(
      "td",
      { className: "player" },
      make("b"),
      make("span", { className: "chip" }),
      make("small", { className: "who" }),
      make("small", { className: "narrow" }),
    ),
    make("td", { className: "number wide" }),
    make("td", { className: "number wide" }),
    make("td", { className: "number wide" }),
    make("td", {}, make("div", { className: "row-actions" }, button("Kick", kick), button("Ban", ban))),
  );
}

function updateRow(row, player, now) {
  const { id, name, user, role, away, rtt, queue } = player;
  const [, rttCell, queueCell, sinceCell] = row.cells;
  setText(row.querySelector("b"), titleOf(player));
  const chip = row.querySelector(".chip");
  setText(chip, away ? "Away" : role === "spectator" ? "Watches" : "");
  chip.hidden = chip.textContent === "";
  chip.dataset.state = away ? "warn" : "";
  const number = typeof id === "number" && name !== null ? `Player ${id}` : "";
  const who = row.querySelector(".who");
  setText(who, [number, user === titleOf(player) ? "" : (user ?? "")].filter(Boolean).join(" · "));
  who.hidden = who.textContent === "";
  const trip = rtt === null ? "–" : `${Math.max(1, Math.round(rtt))} ms`;
  const since = age(now - Date.parse(player.since));
  setText(rttCell, trip);
  setText(queueCell, bytes(queue));
  setText(sinceCell, since);
  setText(
    row.querySelector(".narrow"),
    [rtt === null ? "" : trip, queue === 0 ? "" : `${bytes(queue)} queued`, `in for ${since}`]
      .filter(Boolean)
      .join(" · "),
  );
}

/** What people call a player. */
function titleOf({ id, name }) {
  return name ?? (typeof id === "number" ? `Player ${id}` : id);
}

function showTimeline() {
  const entries = [...timeline.entries].reverse();
  byId("timeline-note").hidden = entries.length > 0;
  byId("timeline").replaceChildren(
    ...entries.map((entry) => {
      const [tone, sentence] = describeEntry(entry, nameOf);
      const time = make(
        "time",
        { dateTime: new Date(entry.at).toISOString(), title: dayTime(entry.at) },
        clockTime(entry.at),
      );
      const words = make("span", {}, sentence, make("span", { className: "times" }, timesOf(entry)));
      return make("li", { dataset: { tone } }, words, time);
    }),
  );
  if (timeline.dropped > 0) {
    const words = `${some(timeline.dropped, "earlier entry", "earlier entries")} no longer kept`;
    byId("timeline").append(make("li", {}, make("span", { className: "times" }, words)));
  }
}

/** Asks, acts, and says below the headline what came of it. */
async function act(question, method, path, body) {
  const answer = question === undefined ? "" : await askPerson(question);
  if (answer === undefined) return;
  const outcome = byId("room-outcome");
  try {
    await ask(method, path, body?.(answer));
    showNote(outcome, "", "");
  } catch (error) {
    showNote(outcome, "fault", sentenceOf(error));
  }
  await lookNow();
}

const REASON = { label: "Reason, which they read (optional)", placeholder: "The host removed you from the game." };

/** Kicks a player after a question, and with `ban` for good. */
function sendAway(player, question, more) {
  return act({ ...question, field: REASON }, "POST", `${API}/kick`, (reason) => ({
    player: player.id,
    ...more,
    ...(reason !== "" && { reason }),
  }));
}

const kick = (player) =>
  sendAway(player, {
    title: `Kick ${titleOf(player)}?`,
    text: "The seat is free at once. The same phone may join again.",
    yes: "Kick",
  });

const ban = (player) =>
  sendAway(
    player,
    {
      title: `Ban ${titleOf(player)} from this room?`,
      text: "The phone, and its user where a token names one, cannot return to this room for as long as it is open.",
      yes: "Ban",
    },
    { ban: true },
  );

byId("lock").addEventListener("click", () => {
  void act(undefined, "POST", `${API}/${room?.isLocked === true ? "open" : "lock"}`);
});

byId("close").addEventListener("click", () => {
  const people = room?.players.length ?? 0;
  const question = {
    title: `Close room ${byId("room-code").textContent}?`,
    text: `${people === 0 ? "It is empty." : `${some(people, "player")} will be sent away.`} The game cannot be continued.`,
    yes: "Close room",
  };
  void act(question, "DELETE", API);
});

byId("publish").addEventListener("submit", (event) => {
  event.preventDefault();
  void publish();
});

async function publish() {
  const note = byId("publish-note");
  const text = byId("publish-data").value;
  const to = byId("publish-to").value;
  let message;
  try {
    message = byId("publish-as").value === "text" ? { text } : { data: JSON.parse(text) };
  } catch (error) {
    showNote(note, "fault", `This is not JSON: ${error.message}`);
    return;
  }
  try {
    const { delivered, kept = 0 } = await ask("POST", "/api/publish", {
      room: ID,
      ...message,
      ...(to !== "" && { to: [room?.kind === "host" ? Number(to) : to] }),
    });
    const later = kept > 0 ? `, and is kept for ${count(kept)} away` : "";
    showNote(
      note,
      "done",
      delivered === 0 && kept === 0 ? "There was nobody to hear it." : `Went to ${some(delivered, "player")}${later}.`,
    );
    byId("publish-data").value = "";
  } catch (error) {
    showNote(note, "fault", sentenceOf(error));
  }
}
