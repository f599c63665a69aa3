/** @type {import("./index.js").Scenario} */
export const SLOW = {
  name: "slow",
  what: "10 rooms of 8 phones; each host sends 64 KiB to everybody 30 times a second, and one phone in eight stops reading. The figures are those of the others.",
  rooms: 10,
  phones: 8,
  broadcast: { bytes: 64 * 1024, perSecond: 30 },
  deafEvery: 8,
  // The kernel itself keeps some 4 MB for a phone before the server notices; the time after that is what counts.
  leastMeasureMs: 8000,
};
