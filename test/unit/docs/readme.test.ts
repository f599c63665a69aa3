import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "@jest/globals";

const SCRIPT = fileURLToPath(new URL("../../../scripts/docs.js", import.meta.url));

test("the tables, example game, SDK size and figures in the documents are those of the code and the kept result", async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [SCRIPT, "--check"]);
  expect(stdout).toContain("README.md says what the code says.");
  expect(stdout).toContain("docs/PERFORMANCE.md says what the code says.");
});
