/**
 * Chance that all phones bring together. Each brings a number of its own, and the numbers of those who play decide what is shuffled: no phone can choose it, and
 * the same phones with the same numbers play the same game again, as a recording that is replayed does.
 */

/** A number for this phone to bring. */
export const newLuck = () => Math.floor(Math.random() * 2 ** 32);

/** A number that any text has. FNV-1a. */
function hashOf(text) {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return hash >>> 0;
}

/** @param {number} [state] where another page of the same game was, as `state` returned it */
export function createChance(state = newLuck()) {
  return {
    /** Goes on from what these texts say. */
    seed(texts) {
      state = hashOf(texts.join("\n"));
    },
    /** From 0 up to, but not including, 1. Mulberry32. */
    random: () => {
      state = (state + 0x6d2b79f5) >>> 0;
      let mixed = Math.imul(state ^ (state >>> 15), state | 1);
      mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
      return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
    },
    get state() {
      return state;
    },
  };
}
