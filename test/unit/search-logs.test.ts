/** The search for secrets in the logs of a run finds them. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { searchLogs } from "../../scripts/search-logs.js";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "couchwire-logs-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(file: string, ...lines: readonly string[]): void {
  writeFileSync(join(folder, file), `${lines.join("\n")}\n`);
}

const TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJib2JieSJ9.c2lnbmF0dXJlLW9mLWEtdG9rZW4";

test("row 98: finds a session, a part of a token and a key in any line, and says where", async () => {
  write("secrets-1.txt", "session-of-a-phone-1", TOKEN, "1234");
  write("secrets-2.txt", "key-of-the-operator");
  write("log-1.txt", '{"msg":"fine","port":1234}', '{"path":"/BCDF?session=session-of-a-phone-1"}');
  write("output-2.txt", "http://localhost:8081/?key=key-of-the-operator", `sub of ${TOKEN.split(".")[1]}`, "well");
  const { lines, secrets, findings } = await searchLogs(folder);
  expect([lines, secrets]).toEqual([5, 4]);
  expect(findings.map((finding) => finding.split(" in ")[0])).toEqual([
    "log-1.txt:2: session-of-a-phone-1",
    "output-2.txt:3: key-of-the-operator",
    "output-2.txt:4: eyJzdWIiOiJib2JieSJ9",
  ]);
});

test("is content with lines that have none, and with a folder that is not there", async () => {
  write("secrets-1.txt", "session-of-a-phone-1");
  write("log-1.txt", '{"msg":"session-of-a-phone-12 and another-session-of-a-phone-1"}');
  expect((await searchLogs(folder)).findings).toEqual([]);
  expect(await searchLogs(join(folder, "nothing"))).toEqual({ lines: 0, secrets: 0, findings: [] });
});
