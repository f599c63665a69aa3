// oxlint-disable-next-line import/no-absolute-path -- the server serves the SDK there
import { hasSeat, joinRoom, parseRoomCode } from "/sdk/couchwire.js";
// oxlint-disable-next-line import/no-absolute-path -- as above
import "/sdk/controls.js";
// oxlint-disable-next-line import/no-absolute-path -- as above
import "/sdk/ui.js";
import { avatar } from "../avatar.js";
import { newLuck } from "../chance.js";
import { element, sheet } from "../element.js";
import { CROWD_SCREENS, lineScreen, watchingScreen } from "./crowd.js";
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
/** What the TV told its watchers last. */
let toldCrowd = "";
/** How this phone came in, or tried to. */
let lastWay = {};
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
    show(joinScreen(me, hello, { action: "That's me" }));
    isChanging = true;
  },
  picture: (description) => sheet(pictureUrl, description, "paper picture"),
};

/** What the screens of a phone without a seat may do. */
const watcher = {
  get face() {
    return me.face;
  },
  vote: (text) => line.vote(text),
  play: () => comeAs("player"),
  watch: () => comeAs("audience"),
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
    if (!me.name) show(joinScreen(me, hello, { onWatch: watcher.watch }));
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

/** Shows what the TV tells its watchers. The same screen of the same turn is updated in place. */
function showCrowd(message) {
  const identity = `${message.turn} ${message.screen}`;
  const text = JSON.stringify(message);
  if (identity === shown && text === toldCrowd) return; // said again, for those who came later
  toldCrowd = text;
  if (identity === shown && screen.update) screen.update(message);
  else show(CROWD_SCREENS[message.screen](message, watcher));
  shown = identity;
}

/** This phone waits for a seat of a full room. */
function showPlace(position) {
  const identity = "line";
  if (identity === shown) screen.update(position);
  else show(lineScreen(position, watcher));
  shown = identity;
}

/** Leaves, and comes again with or without a seat. The address says that this phone watches, for a page that is loaded again. */
function comeAs(role) {
  const [before, how] = [line, lastWay];
  line = null; // what is over shows no screen
  before?.close();
  connect({ ...how, role, takeOver: false });
}

function noteRole(role) {
  const url = new URL(location.href);
  if (role === "audience") url.searchParams.set("watch", "");
  else url.searchParams.delete("watch");
  if (url.href !== location.href) history.replaceState(history.state, "", url);
}

/**
 * @param {{ pin?: string, takeOver?: boolean, role?: "player" | "audience" }} [how] `takeOver`: with the seat that another tab of this phone has;
 *   `role`: whether it plays or watches
 */
function connect(how = {}) {
  const notice = element("cw-connection");
  let wasIn = false;
  lastWay = how;
  noteRole(how.role);
  show(connectingScreen(code, me.face));
  const own = joinRoom({ code, ...how });
  line = own;
  if (me.name && how.role !== "audience") hello();
  line.once("open", () => {
    wasIn = true;
    notice.bind(own);
    document.body.append(notice);
    if (own.role === "audience" && !shown) show(watchingScreen(watcher));
  });
  line.on("queue", showPlace);
  line.on("crowd", showCrowd);
  // The TV shows no rude names.
  line.on("profile", () => {
    me.name = own.name;
    saveMe(me);
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
    if (line !== own) return;
    const isWatcher = how.role === "audience";
    if (close.name === "unauthorized")
      show(
        pinScreen({ code, reason: close.reason, wasWrong: how.pin !== undefined }, (pin) => connect({ ...how, pin })),
      );
    else {
      const takeOver = !isWatcher && hasSeat(code) ? () => connect({ ...how, takeOver: true }) : null;
      const retry = () => connect(how);
      show(endingScreen(close, { code, face: me.face, wasIn, isWatcher, retry, watch: watcher.watch, takeOver }));
    }
  });
}

if (code) connect(query.has("watch") ? { role: "audience" } : {});
else
  show(
    codeScreen(given ? { title: "No such room", text: "A room code has four letters.", code: given.slice(0, 4) } : {}),
  );
