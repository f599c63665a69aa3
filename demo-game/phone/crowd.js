import { avatar } from "../avatar.js";
import { element } from "../element.js";
import { lettering } from "../lettering.js";

/**
 * What a phone without a seat shows: one that watches and votes, or one that waits for a seat. The TV tells all watchers the same; which of its votes this
 * phone gave, it knows by itself.
 */
const STORE = "scrawlywags:vote";

const big = (words) => element("h1", { class: "big" }, lettering(words));
const plural = (count, one, many) => `${count} ${count === 1 ? one : many}`;
const say = (text) => element("p", { class: "say strong", text });

/** This phone's newest vote: a page that is loaded again must not give a second one. */
const ownVote = {
  in(turn) {
    try {
      const { turn: votedIn, option } = JSON.parse(sessionStorage.getItem(STORE) ?? "{}");
      return votedIn === turn && Number.isInteger(option) ? option : null;
    } catch {
      return null; // storage is forbidden or holds something else
    }
  },
  keep(turn, option) {
    try {
      sessionStorage.setItem(STORE, JSON.stringify({ turn, option }));
    } catch {
      // No storage: a page that is loaded again may vote again.
    }
  },
};

/** By what the TV says. Each takes its message and returns a screen, as those of players do. */
export const CROWD_SCREENS = { lobby, watch, vote, verdict, podium };

function card(mood, ...children) {
  const node = element("section", { class: "card-screen" }, ...children);
  return { element: node, mood, hasOwnHeader: true };
}

const hero = (phone, isBobbing = true) =>
  element("div", { class: isBobbing ? "hero is-bobbing" : "hero" }, avatar(phone.face));

const playButton = (phone, text) =>
  element("div", { class: "actions" }, element("button", { class: "button primary", text, onclick: phone.play }));

function lobby({ isFull }, phone) {
  return card(
    "lobby",
    hero(phone),
    element("h1", { text: "You are watching" }),
    element("p", { class: "say", text: "When the others guess, you vote with them, here." }),
    playButton(phone, isFull ? "Wait for a seat" : "Play instead"),
  );
}

function watch(_message, phone) {
  return card(
    "draw",
    hero(phone),
    big("Look up!"),
    say("You are watching. The next vote is yours, too."),
    element("p", { class: "say", text: "It comes here by itself." }),
  );
}

function vote({ turn, options, counts }, phone) {
  const status = element("p", { class: "say", role: "status" });
  const labels = options.map(() => element("small"));
  const buttons = options.map((text, option) =>
    element(
      "button",
      {
        class: "button choice",
        onclick: () => {
          if (ownVote.in(turn) !== null || !phone.vote(String(option))) return;
          ownVote.keep(turn, option);
          update({ counts: shown });
        },
      },
      element("span", { text }),
      labels[option],
    ),
  );
  let shown = counts;
  const update = (now) => {
    shown = now.counts;
    const own = ownVote.in(turn);
    const all = shown.reduce((sum, count) => sum + count, 0);
    for (const [option, button] of buttons.entries()) {
      button.disabled = own !== null;
      button.classList.toggle("is-chosen", option === own);
      // Who has not voted yet is not told what the others say.
      labels[option].textContent = own === null ? "" : plural(shown[option] ?? 0, "vote", "votes");
    }
    if (own === null) status.textContent = "The watchers’ votes are counted on the TV.";
    else if ((shown[own] ?? 0) === 0) status.textContent = "Your vote is on its way…";
    else status.textContent = `Your vote is counted: one of ${all}.`;
  };
  update({ counts });
  const node = element(
    "section",
    { class: "vote-screen" },
    element("h1", { text: "Which title is the real one?" }),
    element("div", { class: "choices", role: "group", "aria-label": "Titles" }, ...buttons),
    status,
  );
  return { element: node, mood: "vote", hasOwnHeader: true, update };
}

function verdict({ turn, truth, title, authors, found, votes }, phone) {
  const own = ownVote.in(turn);
  return card(
    "reveal",
    hero(phone),
    big(headingOf(own, truth)),
    element("p", { class: "say", text: "It really was" }),
    element("q", { class: "paper quote", text: title }),
    own !== null &&
      own !== truth &&
      say(authors[own] === null ? "You fell for the house." : `${authors[own]} fooled you.`),
    votes > 0 && element("p", { class: "say", text: `${found} of ${plural(votes, "watcher", "watchers")} found it.` }),
  );
}

function headingOf(own, truth) {
  if (own === null) return "Look up!";
  return own === truth ? "You found it!" : "Fooled!";
}

function podium({ winners, favourite }, phone) {
  return card(
    "lobby",
    hero(phone),
    element("h1", { text: winners ? `${winners} won` : "The game is over" }),
    favourite && say(`Most watchers fell for ${favourite}.`),
    element("p", { class: "say", text: "The door is open for the next game." }),
    playButton(phone, "Play the next game"),
  );
}

/** Shown until the TV says what there is to see. */
export const watchingScreen = (phone) =>
  card("lobby", hero(phone), element("h1", { text: "You are watching" }), say("Look up: the game is on the TV."));

/** The room is full. `update` takes the phone's place in the line. */
export function lineScreen(position, phone) {
  const place = element("h1");
  const update = (now) => {
    place.textContent = now === 1 ? "You are next in line" : `You are number ${now} in line`;
  };
  update(position);
  const node = element(
    "section",
    { class: "card-screen" },
    hero(phone),
    element("p", { class: "big", "aria-hidden": "true" }, lettering("Full house!")),
    element("div", { role: "status" }, place),
    element("p", {
      class: "say",
      text: "All seats are taken. Keep this page open: as soon as one is free, it is yours.",
    }),
    element(
      "div",
      { class: "actions" },
      element("button", { class: "button quiet", text: "Just watch", onclick: phone.watch }),
    ),
  );
  return { element: node, mood: "lobby", hasOwnHeader: true, update };
}
