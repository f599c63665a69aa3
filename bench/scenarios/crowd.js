/**
 * A stage: what `audience` is to a living room. Couchwire's phones are watchers, whose votes the server counts; the hosts of other peers hear each vote and
 * count for themselves.
 * @type {import("./index.js").Scenario}
 */
export const CROWD = {
  name: "crowd",
  what: "One room of 5,000 watchers; 300 bytes to all of them 5 times a second, and a vote of 16 bytes from each every other second, of which the host hears the count.",
  rooms: 1,
  phones: 5000,
  input: { bytes: 16, perSecond: 0.5 },
  broadcast: { bytes: 300, perSecond: 5 },
  isTallied: true,
  leastMeasureMs: 8000,
  leastWarmUpMs: 10_000,
};
