import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
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
  return lintSource(file, `import { thing } from "${imported}";\n\nexport const same = thing;\n`);
}

function lintSource(file: string, source: string): { readonly status: number | null; readonly output: string } {
  const path = join(folder, file);
  mkdirSync(join(path, ".."), { recursive: true });
  writeFileSync(path, source);
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

test.each([
  ["src/room/c.ts", "export const read = (socket: { _handle: unknown }) => socket._handle;"],
  ["src/transport/c.ts", 'export const read = (socket: Record<string, unknown>) => socket["_handle"];'],
  ["src/transport/d.ts", "export const take = (handle: { onread: unknown }) => handle.onread;"],
  ["src/transport/e.ts", 'import fs from "node:fs";\n\nexport const write = fs.writeSync;'],
  ["src/transport/f.ts", 'export const read = (socket: object): unknown => Reflect.get(socket, "handle");'],
  ["src/server.ts", "export const free = new MessageChannel();"],
])("the lint refuses what Node does not document in %s: %s", (file, source) => {
  const { status, output } = lintSource(file, `${source}\n`);
  expect(output).toMatch(/no-restricted-(properties|globals)/);
  expect(status).not.toBe(0);
});

/** Also where the lint does not look: imports, listeners, names in texts. */
const UNDOCUMENTED = /_handle\b|\bonread\b|(removeAllL|\.l)isteners\(.connection|MessageChannel|writeSync/;

test("nothing in src rests on what Node does not document", () => {
  const files = readdirSync(join(ROOT, "src"), { recursive: true, encoding: "utf8" }).filter((file) =>
    file.endsWith(".ts"),
  );
  expect(files.length).toBeGreaterThan(100);
  expect(files.filter((file) => UNDOCUMENTED.test(readFileSync(join(ROOT, "src", file), "utf8")))).toEqual([]);
});
