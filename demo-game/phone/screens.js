import { avatar } from "../avatar.js";
import { element } from "../element.js";
import { lettering } from "../lettering.js";
import { TITLE_LENGTH } from "../titles.js";
import { drawScreen } from "./draw.js";

/**
 * One function a screen: it takes what the TV says and returns `{ element, mood }`. A screen may also have `update` (the TV says something
 * newer) and `timeUp` (hands in what there is; `false` if there is nothing).
 */
export const SCREENS = {
  lobby,
  late,
  draw: drawScreen,
  sent: waiting("draw", "Got it!", "Your masterpiece is safe with the TV.", "drawing"),
  title,
  titled: waiting("title", "Nice fib!", null, "writing"),
  artist,
  vote,
  voted: waiting("vote", "Vote is in!", "No take-backs.", "voting"),
  watch,
  outcome,
  podium,
};

const big = (words) => element("h1", { class: "big" }, lettering(words));
const plural = (count, one, many) => `${count} ${count === 1 ? one : many}`;
const points = (number) => number.toLocaleString("en");

function lobby(message, phone) {
  const status = element("p", { class: "say", role: "status" });
  const start = element("button", {
    class: "button primary",
    text: "Start the game",
    onclick: () => phone.emit("start"),
  });
  const change = element("button", { class: "button quiet", text: "Change name or face", onclick: phone.changeMe });
  const face = element("div", { class: "hero" });
  const name = element("h1", { class: "my-name" });

  const update = (now) => {
    face.replaceChildren(avatar(now.you.face));
    name.textContent = now.you.name;
    start.hidden = !now.isFirst;
    start.disabled = now.missing > 0;
    if (now.missing > 0)
      status.textContent = `You are in! We need ${plural(now.missing, "more player", "more players")}.`;
    else if (now.isFirst) status.textContent = `${now.count} are in. Start when everybody is here!`;
    else status.textContent = `You are in! ${now.first} starts the game.`;
  };
  update(message);
  const node = element(
    "section",
    { class: "card-screen" },
    face,
    name,
    status,
    element("div", { class: "actions" }, start, change),
  );
  return { element: node, mood: "lobby", update, hasOwnHeader: true };
}

function late(message) {
  const node = element(
    "section",
    { class: "card-screen" },
    element("div", { class: "hero" }, avatar(message.you.face)),
    element("h1", { text: "You are in the next round" }),
    element("p", {
      class: "say",
      text: "A game is on at the moment. Watch the TV and giggle along: when it ends, you are in by yourself.",
    }),
  );
  return { element: node, mood: "lobby" };
}

/** A screen that waits for the other players. */
function waiting(mood, words, sentence, activity) {
  return (message) => {
    const status = element("p", { class: "say", role: "status" });
    const update = ({ waitingFor }) => {
      status.textContent = waitingFor ? `Still ${activity}: ${waitingFor}.` : "Everybody is done!";
    };
    update(message);
    const node = element(
      "section",
      { class: "card-screen" },
      element("div", { class: "hero is-bobbing" }, avatar(message.you.face)),
      big(words),
      message.title
        ? element("q", { class: "paper quote", text: message.title })
        : element("p", { class: "say strong", text: sentence }),
      status,
    );
    return { element: node, mood, update };
  };
}

function title(message, phone) {
  const problem = element("p", { class: "problem", role: "alert", hidden: true });
  const field = element("input", {
    class: "field",
    id: "title",
    maxlength: TITLE_LENGTH,
    autocomplete: "off",
    autocapitalize: "none",
    enterkeyhint: "send",
    placeholder: "a likely story",
  });
  const send = element("button", { class: "button primary", text: "Send" });
  const submit = () => {
    if (!field.value.trim()) return false;
    send.disabled = true;
    phone.proposeTitle(field.value).then(refused, ({ message: why }) => refused(why));
    return true;
  };
  const refused = (reason) => {
    if (!reason || !form.isConnected) return;
    problem.textContent = reason;
    problem.hidden = false;
    send.disabled = false;
    field.focus();
    field.select();
  };
  const form = element(
    "form",
    {
      class: "title-form",
      onsubmit: (event) => {
        event.preventDefault();
        submit();
      },
    },
    phone.picture(`Drawing by ${message.artist}`),
    element("label", { class: "field-label", for: "title", text: `What could ${message.artist} have drawn?` }),
    field,
    problem,
    send,
  );
  return {
    element: form,
    mood: "title",
    clock: phone.clock(),
    timeUp: submit,
  };
}

function artist(message) {
  const status = element("p", { class: "say", role: "status" });
  const update = ({ waitingFor }) => {
    status.textContent = waitingFor ? `Still thinking: ${waitingFor}.` : "Everybody is done!";
  };
  update(message);
  const node = element(
    "section",
    { class: "card-screen" },
    element("div", { class: "hero is-bobbing" }, avatar(message.you.face)),
    big("That's yours!"),
    element("p", { class: "say strong", text: "Keep a straight face. The others are guessing what you drew." }),
    status,
  );
  return { element: node, mood: message.turn.startsWith("vote") ? "vote" : "title", update };
}

function vote(message, phone) {
  const buttons = message.options.map(({ option, text, isOwn }) =>
    element(
      "button",
      {
        class: "button choice",
        disabled: isOwn,
        onclick: ({ currentTarget }) => {
          for (const button of buttons) button.disabled = true;
          currentTarget.classList.add("is-chosen");
          phone.emit("vote", option);
        },
      },
      element("span", { text }),
      isOwn && element("small", { text: "your fib" }),
    ),
  );
  const node = element(
    "section",
    { class: "vote-screen" },
    phone.picture("The drawing on the TV"),
    element("h1", { text: "Which title is the real one?" }),
    element("div", { class: "choices", role: "group", "aria-label": "Titles" }, ...buttons),
  );
  return {
    element: node,
    mood: "vote",
    clock: phone.clock(),
    timeUp: () => false,
  };
}

/** A button for the first player. Another player may become the first while the screen is shown. */
function nextButton(message, phone) {
  const button = element("button", {
    class: "button quiet",
    text: "Skip ahead",
    onclick: () => phone.emit("skip"),
  });
  const node = element("div", { class: "actions" }, button);
  const update = ({ isFirst }) => {
    node.hidden = !isFirst;
  };
  update(message);
  return { element: node, update };
}

function watch(message, phone) {
  const next = nextButton(message, phone);
  const node = element(
    "section",
    { class: "card-screen" },
    element("div", { class: "hero is-bobbing" }, avatar(message.you.face)),
    big("Look up!"),
    element("p", { class: "say strong", text: "The TV is telling who fooled whom." }),
    next.element,
  );
  return { element: node, mood: "reveal", update: next.update };
}

function outcome(message, phone) {
  const next = nextButton(message, phone);
  const { found, voted, fooled, recognised, isArtist } = message;
  const lines = [
    isArtist &&
      (recognised > 0 ? `${plural(recognised, "player", "players")} saw what you drew.` : "Nobody saw what you drew."),
    !isArtist && found && "You found the truth.",
    !isArtist && voted && !found && "You fell for a fib.",
    fooled > 0 && `Your fib fooled ${plural(fooled, "player", "players")}.`,
  ].filter(Boolean);
  const node = element(
    "section",
    { class: "card-screen" },
    element("div", { class: "hero" }, avatar(message.you.face)),
    big(`+${points(message.points)}`),
    ...lines.map((text) => element("p", { class: "say strong", text })),
    element("p", { class: "say", text: `You have ${points(message.you.score)} points.` }),
    next.element,
  );
  return { element: node, mood: "reveal", update: next.update };
}

const ORDINALS = ["", "1st", "2nd", "3rd"];

function placeOf({ rank, score }) {
  if (rank > 1) return `${ORDINALS[rank] ?? `${rank}th`} place`;
  return score > 0 ? "You win!" : "No points!";
}

function podium(message, phone) {
  const again = element("button", { class: "button primary", onclick: () => phone.emit("start") });
  const other = element("button", {
    class: "button quiet",
    text: "Other games",
    onclick: () => phone.emit("other-games"),
  });
  const status = element("p", { class: "say", role: "status" });
  const update = (now) => {
    other.hidden = !now.isFirst;
    again.hidden = !now.isFirst;
    again.textContent = now.missing > 0 ? "Back to the lobby" : "Play again";
    if (now.missing > 0)
      status.textContent = `The next game needs ${plural(now.missing, "more player", "more players")}.`;
    else status.textContent = now.isFirst ? "Same people, new secrets?" : `${now.first} can start the next game.`;
  };
  update(message);
  const result = message.isNew
    ? [
        element("h1", { text: "You are in the next game" }),
        element("p", { class: "say", text: "The last one just ended." }),
      ]
    : [
        big(placeOf(message)),
        element("p", { class: "say strong", text: `${points(message.score)} points, ${message.of} players.` }),
        message.endedEarly && element("p", { class: "say", text: "Too few players were left to go on." }),
      ];
  const node = element(
    "section",
    { class: "card-screen" },
    element(
      "div",
      { class: `hero ${message.rank === 1 && message.score > 0 ? "is-bobbing" : ""}` },
      avatar(message.you.face),
    ),
    ...result.filter(Boolean),
    status,
    element(
      "div",
      { class: "actions" },
      again,
      element("button", { class: "button quiet", text: "Change name or face", onclick: phone.changeMe }),
      other,
    ),
  );
  return { element: node, mood: "lobby", update };
}
