/** Couchwire as its users start it: the command, with environment variables where a scenario is larger than the defaults. */
import { existsSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { busAddress, busServer } from "../../run/bus-server.js";
import { portInJson } from "../node-server.js";
import { SECRET } from "../tapaculo/members.js";

export const OWN_CHECKOUT = fileURLToPath(new URL("../../..", import.meta.url));

/** Rates that no phone and no host reaches, but not "no limit": what limits cost is part of the price. */
const LIMITLESS = {
  COUCHWIRE_HOST_RATE: "1000000",
  COUCHWIRE_HOST_BURST: "1000000",
  COUCHWIRE_PLAYER_RATE: "1000000",
  COUCHWIRE_PLAYER_BURST: "1000000",
  COUCHWIRE_PLAYER_BYTES: String(2 ** 30),
};

/** Bun loses bytes of a socket that one process hands to another, so only Node has workers. */
const ABILITIES = ["volatile", "sessions", "array bytes", "relay", "channels", "crowd", "nodes"];

export const couchwire = couchwireFrom("couchwire", OWN_CHECKOUT, "This server, as `npm start` runs it.");

/**
 * Couchwire as another checkout has built it.
 * @param {string} name @param {string} folder a checkout, or its `dist` @param {string} what
 * @param {import("../../run/runtime.js").RuntimeKind} [runtime]
 * @returns {import("../index.js").Peer}
 */
export function couchwireFrom(name, folder, what, runtime = "node") {
  const cli = [path.join(folder, "dist/cli.js"), path.join(folder, "cli.js")].find((file) => existsSync(file));
  return {
    name,
    what,
    can: runtime === "node" ? [...ABILITIES, "workers"] : ABILITIES,
    adapter: new URL("adapter.js", import.meta.url),
    launch(scenario) {
      if (cli === undefined) throw new Error(`There is no dist/cli.js in ${folder}. Build it with npm run build.`);
      const isForking = scenario.workers !== undefined;
      const environment = environmentFor(scenario);
      const server = { runtime, words: [cli], environment, portIn: portInJson, isForking };
      return scenario.between === undefined ? server : nodesOver(scenario.between, server);
    },
  };
}

/**
 * Two nodes and what stands between them: hosts arrive at the second of these processes, phones at the third (`adapter.js`).
 * @param {"redis" | "nats"} between @param {import("../index.js").Launch} server @returns {import("../index.js").LaunchStep[]}
 */
function nodesOver(between, server) {
  const node =
    (part) =>
    ([busPort]) => ({
      ...server,
      part,
      environment: { ...server.environment, COUCHWIRE_BUS: busAddress(between, busPort) },
    });
  return [() => busServer(between, "bus"), node("home"), node("edge")];
}

/** @param {import("../../scenarios/index.js").Scenario} scenario */
function environmentFor(scenario) {
  const connections = scenario.rooms * (scenario.phones + 1);
  return {
    COUCHWIRE_HOST: "127.0.0.1",
    PORT: "0",
    COUCHWIRE_NETWORK_ROOMS: "0", // all of them are opened from one address
    COUCHWIRE_DRAIN_MS: "0", // a run that is over waits for no room
    ...(connections > 9_000 ? { COUCHWIRE_MAX_CONNECTIONS: String(2 * connections) } : {}),
    ...(scenario.rooms > 900 ? { COUCHWIRE_MAX_ROOMS: String(2 * scenario.rooms) } : {}),
    ...(scenario.phones > 250 && scenario.crowd === undefined
      ? { COUCHWIRE_MAX_PLAYERS: String(scenario.phones) }
      : {}),
    ...(scenario.isLimitless ? LIMITLESS : {}),
    ...(scenario.workers === undefined ? {} : { COUCHWIRE_WORKERS: String(scenario.workers) }),
    ...(scenario.isPublished ? { COUCHWIRE_JWT_SECRET: SECRET } : {}),
    ...(scenario.relay === undefined ? {} : { COUCHWIRE_JWT_SECRET: SECRET, COUCHWIRE_OPEN_ROOMS: "relay" }),
  };
}
