/** A stage: what `audience` is to a living room. The host and its players share a process of their own (`load/stage.js`); the watchers are the load generator's. */
const PLAYERS = 8;

/** @param {number} watchers @returns {import("./index.js").Scenario} */
const crowdOf = (watchers) => ({
  name: watchers === 5000 ? "crowd" : `crowd-${watchers}`,
  what: `One room of ${watchers.toLocaleString("en")} watchers and ${PLAYERS} players; 300 bytes to all watchers 5 times a second, and a vote of 16 bytes from each other second, of which the host hears the sums.`,
  rooms: 1,
  phones: watchers,
  input: { bytes: 16, perSecond: 0.5 },
  broadcast: { bytes: 300, perSecond: 5 },
  crowd: { players: PLAYERS, bytes: 16, perSecond: 0.5, isWeighed: true },
  needs: ["crowd"],
  leastMeasureMs: 8000, // as in audience
  leastWarmUpMs: 10_000,
});

/** Three sizes: what the host hears and uses is to be the same in each. */
export const CROWD_500 = crowdOf(500);
export const CROWD_2000 = crowdOf(2000);
export const CROWD = crowdOf(5000);

/** @type {import("./index.js").Scenario} */
const STAYING = {
  ...CROWD,
  name: "all stay",
  what: "`crowd`, with 24 bytes of each player 20 times a second, which the host answers.",
  crowd: { players: PLAYERS, bytes: 24, perSecond: 20 },
};

/** What the players feel of watchers that come and go. @type {import("./index.js").Scenario} */
export const CHURN = {
  ...STAYING,
  name: "churn",
  what: "`crowd`, with 24 bytes of each player 20 times a second, which the host answers, while 1,000 watchers a second join and 1,000 leave.",
  crowd: { ...STAYING.crowd, joinsPerSecond: 1000 },
  besides: STAYING,
};

/** @type {import("./index.js").Scenario} */
const SILENT = {
  ...STAYING,
  name: "silence",
  what: "8 players of a room with 500 watchers that say and hear nothing; 24 bytes of each player 20 times a second, which the host answers.",
  phones: 500,
  input: undefined,
  broadcast: undefined,
};

/** The same where nothing else is heard: a join in the way shows at once. @type {import("./index.js").Scenario} */
export const CHURN_SILENT = {
  ...SILENT,
  name: "churn-silent",
  what: "8 players, 24 bytes of each 20 times a second, which the host answers, and 500 watchers that say and hear nothing, while 1,000 others a second join and 1,000 leave.",
  crowd: CHURN.crowd,
  besides: SILENT,
};
