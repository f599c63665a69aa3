import { Game, MAX_PLAYERS, MIN_PLAYERS, createDeck } from "../rules.js";
import { PROMPTS } from "../prompts.js";
import { createClock } from "./clock.js";
import { People } from "./people.js";
import { screenFor } from "./phone-screens.js";

/**
 * The party: joins the room (phones), the rules (game) and the clock. It draws nothing: `onChange` says that something
 * is different, and the stage looks at what. Whatever a phone says is data from a stranger and is checked here.
 */
/** How long phones have to hand in what they have when time is up. */
const GRACE_SECONDS = 2.5;
/** A breath between the last answer and the next scene, so that the last tick is seen. */
const BREATH_SECONDS = 0.9;
const IMAGE_LIMIT = 800_000;
const PNG_SIGNATURE = [0x89, 0x50, 0x4e, 0x47];

const isPng = (bytes) => bytes.length <= IMAGE_LIMIT && PNG_SIGNATURE.every((byte, index) => bytes[index] === byte);

export class Party {
  people = new People();
  /** @type {Game | null} no game: the lobby */
  game = null;
  /** During the reveal: which step is on show; past the last step come the scores. */
  step = 0;
  /** Points before this drawing, so that the score table can grow from there. */
  scoresBefore = new Map();
  endedEarly = false;
  clock;

  #room;
  #seconds;
  #onChange;
  #deck = createDeck(PROMPTS);
  #sent = new Map();

  /**
   * @param {import("/sdk/couchwire.js").HostRoom} room
   * @param {{ draw: number, title: number, vote: number, reveal: number, scores: number }} seconds
   * @param {(what: "scene" | "people" | "done" | "tick") => void} onChange
   */
  constructor(room, seconds, onChange) {
    this.#room = room;
    this.#seconds = seconds;
    this.#onChange = onChange;
    this.clock = createClock(() => onChange("tick"));
    room.on("join", (connection) => room.send(connection, { type: "welcome" }));
    room.on("json", (connection, message) => this.#hear(connection, message));
    room.on("binary", (connection, bytes) => this.#receiveDrawing(connection, bytes));
    room.on("leave", (connection) => this.#left(connection));
    room.on("reconnecting", () => this.clock.freeze());
  }

  get room() {
    return this.#room;
  }

  /** The scene's name changes exactly when the TV has something new to show. */
  get scene() {
    const { game } = this;
    if (!game) return `lobby ${this.#room.code}`;
    if (game.phase === "draw" || game.phase === "podium") return game.phase;
    if (game.phase !== "reveal") return `${game.phase} ${game.roundNumber}`;
    return this.isShowingScores ? `scores ${game.roundNumber}` : `reveal ${game.roundNumber}.${this.step}`;
  }

  get isShowingScores() {
    return this.game?.phase === "reveal" && this.step >= this.game.revealSteps().length;
  }

  get missing() {
    return Math.max(0, MIN_PLAYERS - this.people.here.length);
  }

  /** Between games anybody may come; during one the door is locked. */
  get isOpen() {
    return !this.game || this.game.phase === "podium";
  }

  /** The TV lost the server and got a new room: the people have to come again, with the new code. */
  reopened() {
    this.clock.thaw();
    this.#backToLobby();
  }

  // --- the course of a game -----------------------------------------------------------------------------------------

  /** Starts the first game or the next one, with whoever is here. */
  start() {
    if (!this.isOpen) return;
    if (this.missing > 0) {
      this.#backToLobby();
      return;
    }
    this.#room.lock();
    this.endedEarly = false;
    const players = this.people.here.slice(0, MAX_PLAYERS).map((person) => person.id);
    this.game = new Game({ players, deck: this.#deck });
    this.#enter();
  }

  /** Goes on without waiting: the next step of the reveal. */
  skip() {
    if (this.game?.phase === "reveal") this.#advance();
  }

  #backToLobby() {
    this.game = null;
    this.clock.stop();
    this.#room.open();
    this.#changed("scene");
  }

  #advance() {
    const { game } = this;
    if (game.phase === "reveal" && !this.isShowingScores) {
      this.step++;
    } else {
      if (game.phase === "vote") {
        this.scoresBefore = new Map(game.playerIds.map((id) => [id, game.scoreOf(id)]));
        this.step = 0;
      }
      game.advance();
    }
    this.#enter();
  }

  /** Begins whatever the rules say is now on. */
  #enter() {
    const { game, clock } = this;
    if (game.phase === "podium") {
      this.#finish();
      return;
    }
    if (game.phase === "title") this.#room.broadcast(game.round.image);
    if (game.phase === "reveal") {
      const length = this.isShowingScores ? this.#seconds.scores : this.#seconds.reveal;
      clock.set(length, () => this.#advance());
    } else {
      clock.set(this.#seconds[game.phase], () => this.#timeIsUp());
    }
    this.#changed("scene");
    this.#goOnIfAllAreDone();
  }

  /** Phones hand in what they have; after a moment the game goes on without the rest. */
  #timeIsUp() {
    this.#room.broadcast({ type: "time-up", turn: this.scene });
    this.clock.set(GRACE_SECONDS, () => this.#advance());
  }

  #goOnIfAllAreDone() {
    const { game, clock } = this;
    if (!game || game.phase === "podium" || game.phase === "reveal") return;
    if (game.waitingFor().length === 0 && clock.secondsLeft > BREATH_SECONDS) {
      clock.set(BREATH_SECONDS, () => this.#advance());
    }
  }

  #finish() {
    this.clock.stop();
    for (const { id, rank, score } of this.game.standings()) {
      const person = this.people.byId(id);
      if (person && rank === 1 && score > 0) person.crowns++;
    }
    this.#room.open();
    this.#changed("scene");
  }

  // --- what phones say ----------------------------------------------------------------------------------------------

  #hear(connection, message) {
    if (message === null || typeof message !== "object") return;
    if (message.type === "hello") {
      this.#hello(connection, message);
      return;
    }
    const person = this.people.byConnection(connection);
    if (!person) return;
    const { game } = this;
    const isFirst = person === this.people.first;
    if (message.type === "start" && isFirst) this.start();
    else if (message.type === "next" && isFirst) this.skip();
    else if (message.type === "title") this.#answer(person, game?.title(person.id, String(message.text ?? "")));
    else if (message.type === "vote") this.#answer(person, game?.vote(person.id, message.option));
  }

  #hello(connection, message) {
    const welcome = this.people.welcome(connection, message);
    if (!welcome) return;
    if (welcome.replaced !== null) this.#room.kick(welcome.replaced, "You opened the game a second time.");
    this.#sent.delete(welcome.person.id);
    this.#changed("people");
  }

  #receiveDrawing(connection, bytes) {
    const person = this.people.byConnection(connection);
    if (!person || !isPng(bytes)) return;
    this.#answer(person, this.game?.draw(person.id, bytes));
  }

  #answer(person, result) {
    if (!result) return;
    if (!result.ok) {
      this.#room.send(person.connection, { type: "refused", reason: result.reason });
      return;
    }
    this.#changed("done");
    this.#goOnIfAllAreDone();
  }

  #left(connection) {
    const person = this.people.leave(connection);
    if (!person || !this.#room.isConnected) return;
    const { game } = this;
    game?.leave(person.id);
    if (game && game.phase !== "podium" && game.tooFew) {
      this.endedEarly = true;
      game.phase = "podium";
      this.#finish();
      return;
    }
    if (game?.phase === "podium" && this.people.here.length === 0) {
      this.#backToLobby();
      return;
    }
    this.#changed("people");
    this.#goOnIfAllAreDone();
  }

  // --- what the others see ------------------------------------------------------------------------------------------

  #changed(what) {
    for (const person of this.people.here) {
      const screen = screenFor(this, person);
      const text = JSON.stringify(screen);
      if (this.#sent.get(person.id) === text) continue;
      this.#sent.set(person.id, text);
      this.#room.send(person.connection, { ...screen, seconds: Math.ceil(this.clock.secondsLeft) });
    }
    this.#onChange(what);
  }
}
