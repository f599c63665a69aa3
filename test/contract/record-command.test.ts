/** `couchwire record`, the real command, in rooms of a real server. */
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { readRecording } from "../../src/recording/recording-file.ts";
import { API_KEY } from "../support/api-client.ts";
import { onTestEnd } from "../support/clean-up.ts";
import { startCli, type CliProcess } from "../support/cli-process.ts";
import { joinPlayers, openRoom, roundTrip } from "../support/host-client.ts";
import { startServer, type TestServer } from "../support/server.ts";

function newFile(): string {
  const folder = mkdtempSync(join(tmpdir(), "couchwire-record-"));
  onTestEnd(() => rmSync(folder, { recursive: true }));
  return join(folder, "party.cwrec");
}

function start({ url }: TestServer, code: string, file: string, ...words: readonly string[]): CliProcess {
  const cli = startCli(["record", code, "--out", file, "--server", url, "--key", API_KEY, ...words]);
  onTestEnd(() => cli.kill("SIGKILL"));
  return cli;
}

function namesIn(file: string): readonly string[] {
  const read = readRecording(readFileSync(file));
  expect(read?.damagedBytes).toBe(0);
  return (read?.items ?? [])
    .map((item) => (item.is === "end" ? `end: ${item.why}` : item.is))
    .filter((name) => name !== "tick");
}

describe("couchwire record", () => {
  test("P9.12 writes a room's frames into a file until the room is over, and says what it has", async () => {
    const server = await startServer({ apiKey: API_KEY });
    const room = await openRoom(server);
    const file = newFile();
    const cli = start(server, room.code, file);
    await cli.said(/is recorded into/);
    const [ann, bob] = await joinPlayers(server, room, 2);
    ann?.player.send("hello");
    await room.host.until("from_str");
    bob?.player.send(new Uint8Array(200_000));
    await room.host.until("from");
    room.host.send({ cmd: "to_str", to: [], data: "welcome" });
    await room.host.close();
    const { exitCode, stdout, stderr } = await cli.ended;
    expect([exitCode, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/The room is over\. .*party\.cwrec has 3 frames of 2 players, \d+ s, 196 KiB\./);
    expect(namesIn(file)).toEqual(["joined", "joined", "from", "from", "to", "end: room_closed"]);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  test("P9.12 a signal ends the recording, and the file is whole", async () => {
    const server = await startServer({ apiKey: API_KEY });
    const room = await openRoom(server);
    const file = newFile();
    const cli = start(server, room.code, file);
    await cli.said(/is recorded into/);
    cli.kill("SIGTERM");
    const { exitCode, stdout } = await cli.ended;
    expect([exitCode, namesIn(file)]).toEqual([0, ["end: stopped"]]);
    expect(stdout).toContain("Stopped.");
    await roundTrip(room.host); // the room goes on
  });

  test("P9.12 a file that is large enough ends the recording: 1, and the file is whole", async () => {
    const server = await startServer({ apiKey: API_KEY });
    const room = await openRoom(server);
    const file = newFile();
    const cli = start(server, room.code, file, "--max-mib", "1");
    await cli.said(/is recorded into/);
    for (let n = 0; n < 3; n++) room.host.send({ cmd: "to", to: [1], data: new Uint8Array(500_000) });
    const { exitCode, stderr } = await cli.ended;
    expect([exitCode, namesIn(file)]).toEqual([1, ["to", "to", "end: limit"]]);
    expect(stderr).toContain("--max-mib");
    expect(statSync(file).size).toBeLessThan(1_048_576 + 100);
  });

  test("P9.12 a server that is gone ends the recording: 1, and the file is whole", async () => {
    const server = await startServer({ apiKey: API_KEY });
    const room = await openRoom(server);
    const file = newFile();
    const cli = start(server, room.code, file);
    await cli.said(/is recorded into/);
    await server.close();
    const { exitCode } = await cli.ended;
    const [end] = namesIn(file).slice(-1);
    expect([exitCode, ["end: restarting", "end: lost"]]).toEqual([1, expect.arrayContaining([end])]);
  });

  test("P9.12 says why not: refused 1, no server 1, a file that is there 1, no key 2", async () => {
    const server = await startServer({ apiKey: API_KEY });
    const { code } = await openRoom(server);
    const file = newFile();
    expect(await start(server, "BBBB", file).ended).toMatchObject({
      exitCode: 1,
      stderr: `couchwire: There is no room BBBB at ${server.url}.\n`,
    });
    const wrong = startCli(["record", code, "--out", file, "--server", server.url], {
      COUCHWIRE_API_KEY: "a-wrong-key-of-many",
    });
    expect(await wrong.ended).toMatchObject({ exitCode: 1, stderr: "couchwire: This key is wrong.\n" });
    const none = startCli(["record", code, "--out", file, "--server", server.url]);
    expect(await none.ended).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("COUCHWIRE_API_KEY") });
    const nowhere = startCli(["record", code, "--out", file, "--server", "http://127.0.0.1:9", "--key", API_KEY]);
    expect(await nowhere.ended).toMatchObject({
      exitCode: 1,
      stderr: "couchwire: Nothing answers at http://127.0.0.1:9.\n",
    });
    const off = await startServer();
    expect(await start(off, code, file).ended).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining("There is no API"),
    });
    expect(() => statSync(file)).toThrow("ENOENT");
    writeFileSync(file, "something dear");
    expect(await start(server, code, file).ended).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining("is there already"),
    });
    expect(readFileSync(file, "utf8")).toBe("something dear");
  });
});
