/** A game's own types reach every event and request, in TypeScript and in plain JavaScript. Old TypeScript: test/package/consumers.test.ts. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "@jest/globals";
import { onTestEnd } from "../support/clean-up.ts";
import { typedControls, typedGame } from "../support/typed-game.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const SDK = "/sdk/couchwire.js";
const CONTROLS = "/sdk/controls.js";

test("one interface of a game types what the TV and the phones say, also in plain JavaScript", () => {
  const folder = mkdtempSync(path.join(tmpdir(), "couchwire-types-"));
  onTestEnd(() => rmSync(folder, { recursive: true }));
  const files = { ...typedGame(SDK), ...typedControls(SDK, CONTROLS) };
  for (const [name, text] of Object.entries(files)) writeFileSync(path.join(folder, name), text);
  const compilerOptions = {
    lib: ["es2022", "dom", "dom.iterable"],
    target: "es2022",
    module: "esnext",
    moduleResolution: "bundler",
    types: [],
    noEmit: true,
    strict: true,
    allowJs: true,
    checkJs: true,
    allowImportingTsExtensions: true,
    paths: {
      [SDK]: [path.join(ROOT, "src/sdk/index.ts")],
      [CONTROLS]: [path.join(ROOT, "src/sdk/controls/index.ts")],
    },
  };
  writeFileSync(path.join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files: Object.keys(files) }));
  const tsc = path.join(path.dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin/tsc");
  const { stdout } = spawnSync(process.execPath, [tsc, "-p", folder], { cwd: folder, encoding: "utf8" });
  expect(stdout).toBe("");
});
