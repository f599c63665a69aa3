import { ECHO } from "./echo.js";

/** A room whose host and phones are at one node. @type {import("./index.js").Scenario} */
const LOCAL = {
  ...ECHO,
  name: "local",
  what: "Echo at one node, which shares its cores with the load.",
  sharesCores: true,
};

/** The same rooms, with their hosts at one node and their phones at another. @param {"redis" | "nats"} between @param {string} what @returns {import("./index.js").Scenario} */
const hop = (between, what) => ({
  ...LOCAL,
  name: `hop-${between}`,
  what,
  between,
  needs: ["nodes"],
  besides: LOCAL,
});

export const HOP_REDIS = hop("redis", "`echo` with the hosts at one node and the phones at another, over Redis.");

export const HOP_NATS = hop("nats", "`echo` with the hosts at one node and the phones at another, over NATS.");
