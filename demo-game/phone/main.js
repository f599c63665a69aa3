// oxlint-disable-next-line import/no-absolute-path -- the server serves the SDK there
import { hasSeat, joinRoom, parseRoomCode } from "/sdk/couchwire.js";
// oxlint-disable-next-line import/no-absolute-path -- as above
import "/sdk/controls.js";
// oxlint-disable-next-line import/no-absolute-path -- as above
import "/sdk/ui.js";
import { avatar } from "../avatar.js";
import { newLuck } from "../chance.js";
import { element, sheet } from "../element.js";
import { connectingScreen, endingScreen, outOfTimeScreen } from "./endings.js";
import { codeScreen, joinScreen, pinScreen } from "./join.js";
import { loadMe, saveMe } from "./me.js";
import { SCREENS } from "./screens.js";
import { MOST_INK } from "../ink.js";

/** The phone's page: one connection to the room, and one screen at a time. The TV says which, in this player's state. */
const frame = document.querySelector("#screen");
const me = loadMe();
const query = new URLSearchParams(location.search);
const given = query.get("room") ?? "";
const code = parseRoomCode(given.trim());
// The seat that a rescue link gives has a name and a face.
if (query.has("rescue")) me.name = "";

/** What this page brings to what the TV shuffles. */
const luck = newLuck();

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
  /** Says whose drawing it is that this page keeps. */
  get seat() {
    return line;
  },
  send: (bytes) => line.send(bytes),
  emit: (name, data) => line.emit(name, data),
  /** Resolves with why the TV refuses the title, or with nothing. It may wait for a TV that is away. */
  proposeTitle: (text) => line.ask("title", text, { timeoutMs: 600_000 }),
  /** Ink for the easel on the TV, while the drawing is still a secret. */
  showInk: (colors) => line.emit("ink", colors.slice(-MOST_INK), { volatile: true, ttl: 10_000 }),
  /** The seconds up to the end of the phase. */
  clock() {
    const clock = element("cw-countdown", { look: "number" });
    clock.bind(line, "until");
    return clock;
  },
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
  line.setProfile({ name: me.name, face: me.face, luck });
}

/** Shows a screen from the TV. The same screen of the same turn is updated in place, so typed text is kept. */
function showTold(message) {
  told = message;
  if (message.screen === "welcome") {
    if (!me.name) show(joinScreen(me, hello));
    return;
  }
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

/** @param {{ pin?: string, takeOver?: boolean }} [how] `takeOver`: with the seat that another tab of this phone has */
function connect(how = {}) {
  const notice = element("cw-connection");
  let wasIn = false;
  show(connectingScreen(code, me.face));
  line = joinRoom({ code, ...how });
  if (me.name) hello();
  line.once("open", () => {
    wasIn = true;
    notice.bind(line);
    document.body.append(notice);
  });
  line.state.on("screen", (message) => message && showTold(message));
  line.on("time-up", timeIsUp);
  line.on("press", (what) => what === "start" && line.emit("start"));
  line.on("binary", (bytes) => {
    URL.revokeObjectURL(pictureUrl);
    pictureUrl = URL.createObjectURL(new Blob([bytes], { type: "image/png" }));
    for (const picture of frame.querySelectorAll(".picture")) picture.src = pictureUrl;
  });
  line.on("connecting", ({ reason }) => screen.trouble?.(reason)); // before it was in; then the notice says why
  line.on("gap", () => {
    // An answer that the screen waits for may be lost: it is built anew, but for a drawing.
    if (screen.again) screen.again();
    else if (told) {
      shown = "";
      showTold(told);
    }
  });
  line.on("close", (close) => {
    notice.remove(); // the screens below say more
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
