/** @type {import("./index.js").Scenario} */
export const IDLE = {
  name: "idle",
  what: "10,000 sockets, 1,000 rooms of 9 phones, that say nothing: memory, joins a second, the processor time of the pings.",
  rooms: 1000,
  phones: 9,
  isQuiet: true,
  // One round of Couchwire's pings, which are spread over it.
  leastMeasureMs: 13_000,
};
