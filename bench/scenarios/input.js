/** @type {import("./index.js").Scenario} */
export const INPUT = {
  name: "input",
  what: "40 rooms of 8 phones; each phone sends 24 bytes to its host 20 times a second.",
  rooms: 40,
  phones: 8,
  input: { bytes: 24, perSecond: 20 },
};
