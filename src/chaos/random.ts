/** Repeatable random numbers: the same seed gives the same sequence. */

export interface Random {
  /** From 0 up to 1. */
  next(): number;
  /** A whole number from `least` to `most`, both inclusive. */
  whole(least: number, most: number): number;
  /** One of the names, drawn by weight. */
  choose<Odds extends Readonly<Record<string, number>>>(odds: Odds): Extract<keyof Odds, string>;
  /** An independent sequence for this part: draws elsewhere do not change it. */
  fork(part: number): Random;
}

/** Seeds are whole numbers of 32 bits. */
export const MAX_SEED = 0xffff_ffff;

/** Mulberry32 by Tommy Ettinger (public domain): 32 bits of state. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;

  const next = (): number => {
    state = (state + 0x6d2b_79f5) >>> 0;
    let word = Math.imul(state ^ (state >>> 15), state | 1);
    word ^= word + Math.imul(word ^ (word >>> 7), word | 61);
    return ((word ^ (word >>> 14)) >>> 0) / 2 ** 32;
  };

  return {
    next,
    whole: (least, most) => least + Math.floor(next() * (most - least + 1)),
    choose(odds) {
      let left = next() * Object.values(odds).reduce((sum, weight) => sum + weight, 0);
      for (const name in odds) {
        left -= odds[name] ?? 0;
        if (left < 0) return name;
      }
      throw new RangeError("choose() needs at least one weight above 0.");
    },
    // One round of the generator makes the sequences of neighbouring parts independent.
    fork: (part) =>
      createRandom(Math.floor(createRandom((seed + Math.imul(part + 1, 0x9e37_79b1)) >>> 0).next() * 2 ** 32)),
  };
}
