/** @type {import("./index.js").Scenario} */
export const DRAWING = {
  name: "drawing",
  what: "40 rooms of 8 phones; each phone sends an image of 64 KiB to its host once a second.",
  rooms: 40,
  phones: 8,
  input: { bytes: 64 * 1024, perSecond: 1 },
  leastMeasureMs: 4000, // for the same reason as in audience
  leastWarmUpMs: 20_000, // few frames a second, so what runs for each of them is not soon hot; that memory is given back makes V8 compile anew
};
