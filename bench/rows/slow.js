/** @type {import("./index.js").Row} */
export const SLOW = {
  name: "slow",
  what: "10 rooms of 8 phones; each host sends 32 KiB to everybody 30 times a second, and one phone in eight stops reading. The figures are those of the others.",
  rooms: 10,
  phones: 8,
  broadcast: { bytes: 32 * 1024, perSecond: 30 },
  deafEvery: 8,
};
