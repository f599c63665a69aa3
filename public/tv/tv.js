/** The launcher on the TV: it waits with a QR code, and the phone that holds the remote chooses the game. */
// oxlint-disable import/no-absolute-path -- the server serves the SDK there
import { createRoom } from "/sdk/couchwire.js";
import * as kit from "/sdk/ui.js";
// oxlint-enable import/no-absolute-path
import { face, factsOf, fetchGames, make, misfitOf, poster } from "./games.js";
import { People } from "./people.js";
import { say as words, translatePage } from "./words.js";

const MAX_PHONES = 32;
/** The list is asked for again while the launcher is open: a game may be added meanwhile. */
const LOOK_AGAIN_MS = 20_000;
/** How long a sentence about a failure stays. */
const SAY_MS = 6_000;

const $ = (id) => document.querySelector(`#${id}`);

class Launcher {
  #room;
  #people;
  #games = [];
  /** The name of the game that is looked at. */
  #pick;
  /** The player who chose it; `undefined`: it was the TV's own remote. */
  #chooser;
  #isStarting = false;

  constructor(room) {
    this.#room = room;
    this.#people = new People(room.code);
    const changed = () => this.show();
    room.on("join", (player) => {
      this.#people.add(Number(player));
      changed();
    });
    room.on("leave", (player) => {
      this.#people.remove(Number(player));
      changed();
    });
    room.on("profile", (player) => {
      kit.ownCharacter(player, room.players);
      changed();
    });
    room.on("away", changed);
    room.on("back", changed);
    room.on("json", (player, message) => this.heard(Number(player), message));
    room.on("moved", changed);
    room.on("reopened", () => {
      this.#people = new People(room.code);
      changed();
    });
    room.on("reconnecting", ({ reason }) => say(words("moment"), reason || words("lookingServer")));
    room.on("reconnected", () => hush());
    room.on("close", ({ name, reason }) => {
      if (name === "replaced") say(words("otherWindow"), words("loadAgain"));
      else say(words("over"), reason);
    });
    document.addEventListener("keydown", (event) => this.pressed(event));
  }

  async begin() {
    await this.lookAgain();
    setInterval(() => void this.lookAgain(), LOOK_AGAIN_MS);
  }

  async lookAgain() {
    try {
      const games = await fetchGames();
      if (JSON.stringify(games) === JSON.stringify(this.#games)) return;
      this.#games = games;
    } catch {
      return; // The SDK tells when the server is not there.
    }
    if (this.gameOf(this.#pick) === undefined) this.#pick = this.#games[0]?.name;
    this.drawShelf();
    this.show();
  }

  gameOf(name) {
    return this.#games.find((game) => game.name === name);
  }

  get remote() {
    return this.#people.remoteOf(this.#room.players.map(Number));
  }

  isAway(id) {
    return this.#room.player(id).isAway;
  }

  nameOf(id) {
    return this.#room.player(id)?.name ?? "";
  }

  heard(player, message) {
    const mayChoose = player === this.remote;
    switch (message.type) {
      case "pick":
        if (mayChoose) this.picked(message.game, player);
        return;
      case "start":
        if (mayChoose) void this.start(message.game, player);
        return;
      case "pass":
        if (mayChoose && this.#room.players.map(Number).includes(message.to)) this.passTo(message.to);
        return;
      case "take":
        if (this.remote === undefined || this.isAway(this.remote)) this.passTo(player);
        return;
      default:
    }
  }

  passTo(player) {
    this.#people.passTo(player);
    this.show();
  }

  picked(name, chooser) {
    if (this.gameOf(name) === undefined) return;
    this.#pick = name;
    this.#chooser = chooser;
    this.show();
  }

  async start(name, chooser) {
    const game = this.gameOf(name);
    if (game === undefined || this.#isStarting) return;
    this.#isStarting = true;
    this.picked(name, chooser);
    say(game.title, words("hereWeGo"), poster(game));
    try {
      await this.#room.startGame(name, { remote: this.#people.order });
    } catch (error) {
      say(words("doesNotStart", { game: game.title }), error.message);
      setTimeout(hush, SAY_MS);
    }
    this.#isStarting = false;
  }

  /** The TV's own remote: left and right look at games, OK starts one. */
  pressed(event) {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (step === undefined || this.#games.length === 0) return;
    event.preventDefault();
    const cards = [...$("games").querySelectorAll("button")];
    const at = cards.indexOf(document.activeElement);
    const from = at < 0 ? cards.findIndex(({ dataset }) => dataset.name === this.#pick) - step : at;
    const next = cards[Math.max(0, Math.min(cards.length - 1, from + step))];
    next.focus();
    this.picked(next.dataset.name, undefined);
  }

  drawShelf() {
    const focused = document.activeElement?.dataset.name;
    const cards = this.#games.map((game) => {
      const facts = factsOf(game);
      const button = make("button", { class: "game", type: "button", "data-name": game.name }, poster(game));
      button.append(make("span", { class: "title", text: game.title }));
      if (facts !== "") button.setAttribute("aria-description", facts);
      button.addEventListener("click", () => void this.start(game.name, undefined));
      button.addEventListener("focus", () => this.picked(game.name, undefined));
      return make("li", {}, button);
    });
    $("games").replaceChildren(...cards);
    if (cards.length === 0) $("games").append(make("li", { class: "empty", text: words("noGames") }));
    const again = [...$("games").querySelectorAll("button")].find(({ dataset }) => dataset.name === focused);
    again?.focus();
  }

  show() {
    const room = this.#room;
    const players = room.players.map(Number);
    const isWaiting = players.length === 0;
    const remote = this.remote;
    const game = this.gameOf(this.#pick);
    document.body.classList.toggle("is-waiting", isWaiting);
    $("welcome").hidden = !isWaiting;
    $("hero").hidden = isWaiting || game === undefined;
    this.showInvitation();
    this.showPeople(room.players, remote);
    if (game !== undefined) this.showGame(game, players, remote);
    for (const button of $("games").querySelectorAll("button")) {
      const isPicked = !isWaiting && button.dataset.name === this.#pick;
      if (isPicked && !button.classList.contains("is-picked")) {
        button.scrollIntoView({ block: "nearest", inline: "center", behavior: "smooth" });
      }
      button.classList.toggle("is-picked", isPicked);
    }
    const people = room.players.map(({ id, name, meta, color, isAway }) => {
      return { id, name, avatar: meta.avatar, color, isAway };
    });
    for (const you of players) {
      room.send(you, { type: "evening", you, remote, pick: this.#pick, people }, { retain: "evening" });
    }
  }

  showInvitation() {
    const { joinUrl, code } = this.#room;
    if ($("qr").dataset.url === joinUrl) return;
    $("qr").dataset.url = joinUrl;
    $("qr").innerHTML = this.#room.qr({ dark: "#10242c", border: 1 });
    $("code").textContent = code;
    const [before, after] = words("orOpen", { address: "\n" }).split("\n");
    const address = make("strong", { id: "address", dir: "ltr", text: joinUrl.replace(/^https?:\/\//, "") });
    $("way-in").replaceChildren(before, address, after);
    $("way-in").hidden = false;
  }

  showPeople(players, remote) {
    const people = players.map(({ id, name, meta, color, isAway }) => {
      const style = ["person", id === remote && "has-remote", isAway && "is-away"].filter(Boolean);
      const person = make(
        "li",
        { class: style.join(" "), "data-id": id },
        face({ name, avatar: meta.avatar, color }, kit),
      );
      person.append(make("span", { class: "name", text: name }));
      if (id === remote) person.append(remoteSign());
      return person;
    });
    $("people").replaceChildren(...people);
  }

  showGame(game, players, remote) {
    if ($("hero-art").dataset.name !== game.name) {
      $("hero-art").dataset.name = game.name;
      $("hero-art").replaceChildren(poster(game));
      $("hero-title").textContent = game.title;
      $("hero-description").textContent = game.description;
    }
    const who = this.#chooser ?? remote;
    const sentence = who === undefined ? "" : words("choosing", { name: this.nameOf(who) });
    $("chooser").textContent = sentence;
    const misfit = misfitOf(game, players.length);
    const facts = $("hero-facts");
    facts.textContent = factsOf(game);
    if (misfit !== undefined) facts.append(make("span", { class: "is-off", text: ` ${misfit}` }));
  }
}

/** A remote control, drawn. */
function remoteSign() {
  const sign = make("span", { role: "img", "aria-label": words("hasRemote") });
  sign.innerHTML = `<svg viewBox="0 0 20 20"><path fill-rule="evenodd" d="M7 1h6a2 2 0 0 1 2 2v14a2 2 0 0 1-2 2H7a2 2 0 0 1-2-2V3a2 2 0 0 1
    2-2zm3 2.500a2.200 2.200 0 1 0 0 4.400 2.200 2.200 0 0 0 0-4.400zM7 10h2v2H7zm4 0h2v2h-2zm-4 3.500h2v2H7zm4 0h2v2h-2z"/></svg>`;
  return sign;
}

/** Covers the screen with a sentence. */
function say(title, text, picture) {
  $("curtain").replaceChildren(...[picture, make("h2", { text: title }), make("p", { text })].filter(Boolean));
  $("curtain").hidden = false;
}

function hush() {
  $("curtain").hidden = true;
}

async function main() {
  translatePage();
  const room = await createRoom({
    maxPlayers: MAX_PHONES,
    onConnecting: ({ reason }) => say(words("moment"), reason),
  });
  hush();
  await new Launcher(room).begin();
}

main().catch((error) => say(words("noRoomHere"), error.message));
