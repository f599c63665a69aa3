/** What bots are called, and what they say. */
export const BOT_NAMES = ["Doodle", "Smudge", "Inky", "Crayon", "Blot", "Squiggle", "Scribbly", "Eraser"];

const WHO = [
  "a nervous teapot",
  "my uncle",
  "the neighbour's cat",
  "a very tired banana",
  "three pigeons",
  "a wet dog",
  "the mayor",
  "an angry cushion",
  "a shy tornado",
  "two left shoes",
  "the last dinosaur",
  "a proud potato",
];
const DOES = [
  "at the dentist",
  "learning to swim",
  "in a tiny car",
  "on a monday",
  "without trousers",
  "looking for the exit",
  "after the party",
  "in love",
  "paying taxes",
  "in the wrong film",
  "who forgot the milk",
  "in slow motion",
];

const pick = (list, random) => list[Math.floor(random() * list.length)];

/** A title that might be true. */
export const bluff = (random = Math.random) => `${pick(WHO, random)} ${pick(DOES, random)}`;
