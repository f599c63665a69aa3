/** The commands of docs/HTTP-API.md, as a reader would type them. */
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";
import { expect, test } from "@jest/globals";
import { API_KEY } from "../../support/api-client.ts";
import { JWT_SECRET } from "../../support/member-client.ts";
import { startServer } from "../../support/server.ts";

const run = promisify(execFile);
const document = readFileSync(new URL("../../../docs/HTTP-API.md", import.meta.url), "utf8");
const commands = [...document.matchAll(/^curl .*$/gm)].map(([command]) => command);

test("P9.9 every curl command of docs/HTTP-API.md works, in their order", async () => {
  const server = await startServer({ apiKey: API_KEY, jwtSecret: JWT_SECRET, standingRooms: "lobby:relay" });
  expect(commands.length).toBeGreaterThan(8);
  for (const command of commands) {
    const { stdout } = await run("sh", ["-c", command.replaceAll("http://localhost:8081", server.url)], {
      env: { ...process.env, KEY: API_KEY },
    });
    expect([command, stdout === "" || typeof JSON.parse(stdout) === "object"]).toEqual([command, true]);
  }
});
