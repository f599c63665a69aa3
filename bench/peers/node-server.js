/** Servers that were written for the benchmark: they take a free port and print it as a line of JSON. */
import { fileURLToPath } from "node:url";

/** @param {URL} server @returns {import("./index.js").Launch} */
export function nodeServer(server) {
  return { program: process.execPath, words: [fileURLToPath(server)], portIn: portInJson };
}

/** @param {string} line */
export function portInJson(line) {
  if (!line.startsWith("{")) return undefined;
  const { port } = JSON.parse(line);
  return typeof port === "number" ? port : undefined;
}
