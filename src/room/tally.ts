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
    if (former !== undefined) this.#take(former);
    const place = known ?? this.#open(text);
    if (place === OTHERS) this.#others += 1;
    else this.#votes[place] = (this.#votes[place] ?? 0) + 1;
    return place;
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

  #take(place: TallyPlace): void {
    if (place === OTHERS) {
      this.#others -= 1;
      return;
    }
    const left = (this.#votes[place] ?? 0) - 1;
    this.#votes[place] = left;
    if (left === 0) this.#close(place);
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
