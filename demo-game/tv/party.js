import { readInk } from "../ink.js";
import { isRude, niceName } from "../moderation.js";
import { tidyName } from "../names.js";
import { Game, MAX_PLAYERS, MIN_PLAYERS } from "../rules.js";
import { album, isPng } from "./album.js";
import { beginningOf, checkpointOf } from "./checkpoint.js";
import { createClock } from "./clock.js";
import { createCrowd, voteOf } from "./crowd.js";
import { createOverlay } from "./overlay.js";
import { showDrawing, tellPhones } from "./phones.js";

/**
 * The party connects the room (phones), the rules (game) and the clock. It draws nothing: it calls `onChange`, and the stage
 * reads the new state. It checks every message of a phone.
 */
/** When the time is up, phones have this long to hand in what they have. */
const GRACE_SECONDS = 2.5;
/** A pause between the last answer and the next scene, so that the last tick is seen. */
const BREATH_SECONDS = 0.9;
/** A reloaded TV gives at most this much of a phase back. */
const SAVE_EVERY_SECONDS = 3;
/** A phone that was asked to start answers within this time. */
const PRESS_MS = 1000;

export class Party {
  /** @type {import("./people.js").People} */
  people;
  /** @type {Game | null} no game: the lobby */
  game;
  /** Tells one game of this room from another. */
  gameId;
  /** During the reveal: the step that is shown. The scores follow the last step. */
  step;
  /** Points before this drawing, so that the score table can grow from there. */
  scoresBefore;
  endedEarly;
  clock;
  /** @type {Map<number, readonly number[]>} what each player has drawn so far, as the colours of the strokes */
  ink;

  room;
  /** @type {ReturnType<typeof import("./bots.js").createBots>} */
  bots;

  #deck;
  #chance;
  #seconds;
  #onChange;
  #crowd;
  #overlay;
  #isHeld = false;
  #savedAt = 0;
  #pressed;

  /**
   * @param {import("/sdk/couchwire.js").HostRoom} room
   * @param {{ draw: number, title: number, vote: number, reveal: number, scores: number }} seconds
   * @param {(what: "scene" | "people" | "away" | "done" | "ink" | "crowd" | "tick") => void} onChange
   * @param {ReturnType<typeof import("./bots.js").createBots>} bots
   */
  constructor(room, seconds, onChange, bots) {
    this.room = room;
    this.bots = bots;
    this.ink = new Map();
    this.#seconds = seconds;
    this.#onChange = onChange;
    const { deck, chance, clock, ...rest } = beginningOf(room.restored, (id) => room.away.has(id));
    Object.assign(this, rest);
    this.#deck = deck;
    this.#chance = chance;
    this.clock = createClock({
      tick: () => this.#tick(),
      end: (next) => (next === "advance" ? this.#advance() : this.#timeIsUp()),
      change: () => this.#tellTime(),
    });
    this.clock.restore(clock);
    this.#crowd = createCrowd(this);
    this.#overlay = createOverlay(this);
    for (const change of ["join", "profile"]) room.on(change, (player) => this.#meet(player));
    room.on("ink", ({ id }, colors) => this.#splash(id, colors));
    room.on("title", ({ id }, text) => this.#answer(this.game?.title(id, String(text ?? ""))));
    room.on("vote", ({ id }, option) => this.#answer(this.game?.vote(id, option)));
    room.on("start", ({ id }) => id === this.people.starter?.id && this.start());
    room.on("skip", ({ id }) => id === this.people.first?.id && this.skip());
    room.on("other-games", ({ id }) => id === this.people.first?.id && this.toOtherGames());
    room.on("binary", ({ id }, bytes) => this.#receiveDrawing(id, bytes));
    room.on("leave", ({ id }) => this.#left(id));
    room.on("away", ({ id }) => this.#cameOrWent(id));
    room.on("back", ({ id }, missed) => this.#cameOrWent(id, missed));
    room.on("gap", ({ player }) => showDrawing(this, player?.id));
    room.on("tally", ({ counts, poll }) => this.#countCrowd(counts, poll));
    room.on("state", () => this.#crowdChanged());
    for (const change of ["reconnecting", "reconnected"]) room.on(change, () => this.#freezeOrThaw());
  }

  /** After a reload: tells the phones what the TV knows. What they have said since follows as events. */
  resume() {
    if (!this.room.isRestored) return;
    for (const player of this.room.players) if (!this.people.byId(player.id)) this.#meet(player);
    this.#freezeOrThaw();
    this.#changed("scene");
    this.#goOnIfAllAreDone();
  }

  /** The name of the scene. It changes if and only if the TV has another scene to show. */
  get scene() {
    const { game } = this;
    if (!game) return `lobby ${this.room.code}`;
    if (game.phase === "draw" || game.phase === "podium") return game.phase;
    if (game.phase !== "reveal") return `${game.phase} ${game.roundNumber}`;
    return this.isShowingScores ? `scores ${game.roundNumber}` : `reveal ${game.roundNumber}.${this.step}`;
  }

  get isShowingScores() {
    return this.game?.phase === "reveal" && this.step >= this.game.revealSteps().length;
  }

  /** The reveal goes faster as the game goes on: by the third drawing everybody knows how it works. */
  pace() {
    return Math.max(0.6, 1.15 - 0.15 * this.game.roundNumber);
  }

  get missing() {
    return Math.max(0, MIN_PLAYERS - this.people.here.length);
  }

  /** New players may join between games; the room is locked during one. */
  get isOpen() {
    return !this.game || this.game.phase === "podium";
  }

  /** The server lost the room, and the TV has a new one: the players have to join again with the new code. */
  reopened() {
    this.people.clear();
    this.#overlay.again();
    this.clock.stop();
    this.clock.thaw();
    this.#backToLobby();
  }

  /** Pauses the game while a panel covers the TV. */
  hold(isHeld) {
    this.#isHeld = isHeld;
    this.#freezeOrThaw();
  }

  /** Removes a player: the others no longer wait, and the seat is free for the next game. */
  goOnWithout(person) {
    this.room.kick(person.id, "The others went on without you.");
  }

  // --- the course of a game -----------------------------------------------------------------------------------------

  /**
   * Start was pressed at the TV. It goes by a phone, as if that one's Start was pressed: so all that decides a game comes from phones, and is in a recording
   * of it. A phone that does not answer at once is not waited for.
   */
  press() {
    const { starter } = this.people;
    const phone = this.room.players.find(({ id }) => id === starter?.id);
    if (phone === undefined || this.missing > 0) {
      this.start();
      return;
    }
    phone.emit("press", "start", { volatile: true, ttl: PRESS_MS });
    clearTimeout(this.#pressed);
    this.#pressed = setTimeout(() => this.start(), PRESS_MS);
  }

  /** Starts the first game or the next one with all players that have a seat. */
  start() {
    clearTimeout(this.#pressed);
    if (!this.isOpen) return;
    if (this.missing > 0) {
      this.#backToLobby();
      return;
    }
    this.room.lock();
    this.gameId = Math.round(this.room.now());
    this.endedEarly = false;
    album.clear();
    this.ink.clear();
    this.people.forgetGone();
    // Away players are in: a phone that went dark in the lobby must not cost its owner the game.
    const players = this.people.seated.slice(0, MAX_PLAYERS).map((person) => person.id);
    this.#chance.seed([this.#deck.rest.length, ...players.map((id) => this.people.byId(id).luck)]);
    this.game = new Game({ players, deck: this.#deck, random: this.#chance.random });
    for (const id of players) this.game.setAway(id, this.room.away.has(id));
    this.#enter();
  }

  /** The same people go to the launcher, where they choose another game. */
  toOtherGames() {
    if (this.game?.phase !== "podium") return;
    this.bots.leave();
    this.room.endGame().catch((error) => console.error(error.message));
  }

  /** Shows the next step of the reveal without waiting. */
  skip() {
    if (this.game?.phase === "reveal" && !this.clock.isFrozen) this.#advance();
  }

  #backToLobby = () => {
    this.game = null;
    this.clock.stop();
    this.room.open();
    this.#changed("scene");
  };

  #advance = () => {
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
  };

  /** Begins the phase that the rules are in. */
  #enter = () => {
    const { game } = this;
    if (game.phase === "podium") {
      this.#finish();
      return;
    }
    if (game.phase === "title") showDrawing(this);
    if (game.phase === "reveal")
      this.clock.set(this.pace() * (this.isShowingScores ? this.#seconds.scores : this.#seconds.reveal), "advance");
    else this.clock.set(this.#seconds[game.phase], "timeIsUp");
    this.#changed("scene");
    this.#goOnIfAllAreDone();
  };

  /** Asks the phones for what they have; after a moment the game goes on without the rest. */
  #timeIsUp = () => {
    this.room.emit("time-up", this.scene);
    this.clock.set(GRACE_SECONDS, "advance");
  };

  #goOnIfAllAreDone = () => {
    const { game, clock } = this;
    if (!game || game.phase === "podium" || game.phase === "reveal") return;
    // While the people are away, bots that are done end nothing.
    if (this.#isDeserted()) return;
    if (game.isDone && clock.secondsLeft > BREATH_SECONDS) this.clock.set(BREATH_SECONDS, "advance");
  };

  #finish = () => {
    this.clock.stop();
    for (const { id, rank, score } of this.game.standings()) {
      if (rank === 1 && score > 0) this.people.byId(id).crowns++;
    }
    this.room.open();
    this.#changed("scene");
  };

  // --- what phones say ----------------------------------------------------------------------------------------------

  /** A player who has said a name is a person at the party. */
  #meet = (player) => {
    const name = this.room.nameOf(player);
    if (name !== undefined && isRude(tidyName(name))) {
      player.setProfile({ name: niceName(player.id) }); // `profile` follows, here and on the phone
      return;
    }
    const before = JSON.stringify(this.people.byId(player.id));
    if (name !== undefined) this.people.welcome(player.id, { ...player.meta, name }, this.bots.numberIn(player.meta));
    if (JSON.stringify(this.people.byId(player.id)) === before) tellPhones(this);
    else this.#changed("people");
  };

  #splash = (id, colors) => {
    this.ink.set(id, readInk(colors));
    this.#onChange("ink");
  };

  #receiveDrawing = (id, bytes) => {
    if (!isPng(bytes)) return;
    const name = `player ${id}`;
    const result = this.game?.draw(id, name);
    if (result?.ok) album.keep(name, bytes);
    this.#answer(result);
  };

  /** Returns what the phone is told: why its answer does not count, or nothing. */
  #answer = (result) => {
    if (!result?.ok) return result?.reason ?? null;
    this.#changed("done");
    this.#goOnIfAllAreDone();
    return null;
  };

  // --- the watchers ------------------------------------------------------------------------------------------------

  #countCrowd = (counts, poll) => {
    if (poll === undefined || poll !== voteOf(this)) return; // of a vote that is over
    this.game.crowd(this.game.round.options.map((_, index) => counts[index]));
    this.#crowdChanged();
  };

  /** More or fewer watch or wait, or they vote otherwise. */
  #crowdChanged = () => {
    this.#crowd.update();
    this.#overlay.update();
    this.#onChange("crowd");
  };

  // --- players come and go -----------------------------------------------------------------------------------------

  #cameOrWent = (id, missed = 0) => {
    this.game?.setAway(id, this.room.away.has(id));
    this.#freezeOrThaw();
    this.#changed("away");
    if (missed > 0) showDrawing(this, id);
    this.#goOnIfAllAreDone();
  };

  /** All people that play are away, or all that play where no people do. */
  #isDeserted = () => {
    if (this.isOpen) return false;
    const { game, people } = this;
    const playing = game.playerIds.filter((id) => game.isPresent(id) && people.byId(id)?.bot === null);
    return playing.length === 0 ? game.isDeserted : playing.every((id) => game.isAway(id));
  };

  #freezeOrThaw = () => {
    const isDeserted = this.#isDeserted();
    if (!this.room.isConnected || isDeserted || this.#isHeld) this.clock.freeze();
    else this.clock.thaw();
  };

  #left = (id) => {
    const person = this.people.leave(id);
    if (!person || !this.room.isConnected) return;
    const { game } = this;
    game?.leave(id);
    if (game && game.phase !== "podium" && game.tooFew) {
      this.endedEarly = true;
      game.phase = "podium";
      this.#finish();
      return;
    }
    if (game?.phase === "podium" && this.people.seated.every(({ bot }) => bot !== null)) {
      this.#backToLobby();
      return;
    }
    this.#freezeOrThaw();
    this.#changed("away");
    this.#goOnIfAllAreDone();
  };

  // --- what the others see ------------------------------------------------------------------------------------------

  #changed = (what) => {
    tellPhones(this);
    this.#crowd.update();
    this.#overlay.update();
    this.#save();
    this.#onChange(what);
  };

  /** Phones count down to the end of the phase, and not the moments after it. While the game waits they show no time. */
  #tellTime = () => {
    const { clock, room } = this;
    const isRunning = clock.next !== null && !clock.isFrozen;
    if (isRunning && clock.next !== "timeIsUp") return;
    room.state.set("until", isRunning ? room.countdown(1000 * clock.secondsLeft) : null);
  };

  #tick = () => {
    if (performance.now() - this.#savedAt > SAVE_EVERY_SECONDS * 1000) this.#save();
    this.#onChange("tick");
  };

  #save = () => {
    this.#savedAt = performance.now();
    const { people, game, gameId, step, scoresBefore, endedEarly, clock } = this;
    const [deck, chance] = [this.#deck, this.#chance];
    this.room.save(checkpointOf({ people, game, gameId, deck, step, scoresBefore, endedEarly, clock, chance }));
  };
}
