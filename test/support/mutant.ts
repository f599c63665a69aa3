/** A module of ours with some of its text replaced, to show that a test notices. */
import { build } from "esbuild";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { onTestEnd } from "./clean-up.ts";

/** What the module exports with `from`, which stands in it once, replaced by `to`. */
export async function importMutant(path: string, from: string, to: string): Promise<Readonly<Record<string, unknown>>> {
  const source = readFileSync(path, "utf8");
  if (source.split(from).length !== 2) throw new Error(`${path} has to contain this once: ${from}`);
  const folder = mkdtempSync(join(tmpdir(), "couchwire-mutant-"));
  onTestEnd(() => rmSync(folder, { recursive: true }));
  const outfile = join(folder, "mutant.mjs");
  const contents = source.replace(from, () => to);
  await build({
    stdin: { contents, resolveDir: dirname(path), loader: "ts" },
    outfile,
    bundle: true,
    format: "esm",
    platform: "node",
  });
  const mutant: Readonly<Record<string, unknown>> = await import(pathToFileURL(outfile).href);
  return mutant;
}
