/**
 * `npm run simulate`: a cluster of 100 nodes, 70,000 rooms and 600,000 phones, in one process and in virtual time. `npm run simulate -- --help` says what it takes.
 * The rules are those of src/cluster, as they stand there: nothing is built first.
 */
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
/** Beside the packages that it imports. */
const FOLDER = path.join(ROOT, "node_modules/.cache/couchwire-simulation");

await build({
  entryPoints: [path.join(ROOT, "simulation/simulate.ts")],
  outdir: FOLDER,
  outExtension: { ".js": ".mjs" },
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node20",
  packages: "external",
  logLevel: "warning",
});
/** @type {{ main(words: readonly string[]): Promise<number> }} */
const simulation = await import(pathToFileURL(path.join(FOLDER, "simulate.mjs")).href);
process.exitCode = await simulation.main(process.argv.slice(2));
