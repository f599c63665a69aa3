import { ECHO } from "./echo.js";
import { FLOOD_SINGLE } from "./flood.js";

const WORKERS = 2;

/** The scenario over workers, beside one process; both share all cores with the load. @param {import("./index.js").Scenario} scenario @param {string} name @param {string} what @returns {import("./index.js").Scenario} */
const overWorkers = (scenario, name, what) => ({
  ...scenario,
  name,
  what,
  sharesCores: true,
  workers: WORKERS,
  needs: ["workers"],
  besides: {
    ...scenario,
    name: "one process",
    what: `\`${scenario.name}\` in one process, which shares its cores with the load.`,
    sharesCores: true,
  },
});

/** What a frame costs. */
export const WORKERS_ECHO = overWorkers(ECHO, "workers", "`echo` over two workers.");

/** The same where each turn of a worker has more than a few frames to do. */
export const WORKERS_BUSY = overWorkers(
  {
    ...ECHO,
    name: "busy echo",
    what: "`echo` with six times as many frames.",
    input: { bytes: 24, perSecond: 120 },
    isLimitless: true,
  },
  "workers-busy",
  "`echo` with six times as many frames, over two workers.",
);

/** How many frames there can be. */
export const WORKERS_FLOOD = overWorkers(FLOOD_SINGLE, "workers-flood", "`flood-single` over two workers.");
