/** @type {import("./index.js").Scenario} */
export const JOINS = {
  name: "joins",
  what: "144 rooms of 9 phones assemble and part again, over and over: joins a second, of a server that is warm.",
  rooms: 144, // three times as many as assemble at once, so that the last ones, who have the server for themselves, are few
  phones: 9,
  isAssembling: true,
  leastMeasureMs: 4800,
  leastWarmUpMs: 6000,
};
