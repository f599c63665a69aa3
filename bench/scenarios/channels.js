import { AUDIENCE } from "./audience.js";

const { rooms, phones, broadcast, leastMeasureMs, leastWarmUpMs } = AUDIENCE;
const shared = { rooms, phones, broadcast, leastMeasureMs, leastWarmUpMs };

/** What the host of `audience` sends to its phones, without their votes: once published on a channel that as many lines follow, once as a frame to everybody. */
/** @type {import("./index.js").Scenario} */
export const CHANNELS = {
  ...shared,
  name: "channels",
  what: "One host publishes 300 bytes on a channel 5 times a second; 1,000 lines follow it. Beside it the same as frames to 1,000 phones.",
  isPublished: true,
  needs: ["channels"],
  besides: { ...shared, name: "to phones", what: "One host sends 300 bytes to 1,000 phones 5 times a second." },
};
