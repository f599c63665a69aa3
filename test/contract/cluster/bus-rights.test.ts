/** The rights that docs/DEPLOY.md gives a node on its bus are enough for all that a node does there, and for nothing of another cluster. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { connectBackend } from "../../../src/cluster/connect-backend.ts";
import { Subjects } from "../../../src/cluster/subjects.ts";
import { Heard, SILENT, startServer } from "../../support/bus-nodes.ts";
import { onTestEnd } from "../../support/clean-up.ts";

const DEPLOY = readFileSync(new URL("../../../docs/DEPLOY.md", import.meta.url), "utf8");

function quoted(pattern: RegExp): string {
  const found = pattern.exec(DEPLOY)?.[1];
  if (found === undefined) throw new Error(`docs/DEPLOY.md has nothing like ${pattern}.`);
  return found;
}

/** Does on the bus and in the directory what nodes do. */
async function expectAllRights(url: string): Promise<void> {
  const options = { prefix: "couchwire", leaseMs: 5_000, keepMs: 600_000, log: SILENT };
  const { bus, directory } = await connectBackend(url, options);
  onTestEnd(async () => {
    await directory.close();
    await bus.close();
  });
  const subjects = new Subjects("couchwire");
  const heard = new Heard();
  for (const subject of [subjects.all, subjects.node("me"), subjects.channel("news > *")]) {
    await bus.subscribe(subject, heard.listener);
    await bus.publish(subject, new Uint8Array([1]));
  }
  await heard.atLeast(3);
  expect(await directory.enrol("me")).toBe(true);
  expect(await directory.claim("me", [{ key: "code:BCDF", record: new Uint8Array([1]) }])).toEqual(["code:BCDF"]);
  expect(await directory.save("me", "code:BCDF", 1, new Uint8Array([2]))).toBe(true);
  await directory.alias("host:abc", "code:BCDF");
  expect(await directory.resolve("host:abc")).toBe("code:BCDF");
  expect(await directory.find("code:BCDF")).toMatchObject({ home: "me", isAlive: true, fence: 1 });
  expect(await directory.nodes()).toEqual(["me"]);
  expect(await directory.renew("me")).toBe(true);
  expect(await directory.age()).toBeGreaterThanOrEqual(0);
  await directory.release("me", "code:BCDF", 1);
  await directory.resign("me");
  await expect((async () => bus.subscribe("other.all", () => {}))()).rejects.toThrow(/NOPERM|permission/i);
}

test("the user of Redis may do all that a node does", async () => {
  const rules = quoted(/`user (couchwire on >PASSWORD [^`]*)`/).split(" ");
  const server = await startServer("redis", { words: ["--user", ...rules] });
  await expectAllRights(server.url.replace("://", "://couchwire:PASSWORD@"));
});

test("the user of NATS may do all that a node does", async () => {
  const [first = "", ...more] = quoted(/permissions for ((?:`[^`]+`(?:, | and )?)+)/).match(/`[^`]+`/g) ?? [];
  const subjects = [first, ...more].map((subject) => JSON.stringify(subject.slice(1, -1))).join(", ");
  const folder = mkdtempSync(join(tmpdir(), "couchwire-bus-rights-"));
  onTestEnd(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "nats.conf");
  const user = `{ user: couchwire, password: PASSWORD, permissions: { publish: [${subjects}], subscribe: [${subjects}] } }`;
  writeFileSync(file, `authorization { users = [${user}] }`);
  const server = await startServer("nats", { words: ["-c", file] });
  await expectAllRights(server.url.replace("://", "://couchwire:PASSWORD@"));
});
