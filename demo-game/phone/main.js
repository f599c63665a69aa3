// oxlint-disable-next-line import/no-absolute-path -- the server serves the SDK there
import { joinRoom, parseRoomCode } from "/sdk/couchwire.js";
import { avatar } from "../avatar.js";
import { element } from "../element.js";
import { connectingScreen, endingScreen } from "./endings.js";
import { codeScreen, joinScreen } from "./join.js";
import { loadMe, saveMe } from "./me.js";
import { SCREENS, outOfTimeScreen } from "./screens.js";

/** The phone's page: one line to the TV, one screen at a time. The TV says which. */
const frame = document.querySelector("#screen");
const notice = document.querySelector("#notice");
const me = loadMe();
const given = new URLSearchParams(location.search).get("room") ?? "";
const code = parseRoomCode(given.trim());

let line = null;
let screen = null;
/** What the TV said last; the screen may be another one (a form) for the moment. */
let told = null;
let shown = "";
/** The form for name and face is open, and stays open while others come and go. */
let isChanging = false;
/** The drawing that the TV shows, as an address for `<img>`. */
let pictureUrl = "";

const phone = {
  send: (data) => line.send(data),
  changeMe: () => {
    show(joinScreen(me, hello));
    isChanging = true;
  },
  picture: (description) => element("img", { class: "paper picture", src: pictureUrl, alt: description }),
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
  line.send({ type: "hello", key: me.key, name: me.name, face: me.face });
}

/** A whole screen from the TV. The same screen of the same turn is only brought up to date, so nothing typed is lost. */
function showTold(message) {
  told = message;
  // The TV may have given out another colour than the one that was asked for.
  me.face = message.you.face;
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

function connect() {
  show(connectingScreen(code, me.face));
  line = joinRoom({ code });
  line.on("open", () => say(""));
  line.on("json", hear);
  line.on("binary", (bytes) => {
    URL.revokeObjectURL(pictureUrl);
    pictureUrl = URL.createObjectURL(new Blob([bytes], { type: "image/png" }));
  });
  line.on("reconnecting", () => say("Connection lost. Getting it back…"));
  line.on("close", (close) => {
    say("");
    show(endingScreen(close, code, me.face, connect));
  });
}

/** A screen that falls asleep is a player who is gone; browsers allow this on https only, elsewhere it does nothing. */
async function stayAwake() {
  if (document.visibilityState !== "visible") return;
  try {
    await navigator.wakeLock?.request("screen");
  } catch {
    // Refused, for instance at low battery: the player will tap now and then.
  }
}

document.addEventListener("visibilitychange", () => void stayAwake());
document.addEventListener("pointerdown", () => void stayAwake(), { once: true });

if (code) connect();
else
  show(
    codeScreen(given ? { title: "No such room", text: "A room code has four letters.", code: given.slice(0, 4) } : {}),
  );
