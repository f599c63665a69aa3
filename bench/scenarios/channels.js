import { AUDIENCE } from "./audience.js";

const { rooms, phones, broadcast, leastMeasureMs, leastWarmUpMs } = AUDIENCE;

/** What the host of `audience` tells its phones, published on a channel that as many lines follow. @type {import("./index.js").Scenario} */
export const CHANNELS = {
  rooms,
  phones,
  broadcast,
  leastMeasureMs,
  leastWarmUpMs,
  name: "channels",
  what: "`audience` as a publication: 300 bytes on a channel 5 times a second, which 1,000 lines follow.",
  isPublished: true,
  needs: ["channels"],
  besides: AUDIENCE,
};
