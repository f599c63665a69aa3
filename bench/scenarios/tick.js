/** @type {import("./index.js").Scenario} */
export const TICK = {
  name: "tick",
  what: "40 rooms of 8 phones; each host sends 1 KiB to everybody 20 times a second.",
  rooms: 40,
  phones: 8,
  broadcast: { bytes: 1024, perSecond: 20 },
};
