/** Finds the browser that the browser tests drive, and installs it where that is ours to do. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { install, mayInstall } from "./debian.js";

const CANDIDATES = [
  process.env.CHROMIUM,
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

/** The font is for the pages' emoji, which would be empty boxes in screenshots. */
const DEBIAN_PACKAGES = ["chromium", "fonts-noto-color-emoji"];

/**
 * The path of a Chromium that starts, or `undefined`. As root on Debian or Ubuntu it is installed where it is missing.
 * @param {(line: string) => void} say
 * @returns {string | undefined}
 */
export function ensureChromium(say) {
  const present = findChromium();
  if (present !== undefined) return present;
  if (mayInstall()) {
    say(`There is no Chromium; installing ${DEBIAN_PACKAGES.join(" and ")} with apt-get.`);
    install(DEBIAN_PACKAGES);
  }
  const installed = findChromium();
  if (installed === undefined) {
    say("There is no Chromium. Install it (on Debian: apt-get install chromium fonts-noto-color-emoji),");
    say("or say where one is: CHROMIUM=/path/to/chromium npm test");
  }
  return installed;
}

function findChromium() {
  // Asked for its version, because Ubuntu has a file of that name that only says where to get the browser.
  return CANDIDATES.find((path) => path && existsSync(path) && spawnSync(path, ["--version"]).status === 0);
}
