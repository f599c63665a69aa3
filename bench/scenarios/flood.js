/** A closed loop at saturation, twice: what clients put together into one write decides what a server can put together. */
const FLOOD = {
  rooms: 40,
  phones: 8,
  input: { bytes: 24, window: 32 },
  answers: true,
  isLimitless: true,
};

/** @type {import("./index.js").Scenario} */
export const FLOOD_BATCHING = {
  ...FLOOD,
  name: "flood-batching",
  what: "40 rooms of 8 phones with 32 frames of 24 bytes under way each, through the host's echo; clients write once a turn.",
  isBatching: true,
};

/** @type {import("./index.js").Scenario} */
export const FLOOD_SINGLE = {
  ...FLOOD,
  name: "flood-single",
  what: "As `flood-batching`, but clients write once a frame, as browsers do.",
};
