/** @type {import("./index.js").Scenario} */
export const AUDIENCE = {
  name: "audience",
  what: "One room of 1,000 phones; 300 bytes to everybody 5 times a second, and a vote of 16 bytes from each phone every other second.",
  rooms: 1,
  phones: 1000,
  input: { bytes: 16, perSecond: 0.5 },
  broadcast: { bytes: 300, perSecond: 5 },
  leastMeasureMs: 8000, // one function that V8 compiles beside so few frames would double a second
  leastWarmUpMs: 10_000, // few frames a second for each phone, so what runs for them is not soon hot
};
