/** Tells which files of the games were saved. Several that are saved together are told together. */
import { relative, sep } from "node:path";

export interface GamesWatch {
  close(): Promise<void>;
}

/** Editors write a file in several steps, and save several files at once. */
const TOGETHER_MS = 60;
/** Files that are told at once. */
const MAX_FILES = 1_000;
/** Folders and files that no page loads: hidden ones, packages, documents and recordings. */
const LEFT_OUT = /^(?:\..+|node_modules)$/;
const UNLOADED = /\.(?:md|cwrec)$/i;

/**
 * Calls `onChange` with the paths of files that were saved, added or removed, relative to `root`, with slashes. The symbolic links in `root` itself
 * are resolved.
 */
export async function watchGames(
  root: string,
  onChange: (paths: readonly string[]) => void,
  onError: (error: unknown) => void,
): Promise<GamesWatch> {
  const { watch } = await import("chokidar"); // on demand: only a developer's server needs it
  const partsOf = (path: string): string[] => relative(root, path).split(sep);
  const changed = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  const tell = (): void => {
    timer = undefined;
    const paths = [...changed];
    changed.clear();
    onChange(paths);
  };
  const watcher = watch(root, {
    ignoreInitial: true,
    ignored: (path) => partsOf(path).some((part) => LEFT_OUT.test(part) && part !== "..") || UNLOADED.test(path),
  });
  watcher.on("all", (event, path) => {
    if (event === "addDir" || event === "unlinkDir" || changed.size >= MAX_FILES) return;
    changed.add(partsOf(path).join("/"));
    timer ??= setTimeout(tell, TOGETHER_MS);
  });
  watcher.on("error", onError);
  await new Promise<void>((resolve) => watcher.once("ready", resolve));
  return {
    async close() {
      clearTimeout(timer);
      await watcher.close();
    },
  };
}
