// oxlint-disable-next-line import/no-absolute-path -- the server serves the SDK there
import { createRoom } from "/sdk/couchwire.js";
// oxlint-disable-next-line import/no-absolute-path -- as above
import "/sdk/ui.js";
import { avatar, randomFace, worried } from "../avatar.js";
import { element } from "../element.js";
import { lettering } from "../lettering.js";
import { MAX_PLAYERS } from "../rules.js";
import { createSound } from "../sound.js";
import { connectSound } from "./sound-question.js";
import { createBots } from "./bots.js";
import { MOST_WATCHERS } from "./crowd.js";
import { joinCard, lobbyView } from "./lobby.js";
import { Party } from "./party.js";
import { PIN } from "./pin.js";
import { podiumView } from "./podium.js";
import { createRescue } from "./rescue.js";
import { revealView, scoresView } from "./reveal.js";
import { drawView, titleView, voteView } from "./round.js";
import { connectStreamer } from "./streamer.js";

/** The TV's page: opens a room, and shows the scene the party is in. */
const DEFAULT_SECONDS = { draw: 90, title: 45, vote: 30, reveal: 6, scores: 8, think: 6 };
const VIEWS = {
  lobby: lobbyView,
  draw: drawView,
  title: titleView,
  vote: voteView,
  reveal: revealView,
  scores: scoresView,
  podium: podiumView,
};

/** `?draw=20&vote=10` sets the seconds of phases; `think` is how long bots think. */
function secondsFrom(query) {
  const given = new URLSearchParams(query);
  const entries = Object.entries(DEFAULT_SECONDS).map(([name, usual]) => {
    const seconds = Number(given.get(name));
    return [name, seconds > 0 && seconds <= 600 ? seconds : usual];
  });
  return Object.fromEntries(entries);
}

const stage = document.querySelector("#stage");
const curtain = document.querySelector("#curtain");
const sound = createSound(document.querySelector("#captions"));

/** Covers the screen with a message, for a TV that is offline. The scene below stays as it is. */
function showCurtain(title, text, button) {
  if (curtain.dataset.title === title) return;
  curtain.dataset.title = title;
  curtain.replaceChildren(
    element(
      "div",
      { class: "curtain-card" },
      element("div", { class: "curtain-face" }, avatar(worried(randomFace()))),
      element("h2", {}, lettering(title)),
      element("p", { text }),
      element("p", { class: "curtain-why" }),
      button,
    ),
  );
  curtain.hidden = false;
}

/** Adds why the server cannot be reached, in the words of the SDK. */
function showWhy({ reason }) {
  showCurtain("One moment!", "The TV is looking for its server.");
  curtain.querySelector(".curtain-why").textContent = reason;
}

function liftCurtain() {
  curtain.hidden = true;
  delete curtain.dataset.title;
}

function show(party) {
  let scene = "";
  let view = null;
  let shortSecond = 0;

  return (what) => {
    if (party.scene !== scene) {
      scene = party.scene;
      const [kind] = scene.split(" ");
      view = VIEWS[kind](party);
      document.documentElement.dataset.mood = kind === "scores" ? "reveal" : kind;
      stage.replaceChildren(view.element);
      sound.play(soundOf(kind, party));
    } else {
      view.update();
    }
    if (what === "done") sound.play("done");
    if (what === "people" && party.isOpen) sound.play("join");
    const left = Math.ceil(party.clock.secondsLeft);
    if (what === "tick" && left <= 5 && left !== shortSecond && party.game?.phase !== "reveal") sound.play("hurry");
    shortSecond = left;
  };
}

function soundOf(kind, party) {
  if (kind === "podium") return "podium";
  if (kind !== "reveal") return "scene";
  return party.game.revealSteps()[party.step].kind === "truth" ? "truth" : "fib";
}

const reloadButton = (text) => element("button", { class: "button", text, onclick: () => location.reload() });

async function main() {
  let room;
  try {
    room = await createRoom({
      maxPlayers: MAX_PLAYERS,
      audience: MOST_WATCHERS,
      overflow: "queue",
      ...(PIN && { pin: PIN }),
      acceptPlayerState: () => "The TV alone says what phones show.",
      onConnecting: showWhy,
    });
    liftCurtain();
  } catch (error) {
    showCurtain(
      "No room!",
      error instanceof Error ? error.message : "The server did not answer.",
      reloadButton("Try again"),
    );
    return;
  }
  let render = null;
  const seconds = secondsFrom(location.search);
  const bots = createBots(room, seconds.think);
  const party = new Party(room, seconds, (what) => render?.(what), bots);
  const rescue = createRescue(party, document.querySelector("#away"), document.querySelector("#rescue"));
  const stageRender = show(party);
  render = (what) => {
    stageRender(what);
    rescue.update();
  };
  render("scene");
  party.resume();

  room.on("reconnecting", () =>
    showCurtain("One moment!", "The TV lost the server and is reconnecting. The game waits."),
  );
  room.on("reconnected", liftCurtain);
  room.on("reopened", () => {
    party.reopened();
    bots.moveAlong();
    liftCurtain();
  });
  const showJoinCard = () => document.querySelector(".join-card")?.replaceWith(joinCard(room));
  room.on("moved", showJoinCard);
  connectStreamer(showJoinCard);
  room.on("error", ({ reason }) => console.error(reason));
  room.on("close", ({ name }) => {
    if (name === "replaced")
      showCurtain("Hello twin!", "This game goes on in another tab.", reloadButton("Show it here"));
    else showCurtain("Bye bye!", "The server ended the game.", reloadButton("Open a new room"));
  });

  document.addEventListener("keydown", (event) => {
    if (event.target instanceof HTMLButtonElement || event.repeat) return;
    if (event.key === "Enter" || event.key === " ") {
      if (party.isOpen && party.missing === 0) party.press();
      else party.skip();
    }
  });
}

connectSound(sound);
document.querySelector("#full").addEventListener("click", () => {
  if (document.fullscreenElement) void document.exitFullscreen();
  else void document.documentElement.requestFullscreen?.();
});

void main();
