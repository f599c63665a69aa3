/** The same phones and the same frames in all, once in 40 rooms and once in 4,000: what a room costs, and not what a socket does. */
const PHONES = 8000;
const MANY = 4000;
const FEW = 40;
const FRAMES_PER_SECOND = 6400;

const shared = { input: { bytes: 24, perSecond: FRAMES_PER_SECOND / PHONES }, answers: true };

/** @type {import("./index.js").Scenario} */
export const ROOMS = {
  ...shared,
  name: "rooms",
  what: "Echo in 4,000 rooms of 2 phones, beside 40 rooms of 200: 8,000 phones and 6,400 frames a second either way.",
  rooms: MANY,
  phones: PHONES / MANY,
  besides: { ...shared, name: "40 rooms", what: "Echo in 40 rooms of 200 phones.", rooms: FEW, phones: PHONES / FEW },
};
