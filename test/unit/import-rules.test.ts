import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "@jest/globals";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const OXLINT = join(ROOT, "node_modules/oxlint/bin/oxlint");

let folder = "";

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "couchwire-lint-"));
  cpSync(join(ROOT, ".oxlintrc.json"), join(folder, ".oxlintrc.json"));
});

afterAll(() => rmSync(folder, { recursive: true }));

function lint(file: string, imported: string): { readonly status: number | null; readonly output: string } {
  const path = join(folder, file);
  mkdirSync(join(path, ".."), { recursive: true });
  writeFileSync(path, `import { thing } from "${imported}";\n\nexport const same = thing;\n`);
  const { status, stdout } = spawnSync(process.execPath, [OXLINT, file], { cwd: folder, encoding: "utf8" });
  return { status, output: stdout };
}

test.each([
  ["src/protocol/a.ts", "../room/room.ts"],
  ["src/room/a.ts", "../hub/hub.ts"],
  ["src/room/a.ts", "node:fs"],
  ["src/hub/a.ts", "../http/app.ts"],
  ["src/transport/a.ts", "../http/app.ts"],
  ["src/http/a.ts", "../server.ts"],
  ["src/sdk/a.ts", "../room/room.ts"],
])("the lint refuses that %s imports %s", (file, imported) => {
  const { status, output } = lint(file, imported);
  expect(output).toContain("no-restricted-imports");
  expect(status).not.toBe(0);
});

test.each([
  ["src/room/b.ts", "../protocol/result.ts"],
  ["src/hub/b.ts", "../room/room.ts"],
  ["src/transport/b.ts", "../hub/hub.ts"],
  ["src/sdk/b.ts", "../protocol/close-codes.ts"],
])("the lint lets %s import %s", (file, imported) => {
  expect(lint(file, imported).output).not.toContain("no-restricted-imports");
});
