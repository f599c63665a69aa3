/** The launcher on a phone: a name, and then the games. The phone with the remote chooses; the others see what is chosen. */
// oxlint-disable-next-line import/no-absolute-path -- the server serves the form there
import * as kit from "/sdk/join.js";
import { face, factsOf, fetchGames, make, misfitOf, poster, SERVER } from "./games.js";
import { say, translatePage } from "./words.js";

const NOTICE_MS = 4_000;

const $ = (id) => document.querySelector(`#${id}`);

class Phone {
  #me;
  #games = [];
  /** What the TV said last: `{ you, remote, pick, people }`. */
  #evening;
  /** What this phone chose, until the TV says so too. */
  #chosen;
  #drawn = "";

  constructor(me) {
    this.#me = me;
    me.on("json", (message) => {
      if (message.type !== "evening") return;
      this.#evening = message;
      this.#chosen = undefined;
      this.show();
    });
    me.on("reconnecting", () => notice(say("lookingTv")));
    me.on("open", () => notice(undefined));
    me.on("close", ({ name }) => this.over(name));
  }

  async begin() {
    $("screen").replaceChildren(make("p", { class: "lead", text: say("wait") }));
    try {
      this.#games = await fetchGames();
    } catch {
      notice(say("listMissing"));
    }
    this.#drawn = "";
    this.show();
  }

  get isRemote() {
    return this.#evening.you === this.#evening.remote;
  }

  personOf(id) {
    return this.#evening.people.find((person) => person.id === id);
  }

  show() {
    if (this.#evening === undefined) return;
    const { you, remote, people, pick } = this.#evening;
    const remotePerson = this.personOf(remote);
    showBar(this.personOf(you), this.isRemote, remotePerson);
    const picked = this.#chosen ?? pick;
    const drawn = JSON.stringify([this.isRemote, people, picked, remote, this.#games]);
    if (drawn === this.#drawn) return;
    this.#drawn = drawn;
    const focused = document.activeElement?.dataset.name;
    const cards = this.#games.map((game) => this.card(game, game.name === picked, remotePerson));
    const list = make(
      "ul",
      { class: "games", "aria-label": say("games") },
      ...cards.map((card) => make("li", {}, card)),
    );
    const heading = say(this.isRemote ? "whatDoWePlay" : "whatArePlaying");
    $("screen").replaceChildren(make("h1", { text: heading }), ...this.sentences(remotePerson), list);
    const game = this.#games.find(({ name }) => name === picked);
    if (this.isRemote) $("screen").append(this.startBar(game));
    for (const button of $("screen").querySelectorAll("button.game")) {
      if (button.dataset.name === focused) button.focus();
    }
  }

  sentences(remotePerson) {
    if (this.#games.length === 0) return [make("p", { class: "lead", text: say("noGames") })];
    if (this.isRemote) return [make("p", { class: "lead", text: say("tapGame") })];
    const sentence = remotePerson === undefined ? say("remoteFree") : say("chooses", { name: remotePerson.name });
    const lead = make("p", { class: "lead", text: sentence });
    if (remotePerson !== undefined && !remotePerson.isAway) return [lead];
    const take = make("button", { class: "button button-quiet", type: "button", text: say("takeRemote") });
    take.addEventListener("click", () => this.#me.send({ type: "take" }));
    return [lead, take];
  }

  card(game, isPicked, remotePerson) {
    const attributes = { class: isPicked ? "game is-picked" : "game", "data-name": game.name };
    const card = this.isRemote
      ? make("button", { ...attributes, type: "button", "aria-pressed": isPicked })
      : make("div", attributes);
    const text = make("span", { class: "game-text" }, make("strong", { class: "game-title", text: game.title }));
    const facts = factsOf(game);
    if (facts !== "") text.append(make("span", { class: "game-facts", text: facts }));
    if (isPicked && !this.isRemote && remotePerson !== undefined) {
      text.append(make("span", { class: "seen-by", text: say("looksAt", { name: remotePerson.name }) }));
    }
    card.append(poster(game), text);
    if (game.description !== "") card.append(make("span", { class: "game-description", text: game.description }));
    card.addEventListener("click", () => {
      if (this.isRemote) this.choose(game.name);
    });
    return card;
  }

  choose(game) {
    this.#chosen = game;
    this.#me.send({ type: "pick", game }, { volatile: "pick" });
    this.show();
  }

  startBar(game) {
    const start = make("button", { class: "button", type: "button" });
    start.textContent = game === undefined ? say("chooseGame") : say("play", { game: game.title });
    start.disabled = game === undefined;
    start.addEventListener("click", () => {
      start.disabled = true; // until the TV says otherwise
      this.#me.send({ type: "start", game: game.name });
    });
    const bar = make("div", { class: "start-bar" });
    const misfit = game === undefined ? undefined : misfitOf(game, this.#evening.people.length);
    if (misfit !== undefined) bar.append(make("p", { class: "misfit", text: misfit }));
    bar.append(start);
    if (this.#evening.people.length > 1) {
      const pass = make("button", { class: "button button-quiet", type: "button", text: say("handOn") });
      pass.addEventListener("click", () => this.openSheet(pass));
      bar.append(pass);
    }
    return bar;
  }

  openSheet(opener) {
    const { you, people } = this.#evening;
    const close = () => {
      $("sheet").hidden = true;
      if (opener.isConnected) opener.focus();
    };
    const others = people.filter(({ id }) => id !== you);
    const buttons = others.map((person) => {
      const { id, name, isAway } = person;
      const button = make("button", { class: "person", type: "button" }, face(person, kit));
      button.append(make("span", { text: isAway ? say("awayName", { name }) : name }));
      button.disabled = isAway;
      button.addEventListener("click", () => {
        this.#me.send({ type: "pass", to: id });
        close();
      });
      return button;
    });
    const keep = make("button", { class: "button button-quiet", type: "button", text: say("keepIt") });
    keep.addEventListener("click", close);
    const sheet = make("div", {
      class: "sheet",
      role: "dialog",
      "aria-modal": "true",
      "aria-label": say("handOn"),
    });
    sheet.append(make("h2", { text: say("whoNow") }), ...buttons, keep);
    sheet.addEventListener("keydown", (event) => {
      if (event.key === "Escape") close();
    });
    const back = make("div", { class: "sheet-back" }, sheet);
    back.addEventListener("click", (event) => {
      if (event.target === back) close();
    });
    $("sheet").replaceChildren(back);
    $("sheet").hidden = false;
    sheet.querySelector("button:not([disabled])").focus();
  }

  over(name) {
    $("bar").hidden = true;
    notice(undefined);
    location.replace(new URL(name === undefined ? "." : `?closed=${name}`, SERVER));
  }
}

function showBar(you, isRemote, remotePerson) {
  if (you === undefined) return;
  $("bar").hidden = false;
  $("me").replaceChildren(face(you, kit), make("span", { class: "name", text: you.name }));
  $("role").classList.toggle("is-remote", isRemote);
  const role = remotePerson === undefined ? say("nobodyRemote") : say("otherRemote", { name: remotePerson.name });
  $("role").textContent = isRemote ? say("youRemote") : role;
}

let noticeTimer;
function notice(sentence) {
  clearTimeout(noticeTimer);
  $("notice").hidden = sentence === undefined;
  $("notice").textContent = sentence ?? "";
  if (sentence !== undefined) noticeTimer = setTimeout(() => ($("notice").hidden = true), NOTICE_MS);
}

/** A phone that has been in this room, or comes back from a game, is in at once; another one says its name and its character. */
async function main() {
  translatePage();
  const me = await document.querySelector("cw-join").join();
  await new Phone(me).begin();
}

void main();
