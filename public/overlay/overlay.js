/** Fills the overlay: it asks the server once a second what the room shows. It takes no place in the room and knows no secret of it. */
import { qrSvg } from "../sdk/couchwire.js";

const EVERY_MS = 1_000;
/** After a code that is not there the server is asked less and less often, and then no more: each time counts as a wrong code. */
const AFTER_GONE_MS = [10_000, 30_000, 60_000];
const MOST_PEOPLE = 16;
const MOST_OPTIONS = 8;

const $ = (id) => document.querySelector(`#${id}`);
const isPart = (name) => !(new URLSearchParams(location.search).get("hide") ?? "").split(",").includes(name);

let goneCount = 0;
let room;

function element(tag, properties, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

/** Code and QR code are in the page only while they are shown, so that no picture of it has them by mistake. */
function showInvite() {
  const isShown = room !== undefined && document.documentElement.classList.contains("shows-code");
  $("invite").hidden = !isShown;
  if (!isShown) {
    for (const id of ["qr", "code", "address"]) $(id).replaceChildren();
    delete $("qr").dataset.url;
    $("code").removeAttribute("aria-label");
    return;
  }
  if ($("code").textContent !== room.code || $("qr").dataset.url !== room.joinUrl) {
    $("qr").dataset.url = room.joinUrl;
    $("qr").innerHTML = qrSvg(room.joinUrl, { border: 0 });
  }
  $("code").textContent = room.code;
  $("code").setAttribute("aria-label", `${$("code").dataset.label}: ${[...room.code].join(" ")}`);
  $("code").setAttribute("role", "img");
  $("address").textContent = room.joinUrl.replace(/^https?:\/\//, "").replace(/\/[A-Z]{4}$/, "");
}

const isList = (value) => Array.isArray(value);
const textOf = (value) => (typeof value === "string" || typeof value === "number" ? String(value) : "");

/** Those whom the host shows, else those whose names the server knows. */
function peopleOf({ shown, people }) {
  const given = isList(shown?.players) ? shown.players : people;
  return given.flatMap((person) => {
    const name = textOf(person?.name);
    return name === ""
      ? []
      : { name, isAway: person.away === true, color: textOf(person.color), score: textOf(person.score) };
  });
}

function showPeople() {
  const isShown = room !== undefined && isPart("players");
  $("people-card").hidden = !isShown;
  if (!isShown) return;
  $("count").textContent = `${room.players} / ${room.maxPlayers}`;
  const people = peopleOf(room).slice(0, MOST_PEOPLE);
  $("people").replaceChildren(
    ...people.map(({ name, isAway, color, score }) => {
      const item = element("li", { className: isAway ? "is-away" : "" }, element("bdi", { textContent: name }));
      if (score !== "") item.append(` ${score}`);
      if (CSS.supports("color", color)) item.style.setProperty("--color", color);
      return item;
    }),
  );
  say("audience", room.audience);
  say("waiting", room.waiting);
  $("crowd").hidden = room.audience + room.waiting === 0;
}

function say(id, count) {
  $(id).textContent = count > 0 ? $(id).dataset.text.replace("{n}", count) : "";
}

/** `{ heading, counts: [[text, votes], …], other }`, as the host shows it, else as the server has counted it. */
function tallyOf({ shown, tally }) {
  const given = shown?.tally;
  const counts = isList(given?.counts) ? given.counts : Object.entries(Object(given?.counts ?? tally?.counts));
  const rows = counts.flatMap((row) => (isList(row) && row[1] > 0 ? [[textOf(row[0]), Number(row[1])]] : []));
  const other = Number((given ?? tally)?.other ?? 0);
  return { heading: textOf(given?.question) || textOf(tally?.poll), rows, other };
}

function showTally() {
  const { heading, rows, other } = room === undefined ? { rows: [], other: 0 } : tallyOf(room);
  const isShown = isPart("tally") && rows.length + other > 0;
  $("tally-card").hidden = !isShown;
  if (!isShown) return;
  $("tally-heading").textContent = heading || $("tally-heading").dataset.text;
  const best = [...rows].sort((a, b) => b[1] - a[1]);
  const rest = best.slice(MOST_OPTIONS).reduce((sum, [, votes]) => sum + votes, other);
  const shown = [...best.slice(0, MOST_OPTIONS), ...(rest > 0 ? [[$("tally").dataset.other, rest]] : [])];
  const most = Math.max(...shown.map(([, votes]) => votes));
  $("tally").replaceChildren(
    ...shown.map(([text, votes]) => {
      const item = element("li", {}, element("bdi", { textContent: text }), element("span", { textContent: votes }));
      item.style.setProperty("--share", votes / most);
      return item;
    }),
  );
}

function show() {
  const title = textOf(room?.shown?.title);
  $("title").textContent = title;
  $("title").hidden = title === "";
  showInvite();
  showPeople();
  showTally();
}

/** Asks for the room; resolves with the milliseconds until the next time, or with nothing where it is asked no more. */
async function look() {
  try {
    const answer = await fetch(location.pathname, { headers: { Accept: "application/json" }, cache: "no-store" });
    if (answer.status === 404) {
      room = undefined;
      show();
      return AFTER_GONE_MS[goneCount++];
    }
    if (answer.ok) {
      goneCount = 0;
      room = await answer.json();
      show();
    }
  } catch {
    // The server is away; what it said last stays on the screen.
  }
  return EVERY_MS;
}

/** C, for code: in OBS, choose “Interact” and press it. */
document.addEventListener("keydown", ({ key, repeat, ctrlKey, metaKey, altKey }) => {
  if (key.toLowerCase() !== "c" || repeat || ctrlKey || metaKey || altKey) return;
  document.documentElement.classList.toggle("shows-code");
  showInvite();
});

async function follow() {
  const wait = await look();
  if (wait !== undefined) setTimeout(() => void follow(), wait);
}

void follow();
