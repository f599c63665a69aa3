/** The files of the package `couchwire`. The browser tests have installed and built examples/vite by then. */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "@jest/globals";
import { z } from "zod";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const LISTING = z.tuple([z.object({ files: z.array(z.object({ path: z.string() })) })]);

test("the package has the examples without what they install and build, and no picture of the documents", () => {
  const words = ["pack", "--dry-run", "--json", "--ignore-scripts"];
  const { stdout } = spawnSync("npm", words, { cwd: ROOT, encoding: "utf8" });
  const [{ files }] = LISTING.parse(JSON.parse(stdout));
  const paths = files.map(({ path }) => path);
  expect(paths).toEqual(
    expect.arrayContaining([
      "examples/quiz/tv.js",
      "examples/vite/src/tv.ts",
      "docs/GAMES.md",
      "dev-pages/client.js",
      "admin-pages/overview.js",
      "docs/ADMIN.md",
      "templates/quiz/tv.js",
      "templates/vite/gitignore",
    ]),
  );
  expect(paths.filter((path) => /node_modules\/|^examples\/\w+\/dist\/|^docs\/.*\.png$/.test(path))).toEqual([]);
});
