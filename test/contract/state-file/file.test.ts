/** The state file itself: what may stand in it, that it is never half written, and that one server has it. */
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { OptionsError } from "../../../src/config.ts";
import { createServer } from "../../../src/server.ts";
import { onTestEnd } from "../../support/clean-up.ts";
import { logLines, startCli, type CliProcess } from "../../support/cli-process.ts";
import { HostClient, openRoom } from "../../support/host-client.ts";
import { newSession } from "../../support/reliable-client.ts";
import { startRestartable, temporaryFolder } from "../../support/state-file.ts";

function startWith(file: string): CliProcess {
  const cli = startCli(["--host", "127.0.0.1", "--port", "0"], { COUCHWIRE_STATE_FILE: file });
  onTestEnd(async () => {
    cli.kill("SIGKILL");
    await cli.ended;
  });
  return cli;
}

/** The bytes of a file that a server has written, with one room in it. */
async function soundFile(): Promise<Buffer> {
  const server = await startRestartable();
  await openRoom(server, { query: `?session=${newSession()}` });
  await server.written("the room is written", (records) => records.length === 1);
  return readFileSync(server.file);
}

describe("a state file that cannot be read stops the start with a sentence and code 2, and is kept as it is", () => {
  test("damaged in each of its bytes, cut off at each place, empty, foreign, of a newer version", async () => {
    const sound = await soundFile();
    const file = join(temporaryFolder(), "rooms");
    const problemWith = (bytes: Uint8Array): string => {
      writeFileSync(file, bytes);
      try {
        createServer({ stateFile: file, logLevel: "silent" });
      } catch (error) {
        expect(error).toBeInstanceOf(OptionsError);
        expect(readFileSync(file).equals(bytes)).toBe(true);
        return error instanceof Error ? error.message : "";
      }
      return "it was read";
    };
    for (let at = 0; at < sound.length; at++) {
      const damaged = Buffer.from(sound);
      damaged[at] = (damaged[at] ?? 0) ^ 0x55;
      expect(problemWith(damaged)).toMatch(/is damaged|is no state file|newer Couchwire/);
    }
    for (let length = 1; length < sound.length; length++)
      expect(problemWith(sound.subarray(0, length))).toMatch(/is damaged|is no state file/);
    expect(problemWith(Buffer.concat([sound, Buffer.from([0])]))).toMatch(/is damaged/);
    const newer = Buffer.from(sound);
    newer[16] = 2;
    expect(problemWith(newer)).toMatch(
      /was written by a newer Couchwire \(version 2; this one knows versions up to 1\)/,
    );
  });

  test.each<[string, string, RegExp]>([
    ["empty", "", /The state file .* is empty\. Move it away to begin without its rooms, or choose another file\./],
    ["foreign", '{"rooms":[]}', /is no state file of Couchwire/],
    ["damaged", "couchwire rooms\n\u0001 and then nothing of use, but enough of it", /is damaged/],
  ])("%s, at the command", async (_, content, sentence) => {
    const file = join(temporaryFolder(), "rooms");
    writeFileSync(file, content);
    const { exitCode, stderr } = await startWith(file).ended;
    expect([exitCode, readFileSync(file, "utf8")]).toEqual([2, content]);
    expect(stderr).toMatch(sentence);
    expect(readdirSync(join(file, ".."))).toEqual(["rooms"]);
  });

  test("in a folder that is not there, and a folder in its place", async () => {
    const folder = temporaryFolder();
    const nowhere = await startWith(join(folder, "no", "rooms")).ended;
    expect([nowhere.exitCode, nowhere.stderr]).toEqual([2, expect.stringContaining("there is no folder")]);
    mkdirSync(join(folder, "rooms"));
    const instead = await startWith(join(folder, "rooms")).ended;
    expect([instead.exitCode, instead.stderr]).toEqual([2, expect.stringContaining("is no file.")]);
  });
});

describe("one server has a state file", () => {
  test("the second is refused with a sentence and code 2, and the first goes on; a lock that a kill left over is none", async () => {
    const server = await startRestartable();
    const session = `?session=${newSession()}`;
    const { code } = await openRoom(server, { query: session });
    await server.written("the room is written", (records) => records.length === 1);
    for (let tries = 0; tries < 2; tries++) {
      const second = await startWith(server.file).ended;
      expect([second.exitCode, second.stderr]).toEqual([2, expect.stringContaining("is in use by another server")]);
      expect((await fetch(`${server.url}/${code}`)).status).toBe(200);
      await server.restart("SIGKILL");
    }
    const host = await HostClient.connect(server, session);
    expect((await host.until("prepare_reply"))["key"]).toBe(code);
  });

  test("two in one process are refused as well, also through a link", async () => {
    const folder = temporaryFolder();
    const file = join(folder, "rooms");
    const options = { stateFile: file, port: 0, host: "127.0.0.1", logLevel: "silent", drainMs: 0 } as const;
    const first = createServer(options);
    onTestEnd(() => first.close());
    await first.listen();
    first.rooms.create("relay", { name: "lobby" });
    symlinkSync(file, join(folder, "link"));
    const others = [file, join(folder, "link")].map((stateFile) => createServer({ ...options, stateFile }));
    for (const other of others) {
      await expect(other.listen()).rejects.toThrow("is in use by another server");
      await other.close();
    }
    await first.close();
    const next = createServer(options);
    onTestEnd(() => next.close());
    await next.listen();
    expect(next.rooms.get("lobby")?.isReopened).toBe(true);
  });
});

test("the file and its folder: only its owner reads it, no temporary file and no lock is left, and secrets are not in it", async () => {
  const server = await startRestartable();
  const session = newSession();
  const host = await HostClient.connect(server, `?session=${session}`);
  host.send({ cmd: "prepare", max_players: 4, name: "quiz", pin: "9876543210" });
  await host.until("prepare_reply");
  await server.written("the room is written", (records) => records.length === 1);
  server.process().kill("SIGTERM");
  expect((await server.process().ended).exitCode).toBe(0);
  expect(statSync(server.file).mode & 0o777).toBe(0o600);
  expect(readdirSync(join(server.file, ".."))).toEqual(["rooms"]);
  const content = readFileSync(server.file, "latin1");
  expect(content).toContain("quiz");
  for (const secret of [session, "9876543210"]) expect(content).not.toContain(secret);
});

test("a folder that cannot be written is logged, once a minute at most, and the server goes on", async () => {
  const folder = temporaryFolder();
  const file = join(folder, "rooms");
  const cli = startWith(file);
  const { url } = await cli.listening;
  const server = { ws: url.replace("http", "ws") };
  // A folder in the place of the temporary file cannot be replaced, by no user.
  mkdirSync(`${file}.tmp/in-the-way`, { recursive: true });
  chmodSync(`${file}.tmp`, 0o700);
  const { code, host } = await openRoom(server, { query: `?session=${newSession()}` });
  await cli.said(/the state file cannot be written; it is tried again/);
  host.send({ cmd: "save", data: "1" });
  await new Promise((resolve) => setTimeout(resolve, 0));
  expect(await (await fetch(`${url}/${code}`)).text()).toBe("sketch");
  cli.kill("SIGTERM");
  const { exitCode, stdout } = await cli.ended;
  expect(exitCode).toBe(0);
  expect(logLines(stdout).filter(({ msg }) => String(msg).includes("cannot be written"))).toHaveLength(1);
});
