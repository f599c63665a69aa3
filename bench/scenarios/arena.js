/** @type {import("./index.js").Scenario} */
export const ARENA = {
  name: "arena",
  what: "40 rooms of 8 phones; 12 bytes of input at 60 Hz, 400 bytes of state to everybody at 30 Hz, volatile where a peer knows that.",
  rooms: 40,
  phones: 8,
  input: { bytes: 12, perSecond: 60 },
  broadcast: { bytes: 400, perSecond: 30, isVolatile: true },
};
