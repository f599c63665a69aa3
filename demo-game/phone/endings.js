import { avatar, worried } from "../avatar.js";
import { element } from "../element.js";
import { lettering } from "../lettering.js";
import { codeScreen } from "./join.js";

/** For a phone that has lost the secret of its seat: the server does not know it, but the TV can give the seat back. */
const WERE_YOU_PLAYING =
  "Were you playing? Choose your name at the foot of the TV, or press R there, and scan the code that it shows. Your seat is kept.";
const WERE_YOU_PLAYING_HERE = "Were you playing in another tab? Your seat is kept, and you may go on here.";

/**
 * What a phone shows after the final close, by the name of the close code: a word, a heading, a sentence (the server's, if
 * there is none here), a button that tries again (if that can help), and a way back for phones that had a seat.
 */
const ENDINGS = {
  room_locked: [
    "Hang on!",
    "A game is on",
    "The door is locked while they play. You are in the next round: watch and vote until you see the podium on the TV.",
    "Try again",
    WERE_YOU_PLAYING,
  ],
  room_full: [
    "Full house!",
    "All seats are taken",
    "This room has as many players as it holds. Try again when somebody has left.",
    "Try again",
    WERE_YOU_PLAYING,
  ],
  no_place_to_watch: [
    "Full house!",
    "No place is left to watch",
    "Look over the shoulder of a friend, or try again in a while.",
    "Try again",
  ],
  room_closed: [
    "Bye bye!",
    "The TV has gone",
    "The game was closed on the TV. Once it is open again, join with its new code.",
    null,
  ],
  kicked: ["Oh!", "You were removed", "", "Join again"],
  banned: ["No way!", "You may not come back", "This room was closed to you on the TV.", null],
  replaced: [
    "Hello twin!",
    "You are playing in another tab",
    "Your seat is used by another tab, or by the phone that came to your rescue. Go on there, or try it here.",
    "Play here",
  ],
  overloaded: ["Phew!", "The server is full", "Give it a minute, then try again.", "Try again"],
};
/** After these the phone may watch. */
const OFFERS_WATCHING = new Set(["room_locked", "room_full"]);
const OTHERWISE = ["Oops!", "The line is cut", "Something ended the connection.", "Try again"];

/**
 * @param {{ name?: string, reason: string }} close
 * @param {{ code: string, face: string, wasIn: boolean, isWatcher: boolean, retry: () => void, watch: () => void, takeOver: (() => void) | null }} phone
 *   `wasIn`: there was a seat before the close; `watch`: joins the audience; `takeOver`: takes the seat that another tab of this phone has
 */
export function endingScreen({ name, reason }, { code, face, wasIn, isWatcher, retry, watch, takeOver }) {
  if (name === "room_not_found") {
    return codeScreen({ title: "No such room", text: `There is no room called ${code}. Look at the TV again?`, code });
  }
  const kind = kindOf(name, { wasIn, isWatcher });
  const [words, heading, text, button, advice] = ENDINGS[kind] ?? OTHERWISE;
  const wayBack = advice && (takeOver ? WERE_YOU_PLAYING_HERE : advice);
  const isSecond = wayBack && takeOver;
  const offersWatching = OFFERS_WATCHING.has(kind);
  const again =
    button &&
    element("button", {
      class: `button ${isSecond || offersWatching ? "quiet" : "primary"}`,
      text: button,
      onclick: retry,
    });
  const other = element("a", {
    class: `button ${button ? "quiet" : "primary"}`,
    href: "player.html",
    text: button ? "Another room" : "Type a code",
  });
  const node = element(
    "section",
    { class: "card-screen" },
    element("div", { class: "hero is-sad" }, avatar(worried(face))),
    element("p", { class: "big", "aria-hidden": "true" }, lettering(words)),
    element("h1", { text: heading }),
    element("p", { class: "say", text: text || reason }),
    wayBack && element("p", { class: "say way-back", text: wayBack }),
    element(
      "div",
      { class: "actions" },
      isSecond && element("button", { class: "button primary", text: "Take my seat", onclick: takeOver }),
      offersWatching &&
        element("button", {
          class: `button ${isSecond ? "quiet" : "primary"}`,
          text: "Watch and vote",
          onclick: watch,
        }),
      again,
      other,
    ),
  );
  return { element: node, mood: "vote", hasOwnHeader: true };
}

function kindOf(name, { wasIn, isWatcher }) {
  if (name === "room_full" && isWatcher) return "no_place_to_watch";
  // A kick before there was a seat means that the phone is banned.
  return name === "kicked" && !wasIn ? "banned" : name;
}

/** Shown until the TV sends the first screen. `trouble` shows a sentence that says why that takes long. */
export function connectingScreen(code, face) {
  const why = element("p", { class: "say", role: "status" });
  const node = element(
    "section",
    { class: "card-screen" },
    element("div", { class: "hero is-bobbing" }, avatar(face)),
    element("h1", { text: `Looking for room ${code}…` }),
    why,
  );
  const trouble = (sentence) => {
    why.textContent = sentence;
  };
  return { element: node, mood: "lobby", hasOwnHeader: true, trouble };
}

/** Shown if nothing was handed in when the time was up. */
export function outOfTimeScreen(face, mood) {
  const node = element(
    "section",
    { class: "card-screen" },
    element("div", { class: "hero" }, avatar(face)),
    element("h1", { class: "big" }, lettering("Time's up!")),
    element("p", { class: "say strong", text: "You are out of time. Not to worry: it goes on in a moment." }),
  );
  return { element: node, mood };
}
