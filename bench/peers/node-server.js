/** Servers that were written for the benchmark: they take a free port and print it as a line of JSON. */
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** @param {URL} server @returns {import("./index.js").Launch} */
export function nodeServer(server) {
  return { runtime: "node", words: [fileURLToPath(server)], portIn: portInJson };
}

/** @param {string} line */
export function portInJson(line) {
  if (!line.startsWith("{")) return undefined;
  const { port } = JSON.parse(line);
  return typeof port === "number" ? port : undefined;
}

/** The benchmark's own, and the product's, which has some of the same and is found where those are not installed. */
const MODULES = ["../node_modules", "../../node_modules"];

/** "ws 8.1.0, cbor-x 1.6.0": what is installed for the benchmark. @param {string[]} packages */
export function versionsOf(...packages) {
  const versions = packages.map((name) => {
    const manifests = MODULES.map((folder) => new URL(`${folder}/${name}/package.json`, import.meta.url));
    const manifest = manifests.find((file) => existsSync(file));
    return manifest === undefined
      ? `${name}, missing`
      : `${name} ${JSON.parse(readFileSync(manifest, "utf8")).version}`;
  });
  return versions.join(", ");
}
