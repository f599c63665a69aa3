/**
 * The votes from one `poll` to the next (P5.6.2): those that are read here, and the sums of other nodes that count the votes of their own watchers. In a poll
 * the newest vote of each watcher counts, so a node's newer sum takes the place of its older one. Without a poll each vote counts, and sums are added.
 */
import type { PollId } from "../protocol/commands.ts";
import { Tally, type TallyCounts, type TallyPlace } from "./tally.ts";

/** The sum of one node, as it is counted here. */
interface CountedSum {
  readonly texts: Map<string, { readonly place: TallyPlace; readonly votes: number }>;
  others: number;
}

export class VoteRound {
  /** From 0; grows by one with each poll. */
  readonly number: number;
  /** `undefined`: no poll is open. */
  readonly poll: PollId | undefined;
  /** Whether votes were counted since the last report. */
  hasNews = false;
  #tally = new Tally();
  /** In a poll: by the node that has counted them. */
  readonly #sums = new Map<object, CountedSum>();

  constructor(number: number, poll: PollId | undefined) {
    this.number = number;
    this.poll = poll;
  }

  /** Counts the vote of one watcher; in a poll it moves from its `former` place, where it has one. */
  vote(text: string, former: TallyPlace | undefined): TallyPlace {
    this.hasNews = true;
    return this.#tally.vote(text, this.poll === undefined ? undefined : former);
  }

  /** Counts what this node has counted: in a poll all of it so far, otherwise what is new. */
  count(node: object, sum: TallyCounts): void {
    this.hasNews = true;
    if (this.poll === undefined) {
      for (const [text, votes] of Object.entries(sum.tally)) this.#tally.add(text, votes);
      this.#tally.addOthers(sum.other ?? 0);
    } else this.#replace(node, sum);
  }

  /** The node says nothing more of this round. What it has said stays counted. */
  forget(node: object): void {
    this.#sums.delete(node);
  }

  /** What a report says now. Without a poll the next one begins from nothing. */
  takeReport(): TallyCounts {
    const { counts } = this.#tally;
    this.hasNews = false;
    if (this.poll === undefined) this.#tally = new Tally();
    return counts;
  }

  #replace(node: object, { tally, other = 0 }: TallyCounts): void {
    const counted = this.#sums.get(node) ?? { texts: new Map(), others: 0 };
    this.#sums.set(node, counted);
    // First what has lost all its votes: its place may be another text's.
    for (const [text, { place, votes }] of counted.texts) {
      if (Object.hasOwn(tally, text)) continue;
      this.#tally.take(place, votes);
      counted.texts.delete(text);
    }
    for (const [text, votes] of Object.entries(tally)) {
      const known = counted.texts.get(text);
      if (known?.votes === votes) continue;
      if (known !== undefined) this.#tally.take(known.place, known.votes); // a text alone at its place gets that again
      counted.texts.set(text, { place: this.#tally.add(text, votes), votes });
    }
    this.#tally.addOthers(other - counted.others);
    counted.others = other;
  }
}
