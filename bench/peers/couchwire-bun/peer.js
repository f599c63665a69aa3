import { couchwireFrom, OWN_CHECKOUT } from "../couchwire/peer.js";
import { bunPath, versionOf, whyNoBun } from "../../run/runtime.js";

const WHAT = "This server on Bun, with its engine `ws`, behind which Bun's own WebSockets stand.";

/** @type {import("../index.js").Peer} */
export const couchwireBun = {
  ...couchwireFrom("couchwire-bun", OWN_CHECKOUT, WHAT, "bun"),
  whyMissing: whyNoBun,
  versions: () => `bun ${versionOf(bunPath())}`,
};
