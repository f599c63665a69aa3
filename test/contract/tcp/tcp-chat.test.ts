/** The chat in the docstring of `couchwire/tcp` runs as it stands there, with the package as it was built. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { expect, test } from "@jest/globals";
import { onTestEnd } from "../../support/clean-up.ts";
import { Inbox } from "../../support/inbox.ts";
import { startTcpServer } from "../../support/tcp-server.ts";

const SOURCE = readFileSync(new URL("../../../src/tcp/index.ts", import.meta.url), "utf8");
const BUILT = new URL("../../../dist/tcp/index.js", import.meta.url).href;

/** The program in the docstring. */
function program(): string {
  const [, block = ""] = /^ \* ```js\n([^]*?)^ \* ```$/m.exec(SOURCE) ?? [];
  return block.replaceAll(/^ \* ?/gm, "");
}

function startChat(file: string, port: number, name: string) {
  const env = { ...process.env, COUCHWIRE_TCP_PORT: `${port}`, NODE_OPTIONS: "" };
  const child = spawn(process.execPath, [file, "lobby", name], { env, stdio: ["pipe", "pipe", "inherit"] });
  onTestEnd(() => child.kill());
  const lines = new Inbox<string>(name);
  createInterface({ input: child.stdout }).on("line", (line) => lines.push(line));
  const ended = once(child, "exit");
  return { lines, ended, stdin: child.stdin };
}

test("row 71 the chat of twenty lines in the docstring talks", async () => {
  const chat = program();
  expect(chat.trim().split("\n").length).toBeLessThanOrEqual(20);
  const folder = mkdtempSync(path.join(tmpdir(), "couchwire-chat-"));
  onTestEnd(() => rmSync(folder, { recursive: true }));
  const file = path.join(folder, "chat.mjs");
  writeFileSync(file, chat.replace('"couchwire/tcp"', JSON.stringify(BUILT)));
  const { tcpPort } = await startTcpServer();

  const ann = startChat(file, tcpPort, "Ann");
  expect(await ann.lines.next()).toBe("You are in lobby. Say something, or end with Ctrl+D.");
  const bob = startChat(file, tcpPort, "Bob");
  await bob.lines.next();
  expect(await ann.lines.next()).toBe("Somebody joined.");
  ann.stdin.write("Is it raining?\n");
  expect(await bob.lines.next()).toBe("Ann: Is it raining?");
  bob.stdin.end("No.\n");
  expect(await ann.lines.take(2)).toEqual(["Bob: No.", "Somebody left."]);
  expect(await bob.ended).toEqual([0, null]);
});
