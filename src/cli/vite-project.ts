/** Tells a project of Vite from a game: its pages ask for TypeScript, which Vite alone can serve. */
import { existsSync } from "node:fs";
import { join } from "node:path";

const CONFIG_FILES = ["vite.config.js", "vite.config.ts", "vite.config.mjs", "vite.config.mts"];

/** What a person does who wants to develop one of these folders and should not by `couchwire dev`. `undefined` if none is Vite's. */
export function describeViteProject(folders: readonly string[]): string | undefined {
  const folder = folders.find((path) => CONFIG_FILES.some((file) => existsSync(join(path, file))));
  if (folder === undefined) return undefined;
  return `${folder} is a project of Vite: npm run dev serves its pages and reloads them. Start a server beside it with: couchwire serve`;
}
