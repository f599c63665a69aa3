/** Shuffles lists and deals prompts. */
export function shuffle(list, random = Math.random) {
  const shuffled = [...list];
  for (let last = shuffled.length - 1; last > 0; last--) {
    const pick = Math.floor(random() * (last + 1));
    [shuffled[last], shuffled[pick]] = [shuffled[pick], shuffled[last]];
  }
  return shuffled;
}

/** Deals prompts without repeating one until all have been dealt. `pile`: the prompts that are left, as `rest` returned them. */
export function createDeck(prompts, random = Math.random, pile = []) {
  return {
    get rest() {
      return pile;
    },
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
