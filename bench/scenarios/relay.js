/** @type {import("./index.js").Scenario} */
export const RELAY = {
  name: "relay",
  what: "40 open rooms of 8 members; each member says 24 bytes to the 7 others 20 times a second.",
  rooms: 40,
  phones: 8,
  relay: { bytes: 24, perSecond: 20 },
  stallMs: 1000,
  needs: ["relay"],
  base: "tapaculo-nodelay",
};
