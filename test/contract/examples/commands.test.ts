/** The examples whose game is in the server start with the command of their README, and end when they are told to. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "@jest/globals";
import { onTestEnd } from "../../support/clean-up.ts";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));

test.each([
  ["chess", "<title>Chess</title>"],
  ["chat", "<title>Couch Chat</title>"],
  ["express", "<title>Cheer</title>"],
  ["big-two", "<title>Big Two"],
])("row 100: %s runs from its README", async (name, title) => {
  const readme = readFileSync(`${ROOT}/examples/${name}/README.md`, "utf8");
  const [, file = ""] = /^```sh\nnode (\S+)\n```$/m.exec(readme) ?? [];
  const server = spawn(process.execPath, [file, "0"], { cwd: ROOT, stdio: ["ignore", "pipe", "inherit"] });
  onTestEnd(() => void server.kill("SIGKILL"));
  const exited = once(server, "exit");
  const address = await new Promise<string>((resolve, reject) => {
    let output = "";
    server.stdout.setEncoding("utf8").on("data", (text: string) => {
      output += text;
      const [found] = /http:\/\/localhost:\d+\S*(?=\s)/.exec(output) ?? [];
      if (found !== undefined) resolve(found);
    });
    server.once("exit", (code) => reject(new Error(`It ended with ${code}: ${output}`)));
  });
  const page = await fetch(address, { headers: { Accept: "text/html" } });
  expect([page.status, await page.text()]).toEqual([200, expect.stringContaining(title)]);
  server.kill("SIGTERM");
  expect(await exited).toEqual([0, null]);
});
