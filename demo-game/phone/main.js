// oxlint-disable-next-line import/no-absolute-path -- the server serves the SDK there
import { hasSeat, joinRoom, parseRoomCode } from "/sdk/couchwire.js";
import { avatar } from "../avatar.js";
import { element, sheet } from "../element.js";
import { connectingScreen, endingScreen, outOfTimeScreen } from "./endings.js";
import { codeScreen, joinScreen, pinScreen } from "./join.js";
import { loadMe, saveMe } from "./me.js";
import { SCREENS } from "./screens.js";
import { MOST_INK } from "../ink.js";
import { tidyName } from "../names.js";

/** The phone's page: one connection to the room, and one screen at a time. The TV says which. */
const frame = document.querySelector("#screen");
const notice = document.querySelector("#notice");
const me = loadMe();
const given = new URLSearchParams(location.search).get("room") ?? "";
const code = parseRoomCode(given.trim());

let line = null;
let screen = null;
/** The last screen that the TV sent. A form may be shown in its place for the moment. */
let told = null;
let shown = "";
/** The form for name and face is open. It stays open while other players come and go. */
let isChanging = false;
/** The drawing that the TV shows, as an address for `<img>`. */
let pictureUrl = "";

const phone = {
  send: (data) => line.send(data),
  /** Ink for the easel on the TV, while the drawing is still a secret. */
  showInk: (colors) => line.send({ type: "ink", colors: colors.slice(-MOST_INK) }, { volatile: "ink", ttl: 10_000 }),
  changeMe: () => {
    show(joinScreen(me, hello, "That's me"));
    isChanging = true;
  },
  picture: (description) => sheet(pictureUrl, description, "paper picture"),
};

function show(next, you = null) {
  screen?.close?.();
  screen = next;
  document.documentElement.dataset.mood = next.mood;
  const header =
    !next.hasOwnHeader &&
    you &&
    element(
      "header",
      { class: "me" },
      avatar(you.face),
      element("span", { class: "me-name", text: you.name }),
      next.clock ?? element("span", { class: "me-score", text: `${you.score.toLocaleString("en")} points` }),
    );
  frame.replaceChildren(...(header ? [header] : []), next.element);
  frame.scrollTop = 0;
  shown = "";
}

function hello() {
  isChanging = false;
  line.send({ type: "hello", name: me.name, face: me.face });
}

/** Shows a screen from the TV. The same screen of the same turn is updated in place, so typed text is kept. */
function showTold(message) {
  told = message;
  // The TV may assign another colour; and a phone that took over a seat learns its name here.
  me.face = message.you.face;
  me.name ||= message.you.name;
  saveMe(me);
  if (isChanging && (message.screen === "lobby" || message.screen === "podium")) return;
  isChanging = false;
  const identity = `${message.turn} ${message.screen} ${message.you.name} ${message.you.face}`;
  if (identity === shown) {
    screen.update?.(message);
    return;
  }
  show(SCREENS[message.screen](message, phone), message.you);
  shown = identity;
}

function timeIsUp(turn) {
  if (told?.turn !== turn || !screen?.timeUp) return;
  if (!screen.timeUp()) show(outOfTimeScreen(me.face, screen.mood), told.you);
}

function hear(message) {
  if (message.type === "welcome") {
    // In an evening this phone has said its name to another game.
    me.name ||= tidyName(line.meta.avatar === undefined ? "" : line.name);
    if (me.name) hello();
    else show(joinScreen(me, hello));
  } else if (message.type === "screen") showTold(message);
  else if (message.type === "refused") screen?.refused?.(message.reason);
  else if (message.type === "time-up") timeIsUp(message.turn);
}

function say(text) {
  notice.textContent = text;
  notice.hidden = text === "";
}

/** Asks the TV for the screen again: the retained one may be out of date. */
function askAgain() {
  line.send({ type: "again" });
}

/** @param {{ pin?: string, takeOver?: boolean }} [how] `takeOver`: with the seat that another tab of this phone has */
function connect(how = {}) {
  let wasIn = false;
  show(connectingScreen(code, me.face));
  line = joinRoom({ code, ...(me.name && { name: me.name }), ...how });
  line.on("open", ({ isResumed }) => {
    wasIn = true;
    say("");
    if (!isResumed) askAgain();
  });
  line.on("json", hear);
  line.on("binary", (bytes) => {
    URL.revokeObjectURL(pictureUrl);
    pictureUrl = URL.createObjectURL(new Blob([bytes], { type: "image/png" }));
  });
  line.on("reconnecting", () => {
    if (wasIn) say("Connection lost. Getting it back…");
  });
  line.on("connecting", ({ reason }) => {
    if (wasIn) say(reason);
    else screen.trouble?.(reason);
  });
  line.on("gap", () => {
    // Frames were lost, perhaps an answer that the screen waits for: it is built anew.
    shown = "";
    askAgain();
  });
  line.on("close", (close) => {
    say("");
    told = null;
    if (close.name === "unauthorized")
      show(pinScreen({ code, reason: close.reason, wasWrong: how.pin !== undefined }, (pin) => connect({ pin })));
    else {
      const takeOver = hasSeat(code) ? () => connect({ ...how, takeOver: true }) : null;
      show(endingScreen(close, { code, face: me.face, wasIn, retry: () => connect(how), takeOver }));
    }
  });
}

if (code) connect();
else
  show(
    codeScreen(given ? { title: "No such room", text: "A room code has four letters.", code: given.slice(0, 4) } : {}),
  );
