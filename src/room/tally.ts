/**
 * Counts votes by their text (P5.6). It holds 64 different texts at most, however many come: votes for others are counted together. A vote that moves
 * gives its place back, and a text without votes makes room for another.
 */

/** Different texts that are counted by themselves. */
export const MAX_TALLIED_TEXTS = 64;

/** Where a vote is counted: the place of its text, or the one for all others. */
export type TallyPlace = number;

/** The place for votes of which the texts are not kept. */
const OTHERS: TallyPlace = MAX_TALLIED_TEXTS;

/** The counts as a host is told them. */
export interface TallyCounts {
  readonly tally: Readonly<Record<string, number>>;
  readonly other?: number;
}

export class Tally {
  readonly #places = new Map<string, TallyPlace>();
  /** By place. */
  readonly #votes: number[] = [];
  /** Places whose texts have lost all their votes. */
  readonly #free: TallyPlace[] = [];
  #others = 0;

  /** Counts a vote for this text, which moves there from its `former` place, where it has one. Returns where it is counted. */
  vote(text: string, former?: TallyPlace): TallyPlace {
    const known = this.#places.get(text);
    if (known !== undefined && known === former) return known;
    if (former !== undefined) this.take(former, 1);
    return this.add(text, 1);
  }

  /** Counts so many votes for this text. Returns where they are counted. */
  add(text: string, votes: number): TallyPlace {
    const place = this.#places.get(text) ?? this.#open(text);
    if (place === OTHERS) this.#others += votes;
    else this.#votes[place] = (this.#votes[place] ?? 0) + votes;
    return place;
  }

  /** Counts so many votes more for texts that are not known; a negative number takes them back. */
  addOthers(votes: number): void {
    this.#others += votes;
  }

  /** So many votes at this place are counted there no more. */
  take(place: TallyPlace, votes: number): void {
    if (place === OTHERS) {
      this.#others -= votes;
      return;
    }
    const left = (this.#votes[place] ?? 0) - votes;
    this.#votes[place] = left;
    if (left === 0) this.#close(place);
  }

  get counts(): TallyCounts {
    const votes = Array.from(this.#places, ([text, place]): [string, number] => [text, this.#votes[place] ?? 0]);
    return { tally: Object.fromEntries(votes), ...(this.#others > 0 && { other: this.#others }) };
  }

  /** A place for a new text, where one is left. */
  #open(text: string): TallyPlace {
    const place = this.#free.pop() ?? this.#places.size;
    if (place < OTHERS) this.#places.set(text, place);
    return place;
  }

  #close(place: TallyPlace): void {
    for (const [text, its] of this.#places) {
      if (its !== place) continue;
      this.#places.delete(text);
      this.#free.push(place);
      return;
    }
  }
}
