import { nodeServer, versionsOf } from "../node-server.js";
import { bunPath, versionOf, whyNoBun } from "../../run/runtime.js";

/** @type {import("../index.js").Peer} */
export const naiveBun = {
  name: "naive-bun",
  what: "As naive, on Bun and its own WebSockets (`Bun.serve`).",
  can: ["array bytes"],
  adapter: new URL("../naive/adapter.js", import.meta.url),
  whyMissing: whyNoBun,
  versions: () => `bun ${versionOf(bunPath())}, ${versionsOf("cbor-x")}`,
  launch: () => ({ ...nodeServer(new URL("server.js", import.meta.url)), runtime: "bun" }),
};
