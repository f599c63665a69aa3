/** The code field: four boxes, which the page brings. It looks the code up at the fourth letter. Without this script it is a plain form. */
import { moveFocusByArrows } from "./arrow-keys.js";
import { areWebSocketsBlocked, SERVER } from "./websocket-check.js";

const CODE_LENGTH = 4;
/** What the script says, in the language of the page, which carries it. */
const WORDS = JSON.parse(document.querySelector("#words").textContent);

/** The code in a pasted text: the text itself, or the end of a link. */
function codeIn(text) {
  const path = text.trim().replace(/[?#].*$/, "");
  return lettersOf(path.slice(path.lastIndexOf("/") + 1)).slice(0, CODE_LENGTH);
}

function lettersOf(text) {
  return text.replace(/[^A-Za-z]/g, "").toUpperCase();
}

for (const found of document.querySelectorAll("form.join")) enliven(found);
serveRemotes();
void warnTheTv();

/** Warns on the TV if WebSockets are blocked: a game would not start. */
async function warnTheTv() {
  const games = document.querySelector(".games");
  if (games === null || !(await areWebSocketsBlocked())) return;
  const warning = document.createElement("p");
  warning.className = "warning";
  warning.setAttribute("role", "alert");
  warning.textContent = `${WORDS.blocked} ${WORDS.blockedProxy}`;
  games.prepend(warning);
}

/** A remote has arrows and OK: the first game has the focus, and the arrows move it. */
function serveRemotes() {
  moveFocusByArrows();
  const isTv = document.documentElement.classList.contains("is-tv");
  const first = document.querySelector(".card");
  if (isTv && first !== null && document.activeElement === document.body) first.focus({ preventScroll: true });
}

function enliven(form) {
  const input = form.querySelector("input");
  const message = form.querySelector(".join-message");
  /** The whole panel: its picture also shows how the look-up goes. */
  const panel = form.closest(".joining") ?? form;
  const boxes = [...form.querySelectorAll(".code-boxes span")];
  const button = form.querySelector("button");
  const buttonText = button.textContent;
  // The browser's own bubble would cover the boxes; the message below them takes its place.
  form.noValidate = true;

  let lookup;
  /** The code of a room that takes no newcomers, after the page has said so. */
  let insistedOn;

  /** Shows a state: "typing", "checking", "found", "closed", "missing" or "failed". The style sheet does the rest. */
  function show(state, text = WORDS.fourLetters) {
    panel.dataset.state = state;
    button.textContent = buttonText;
    message.textContent = text;
    for (const [index, box] of boxes.entries()) {
      box.textContent = input.value[index] ?? "";
      box.classList.toggle("is-next", index === input.value.length);
    }
  }

  async function join() {
    if (lookup) lookup.abort();
    const code = input.value;
    if (code.length < CODE_LENGTH) {
      show("missing", WORDS.tooShort);
      input.focus();
      return;
    }
    const mine = new AbortController();
    lookup = mine;
    show("checking", WORDS.checking);
    const room = await lookUp(code, mine.signal);
    if (mine.signal.aborted) return;
    if (typeof room === "string") {
      refuse(room, code);
      return;
    }
    const isBlocked = await areWebSocketsBlocked();
    if (mine.signal.aborted) return;
    const closed = closedDoor(room);
    if (isBlocked) {
      show("failed", `${WORDS.blocked} ${WORDS.blockedAdvice}`);
    } else if (closed !== undefined && code !== insistedOn) {
      // Only the game's page knows whether this phone has a seat, so a button leads there.
      insistedOn = code;
      show("closed", `${closed} ${WORDS.seatKept}`);
      button.textContent = WORDS.toMySeat;
    } else {
      show("found", room.pin ? WORDS.foundPin : WORDS.found);
      location.assign(new URL(code, SERVER));
    }
  }

  function refuse(why, code) {
    if (why === "not_found") {
      show("missing", WORDS.missing.replace("{code}", code));
      input.focus();
      input.select();
    } else if (why === "too_many") {
      show("failed", WORDS.tooMany);
    } else {
      show("failed", WORDS.noAnswer);
    }
  }

  input.addEventListener("input", () => {
    if (lookup) lookup.abort();
    insistedOn = undefined;
    const letters = lettersOf(input.value).slice(0, CODE_LENGTH);
    if (letters !== input.value) input.value = letters;
    show("typing");
    if (letters.length === CODE_LENGTH) void join();
  });
  input.addEventListener("paste", (event) => {
    const code = codeIn(event.clipboardData?.getData("text") ?? "");
    if (code.length < CODE_LENGTH) return;
    event.preventDefault();
    input.value = code;
    void join();
  });
  // The boxes show no cursor: letters always go to the end, or replace a whole code.
  input.addEventListener("focus", () => placeCursor(input));
  input.addEventListener("pointerup", () => placeCursor(input));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void join();
  });
  // On a computer, letters typed anywhere go into the field. Where a large screen shows the QR code, the first letter shows the field.
  document.addEventListener("keydown", (event) => {
    const isLetter = /^[a-z]$/i.test(event.key) && !event.ctrlKey && !event.metaKey && !event.altKey;
    if (!isLetter || document.activeElement === input) return;
    document.documentElement.classList.add("is-typing");
    input.focus();
  });
  // A page from the back-forward cache still shows the last state.
  addEventListener("pageshow", () => show("typing"));

  input.value = lettersOf(input.value);
  show("typing");
}

function placeCursor(input) {
  if (input.value.length === CODE_LENGTH) input.select();
  else input.setSelectionRange(input.value.length, input.value.length);
}

/** The reason why a room takes no newcomers, as a sentence; `undefined` if it takes them. */
function closedDoor({ isOpen, players, maxPlayers }) {
  if (isOpen) return undefined;
  return players >= maxPlayers ? WORDS.full : WORDS.started;
}

/** The server's information about the room (P5.9.2), or why there is none: `not_found`, `too_many`, `no_answer`. */
async function lookUp(code, signal) {
  try {
    const response = await fetch(new URL(code, SERVER), {
      headers: { Accept: "application/json" },
      cache: "no-store",
      signal,
    });
    if (response.ok) return await response.json();
    if (response.status === 404) return "not_found";
    return response.status === 429 ? "too_many" : "no_answer";
  } catch {
    // The network failed, or the signal ended this look-up; the caller checks the signal.
    return "no_answer";
  }
}
