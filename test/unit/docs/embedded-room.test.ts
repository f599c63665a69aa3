/** The program in docs/EMBEDDING.md that hosts rooms in its own code runs as it is written there. */
import { readFileSync } from "node:fs";
import { compileFunction } from "node:vm";
import { expect, test } from "@jest/globals";
import { createServer, defineRoom, type CouchwireServer } from "../../../src/index.ts";
import { onTestEnd } from "../../support/clean-up.ts";
import { MemberClient } from "../../support/member-client.ts";

const MAX_LINES = 10;

/** The program's server, before it listens. */
function serverOf(program: string): CouchwireServer {
  const body = program
    .replace(/^import .*\n/, "")
    .replace("port: 8081", 'port: 0, host: "127.0.0.1", logLevel: "silent"')
    .replace("await server.listen();", "return server;");
  const run = compileFunction(body, ["createServer", "defineRoom"]);
  const server: unknown = Reflect.apply(run, undefined, [createServer, defineRoom]);
  if (!isServer(server)) throw new Error("The program makes no server.");
  return server;
}

function isServer(value: unknown): value is CouchwireServer {
  return typeof value === "object" && value !== null && "rooms" in value && "listen" in value;
}

test("row 57: the echo room of docs/EMBEDDING.md works, in at most 10 lines of code", async () => {
  const text = readFileSync(new URL("../../../docs/EMBEDDING.md", import.meta.url), "utf8");
  const [, program = ""] = /## Rooms in your own code[^`]*?(?:`[^`]+`[^`]*?)*?```js\n([\s\S]*?)```/.exec(text) ?? [];
  const code = program.split("\n").filter((line) => line !== "" && !line.startsWith("import"));
  expect(code.length).toBeLessThanOrEqual(MAX_LINES);

  const server = serverOf(program);
  onTestEnd(() => server.close());
  const { port } = await server.listen();
  const at = { ws: `ws://127.0.0.1:${port}` };
  const opener = await MemberClient.connect(at, "CREATE?kind=echo");
  await opener.event("joined");
  const { code: roomCode } = server.rooms.list().at(-1) ?? {};
  const phone = await MemberClient.connect(at, `${roomCode}`);
  await phone.event("joined");
  phone.say({ hello: "echo" });
  expect(await phone.message()).toEqual({ from: "", data: { hello: "echo" } });
  expect(server.rooms.get("lobby")?.kind).toBe("echo");
});
