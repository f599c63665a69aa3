/** @type {import("./index.js").Row} */
export const JOINS = {
  name: "joins",
  what: "50 rooms of 9 phones assemble and part again, over and over: joins a second, of a server that has had some thousands.",
  rooms: 50,
  phones: 9,
  isAssembling: true,
  leastMeasureMs: 8000,
  leastWarmUpMs: 8000,
};
