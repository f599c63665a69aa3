/**
 * The rules of the game, without screen, network or clock: which player may do what, the points, and the next phase.
 * The caller says when the time is up.
 *
 *   draw → (title → vote → reveal) for each drawing → podium
 */
import { shuffle } from "./deck.js";
import { POINTS, outcomeFor, revealSteps } from "./outcome.js";
import { essence, tidyTitle } from "./titles.js";

export const MIN_PLAYERS = 3;
export const MAX_PLAYERS = 8;
/** A game that has begun goes on with this many players: one has drawn, one guesses. */
export const MIN_TO_GO_ON = 2;
/** With few players the game adds fibs of its own, up to this many choices. */
export const MIN_OPTIONS = 4;
const HOUSE_TRIES = 20;

const ok = { ok: true };
const refused = (reason) => ({ ok: false, reason });

/** One game: from the secret prompts to the podium. */
export class Game {
  /** @type {"draw" | "title" | "vote" | "reveal" | "podium"} */
  phase = "draw";
  /** The drawing that is on show: `{ artist, truth, image, titles, options, votes, crowd }`; `crowd` has the watchers' votes for each option. */
  round = null;
  roundNumber = 0;
  roundCount = 0;

  #deck;
  #random;
  #players = new Map();
  #gallery = [];

  /** @param {{ players: unknown[], deck: { deal(count: number): string[] }, random?: () => number }} setup */
  constructor({ players, deck, random = Math.random }) {
    this.#deck = deck;
    this.#random = random;
    const prompts = deck.deal(players.length);
    for (const [index, id] of players.entries()) {
      this.#players.set(id, {
        id,
        prompt: prompts[index],
        image: null,
        score: 0,
        fooled: 0,
        charmed: 0,
        recognised: 0,
        present: true,
        away: false,
      });
    }
  }

  /** The game as JSON, for a TV page that is reloaded. */
  get state() {
    const { phase, round, roundNumber, roundCount } = this;
    return {
      phase,
      round: round && { ...round, titles: [...round.titles], votes: [...round.votes] },
      roundNumber,
      roundCount,
      players: [...this.#players.values()],
      gallery: this.#gallery,
    };
  }

  /** Continues a game from its `state`. */
  static restore({ phase, round, roundNumber, roundCount, players, gallery }, { deck, random = Math.random }) {
    const game = new Game({ players: [], deck, random });
    game.phase = phase;
    game.round = round && { ...round, titles: new Map(round.titles), votes: new Map(round.votes) };
    game.roundNumber = roundNumber;
    game.roundCount = roundCount;
    for (const player of players) game.#players.set(player.id, player);
    game.#gallery = gallery;
    return game;
  }

  // --- the players -------------------------------------------------------------------------------------------------

  has(id) {
    return this.#players.has(id);
  }

  get playerIds() {
    return [...this.#players.keys()];
  }

  promptOf(id) {
    return this.#players.get(id)?.prompt;
  }

  scoreOf(id) {
    return this.#players.get(id)?.score ?? 0;
  }

  isPresent(id) {
    return this.#players.get(id)?.present ?? false;
  }

  /** All drawings that were handed in, for the wall at the end. */
  get drawings() {
    const drawn = [...this.#players.values()].filter((player) => player.image);
    return drawn.map(({ id, prompt, image }) => ({ artist: id, truth: prompt, image }));
  }

  /** Best first; equal scores share a rank. */
  standings() {
    const sorted = [...this.#players.values()].sort((a, b) => b.score - a.score);
    return sorted.map(({ id, score }) => ({
      id,
      score,
      rank: 1 + sorted.filter((other) => other.score > score).length,
    }));
  }

  /** Awards beside the points; `null` where no player earned one. */
  awards() {
    const best = (count) => {
      const most = Math.max(0, ...[...this.#players.values()].map((player) => player[count]));
      const winners = [...this.#players.values()].filter((player) => player[count] === most);
      return most > 0 && winners.length === 1 ? { id: winners[0].id, count: most } : null;
    };
    return { smoothestLiar: best("fooled"), clearestArtist: best("recognised"), crowdFavourite: best("charmed") };
  }

  // --- what players do ----------------------------------------------------------------------------------------------

  /** Hands in a drawing. A second one in the same phase replaces the first. */
  draw(id, image) {
    if (this.phase !== "draw" || !this.isPresent(id)) return refused("The pens are down already.");
    this.#players.get(id).image = image;
    return ok;
  }

  title(id, text) {
    if (this.phase !== "title" || !this.isPresent(id)) return refused("Too late, the titles are in.");
    const { round } = this;
    if (id === round.artist) return refused("This one is yours. Let the others wonder.");
    const title = tidyTitle(text);
    if (!title || !/[\p{L}\p{N}\p{S}]/u.test(title)) return refused("A fib needs at least a word.");
    const meaning = essence(title);
    if (meaning === essence(round.truth)) return refused("Ha! That is exactly what it is. Now make something up.");
    for (const [other, taken] of round.titles) {
      if (other !== id && essence(taken) === meaning)
        return refused("Somebody just wrote that. Great minds! Try another.");
    }
    round.titles.set(id, title);
    return ok;
  }

  vote(id, optionIndex) {
    if (this.phase !== "vote" || !this.isPresent(id)) return refused("Too late, the votes are in.");
    if (id === this.round.artist) return refused("You drew it. You know.");
    const option = Number.isInteger(optionIndex) ? this.round.options[optionIndex] : undefined;
    if (!option) return refused("There is no such title.");
    if (option.author === id) return refused("That is your own fib.");
    this.round.votes.set(id, optionIndex);
    return ok;
  }

  /**
   * How the watchers vote, counted by option. It earns no points; the player whose fibs most of them fall for is their favourite.
   * @param {readonly number[]} counts
   */
  crowd(counts) {
    if (this.phase === "vote") this.round.crowd = this.round.options.map((_, index) => counts[index] ?? 0);
  }

  /** A player is gone. Drawings and titles stay; the phase no longer waits for the player. */
  leave(id) {
    const player = this.#players.get(id);
    if (player) player.present = false;
  }

  /** A player's phone is out of reach, or back. An away player keeps everything; the phase does not wait for it. */
  setAway(id, isAway) {
    const player = this.#players.get(id);
    if (player) player.away = isAway;
  }

  isAway(id) {
    return this.#players.get(id)?.away ?? false;
  }

  get tooFew() {
    return [...this.#players.values()].filter((player) => player.present).length < MIN_TO_GO_ON;
  }

  /** All players are away. */
  get isDeserted() {
    return ![...this.#players.values()].some((player) => player.present && !player.away);
  }

  /** Whether this player still has something to do in this phase, away or not. */
  owes(id) {
    return this.#doers().includes(id) && !this.#hasDone(id);
  }

  /** The players within reach that still have something to do in this phase. */
  waitingFor() {
    return this.#doers().filter((id) => !this.isAway(id) && !this.#hasDone(id));
  }

  /**
   * Whether all players within reach are done. If all players that could do something are away, the phase lasts until its
   * time is up: a short network failure must not end the round.
   */
  get isDone() {
    const doers = this.#doers();
    if (doers.every((id) => this.#hasDone(id))) return true;
    return this.waitingFor().length === 0 && doers.some((id) => !this.isAway(id));
  }

  /** The players that have something to do in this phase, done or not. */
  #doers = () => {
    const present = this.playerIds.filter((id) => this.isPresent(id));
    switch (this.phase) {
      case "draw":
        return present;
      case "title":
      case "vote":
        return present.filter((id) => id !== this.round.artist);
      default:
        return [];
    }
  };

  #hasDone = (id) => {
    if (this.phase === "draw") return this.#players.get(id).image !== null;
    return (this.phase === "title" ? this.round.titles : this.round.votes).has(id);
  };

  // --- what comes next ----------------------------------------------------------------------------------------------

  /** Ends the phase as it stands and begins the next one. */
  advance() {
    if (this.phase === "draw") {
      this.#gallery = shuffle(this.drawings, this.#random);
      this.roundCount = this.#gallery.length;
      this.#nextDrawing();
    } else if (this.phase === "title") {
      this.round.options = this.#optionsOf(this.round);
      this.phase = "vote";
    } else if (this.phase === "vote") {
      this.#score();
      this.phase = "reveal";
    } else if (this.phase === "reveal") {
      this.#nextDrawing();
    }
    if (this.tooFew) this.phase = "podium";
  }

  #nextDrawing = () => {
    const next = this.#gallery.shift();
    if (!next) {
      this.phase = "podium";
      return;
    }
    this.roundNumber++;
    this.round = { ...next, titles: new Map(), options: [], votes: new Map(), crowd: [] };
    this.phase = "title";
  };

  /** The truth (`author` is the artist), the players' fibs, and the game's own (`author` is null), shuffled. */
  #optionsOf = ({ artist, truth, titles }) => {
    const options = [{ text: truth, author: artist, isTruth: true }];
    for (const [author, text] of titles) options.push({ text, author, isTruth: false });
    // A short list of prompts may have no new one; then there are fewer choices.
    for (let tries = 0; tries < HOUSE_TRIES && options.length < MIN_OPTIONS; tries++) {
      const [text] = this.#deck.deal(1);
      if (options.some((option) => essence(option.text) === essence(text))) continue;
      options.push({ text, author: null, isTruth: false });
    }
    return shuffle(options, this.#random);
  };

  #score = () => {
    const { artist, options, votes, crowd } = this.round;
    for (const [index, { author, isTruth }] of options.entries()) {
      if (!isTruth && author !== null) this.#players.get(author).charmed += crowd[index] ?? 0;
    }
    for (const [voter, index] of votes) {
      const { author, isTruth } = options[index];
      if (isTruth) {
        this.#players.get(voter).score += POINTS.found;
        this.#players.get(artist).score += POINTS.recognised;
        this.#players.get(artist).recognised++;
      } else if (author !== null) {
        this.#players.get(author).score += POINTS.fooled;
        this.#players.get(author).fooled++;
      }
    }
  };

  revealSteps() {
    return revealSteps(this.round);
  }

  outcomeFor(id) {
    return outcomeFor(this.round, id);
  }
}
