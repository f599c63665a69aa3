/** Tapaculo, in Rust: built with cargo, where that is there, before the first run. */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { portInJson } from "../node-server.js";
import { SECRET } from "./members.js";

const FOLDER = fileURLToPath(new URL(".", import.meta.url));
const PROGRAM = fileURLToPath(new URL("target/release/tapaculo-peer", import.meta.url));

/** @param {string} program @returns {string | undefined} "rustc 1.95.0" */
function versionOf(program) {
  const { status, stdout } = spawnSync(program, ["--version"], { encoding: "utf8" });
  return status === 0 ? stdout.split(" ").slice(0, 2).join(" ") : undefined;
}

/** @param {string} name @param {string} what @param {string[]} words @returns {import("../index.js").Peer} */
function tapaculoWith(name, what, words) {
  return {
    name,
    what,
    can: ["relay"],
    isHostless: true,
    adapter: new URL("adapter.js", import.meta.url),
    whyMissing: () => (versionOf("cargo") === undefined ? "cargo, which builds it, is not installed" : undefined),
    prepare() {
      const { status } = spawnSync("cargo", ["build", "--release", "--quiet"], { cwd: FOLDER, stdio: "inherit" });
      return status === 0 ? undefined : "cargo could not build it";
    },
    versions: () => `tapaculo 1.5.0, ${versionOf("rustc")}`,
    launch: () => ({ program: PROGRAM, words, environment: { TAPACULO_SECRET: SECRET }, portIn: portInJson }),
  };
}

export const tapaculo = tapaculoWith(
  "tapaculo",
  "Tapaculo 1.5.0, in Rust, as its README begins: with Nagle's algorithm.",
  [],
);

export const tapaculoNodelay = tapaculoWith("tapaculo-nodelay", "The same, with TCP_NODELAY on each accepted socket.", [
  "nodelay",
]);
