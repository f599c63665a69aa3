/**
 * The rules of the game and nothing else: no screen, no network, no clock. Somebody else decides when time is up; this
 * file knows who may do what, what it is worth, and what comes next.
 *
 *   draw → (title → vote → reveal) for each drawing → podium
 */
export const MIN_PLAYERS = 3;
export const MAX_PLAYERS = 8;
/** Once begun, a game goes on with this many: one who drew, one who guesses. */
export const MIN_TO_GO_ON = 2;
export const TITLE_LENGTH = 40;
/** With few players the house adds fibs of its own, so that there is something to choose from. */
export const MIN_OPTIONS = 4;
const HOUSE_TRIES = 20;
export const POINTS = { found: 1000, recognised: 500, fooled: 500 };

const ok = { ok: true };
const refused = (reason) => ({ ok: false, reason });

/** A title as everybody sees it: in lower case and without a full stop, so that nobody's typing gives them away. */
export function tidyTitle(text) {
  const words = String(text)
    .normalize("NFC")
    .replace(/[\p{C}\s]+/gu, " ")
    .trim()
    .toLowerCase();
  return Array.from(words.replace(/[.\s]+$/u, ""))
    .slice(0, TITLE_LENGTH)
    .join("")
    .trim();
}

/** What two titles have in common if they are the same to a person: articles, accents and commas do not count. */
export function essence(title) {
  const plain = tidyTitle(title).normalize("NFD").replace(/\p{M}/gu, "");
  const words = plain
    .replace(/[^\p{L}\p{N}]+/gu, " ")
    .trim()
    .split(" ");
  return words.filter((word) => !["a", "an", "the"].includes(word)).join(" ") || plain;
}

export function shuffle(list, random = Math.random) {
  const shuffled = [...list];
  for (let last = shuffled.length - 1; last > 0; last--) {
    const pick = Math.floor(random() * (last + 1));
    [shuffled[last], shuffled[pick]] = [shuffled[pick], shuffled[last]];
  }
  return shuffled;
}

/** Deals prompts without repeating one until all have been dealt. */
export function createDeck(prompts, random = Math.random) {
  let pile = [];
  return {
    deal(count) {
      const dealt = [];
      while (dealt.length < count) {
        if (pile.length === 0) pile = shuffle(prompts, random);
        dealt.push(pile.pop());
      }
      return dealt;
    },
  };
}

/** One game: from the secret prompts to the podium. */
export class Game {
  /** @type {"draw" | "title" | "vote" | "reveal" | "podium"} */
  phase = "draw";
  /** The drawing that is on show: `{ artist, truth, image, titles, options, votes }`. */
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
        recognised: 0,
        present: true,
      });
    }
  }

  // --- who is who ---------------------------------------------------------------------------------------------------

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
    const sorted = [...this.#players.values()].toSorted((a, b) => b.score - a.score);
    return sorted.map(({ id, score }) => ({
      id,
      score,
      rank: 1 + sorted.filter((other) => other.score > score).length,
    }));
  }

  /** Small honours beside the points; `null` where nobody earned one. */
  awards() {
    const best = (count) => {
      const most = Math.max(0, ...[...this.#players.values()].map((player) => player[count]));
      const winners = [...this.#players.values()].filter((player) => player[count] === most);
      return most > 0 && winners.length === 1 ? { id: winners[0].id, count: most } : null;
    };
    return { smoothestLiar: best("fooled"), clearestArtist: best("recognised") };
  }

  // --- what players do ----------------------------------------------------------------------------------------------

  /** Hands in a drawing. Handing in again replaces it, as long as the phase lasts. */
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

  /** A player is gone; nobody waits for them any more. What they drew and wrote stays. */
  leave(id) {
    const player = this.#players.get(id);
    if (player) player.present = false;
  }

  get tooFew() {
    return [...this.#players.values()].filter((player) => player.present).length < MIN_TO_GO_ON;
  }

  /** Those present who still have something to do in this phase. */
  waitingFor() {
    const present = this.playerIds.filter((id) => this.isPresent(id));
    switch (this.phase) {
      case "draw":
        return present.filter((id) => !this.#players.get(id).image);
      case "title":
        return present.filter((id) => id !== this.round.artist && !this.round.titles.has(id));
      case "vote":
        return present.filter((id) => id !== this.round.artist && !this.round.votes.has(id));
      default:
        return [];
    }
  }

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

  #nextDrawing() {
    const next = this.#gallery.shift();
    if (!next) {
      this.phase = "podium";
      return;
    }
    this.roundNumber++;
    this.round = { ...next, titles: new Map(), options: [], votes: new Map() };
    this.phase = "title";
  }

  /** The truth (`author` is the artist), the players' fibs, and the house's (`author` null), in no order. */
  #optionsOf({ artist, truth, titles }) {
    const options = [{ text: truth, author: artist, isTruth: true }];
    for (const [author, text] of titles) options.push({ text, author, isTruth: false });
    // A short list of prompts may have nothing new to offer; then it stays at fewer.
    for (let tries = 0; tries < HOUSE_TRIES && options.length < MIN_OPTIONS; tries++) {
      const [text] = this.#deck.deal(1);
      if (options.some((option) => essence(option.text) === essence(text))) continue;
      options.push({ text, author: null, isTruth: false });
    }
    return shuffle(options, this.#random);
  }

  #score() {
    const { artist, options, votes } = this.round;
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
  }

  /**
   * The reveal, step by step: the fibs that worked (the best one last), those that did not (all in one), the truth.
   * @returns {({ kind: "fib" | "truth", text: string, author: unknown, voters: unknown[], points: number } |
   *   { kind: "ignored", fibs: { text: string, author: unknown }[] })[]}
   */
  revealSteps() {
    const { options, votes } = this.round;
    const steps = options.map(({ text, author, isTruth }, index) => {
      const voters = [...votes].filter(([, choice]) => choice === index).map(([voter]) => voter);
      const each = isTruth ? POINTS.recognised : POINTS.fooled;
      return {
        kind: isTruth ? "truth" : "fib",
        text,
        author,
        voters,
        points: author === null ? 0 : each * voters.length,
      };
    });
    const fibs = steps.filter(({ kind }) => kind === "fib");
    const ignored = fibs.filter(({ voters }) => voters.length === 0);
    return [
      ...(ignored.length > 0 ? [{ kind: "ignored", fibs: ignored.map(({ text, author }) => ({ text, author })) }] : []),
      ...fibs.filter(({ voters }) => voters.length > 0).toSorted((a, b) => a.voters.length - b.voters.length),
      ...steps.filter(({ kind }) => kind === "truth"),
    ];
  }

  /** What this drawing brought one player: points, whether they found the truth, whom they fooled. */
  outcomeFor(id) {
    const { artist, options, votes } = this.round;
    const choice = votes.has(id) ? options[votes.get(id)] : null;
    const found = choice?.isTruth ?? false;
    const fooled = [...votes].filter(([, index]) => !options[index].isTruth && options[index].author === id).length;
    const recognised = id === artist ? [...votes.values()].filter((index) => options[index].isTruth).length : 0;
    const points = (found ? POINTS.found : 0) + fooled * POINTS.fooled + recognised * POINTS.recognised;
    return { points, found, voted: choice !== null, fooled, recognised, isArtist: id === artist };
  }
}
