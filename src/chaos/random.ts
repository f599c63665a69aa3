/** Random numbers that come again in the same order from the same seed. */

export interface Random {
  /** From 0 up to 1. */
  next(): number;
  /** A whole number from `least` to `most`, both of them possible. */
  whole(least: number, most: number): number;
  /** One of the names, the likelier the larger its number is against the others'. */
  choose<Odds extends Readonly<Record<string, number>>>(odds: Odds): Extract<keyof Odds, string>;
  /** A row of its own for the part with this number: what the others draw does not change it. */
  fork(part: number): Random;
}

/** Seeds are whole numbers of 32 bits. */
export const MAX_SEED = 0xffff_ffff;

/** Mulberry32 by Tommy Ettinger (public domain): one word of state, good enough to be unfair with. */
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
      throw new RangeError("There has to be something to choose, with odds above 0.");
    },
    // Neighbouring seeds have nothing in common after one round of the generator.
    fork: (part) =>
      createRandom(Math.floor(createRandom((seed + Math.imul(part + 1, 0x9e37_79b1)) >>> 0).next() * 2 ** 32)),
  };
}
