/** `couchwire replay`, the real command. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { API_KEY } from "../support/api-client.ts";
import { onTestEnd } from "../support/clean-up.ts";
import { startCli, type CliProcess } from "../support/cli-process.ts";
import { joinPlayers, openRoom, type HostClient } from "../support/host-client.ts";
import { PlayerClient } from "../support/player-client.ts";
import { recordRoomOf } from "../support/recording/record-room.ts";
import { startServer, type TestServer } from "../support/server.ts";

const OPTIONS = { apiKey: API_KEY, awayMs: 10 } as const;

function fileOf(bytes: Uint8Array): string {
  const folder = mkdtempSync(join(tmpdir(), "couchwire-replay-"));
  onTestEnd(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "party.cwrec");
  writeFileSync(file, bytes);
  return file;
}

function start(server: TestServer, ...words: readonly string[]): CliProcess {
  const cli = startCli(["replay", ...words, "--server", server.url]);
  onTestEnd(() => cli.kill("SIGKILL"));
  return cli;
}

/** Two players and a host that know nothing of the SDK: each text is answered. */
async function recordTalk(server: TestServer): Promise<Buffer> {
  const room = await openRoom(server);
  const recorder = await recordRoomOf(server, room.code);
  const players = await joinPlayers(server, room, 2);
  for (const [index, { player, id }] of players.entries()) {
    player.send(`text ${index}`);
    await room.host.until("from_str");
    room.host.send({ cmd: "to_str", to: [id], data: `answer ${index}` });
    expect(await player.next()).toBe(`answer ${index}`);
    player.send(new Uint8Array(3).fill(index));
    await room.host.until("from");
  }
  await room.host.close();
  return recorder.bytes;
}

/** Answers two texts, and returns what it heard. */
async function answerTwice(host: HostClient): Promise<readonly unknown[]> {
  const heard: unknown[] = [];
  while (heard.length < 4) {
    const { cmd, from, data } = await host.next();
    if (cmd === "from_str") host.send({ cmd: "to_str", to: [from], data: "an answer" });
    if (cmd === "from_str" || cmd === "from") heard.push([from, data]);
  }
  return heard;
}

describe("couchwire replay", () => {
  test("plays the players into a room of a host that speaks the wire alone, also from a file whose end is damaged", async () => {
    const server = await startServer(OPTIONS);
    const bytes = await recordTalk(server);
    for (const [damaged, file] of [
      [0, fileOf(bytes)],
      [10, fileOf(Buffer.concat([bytes, Buffer.alloc(10, 0xff)]))],
    ] as const) {
      const { host, code } = await openRoom(server, { query: "?bytes=string" });
      const cli = start(server, file, code, "--speed", "20");
      expect(await answerTwice(host)).toEqual([
        [1, "text 0"],
        [1, Uint8Array.of(0, 0, 0)],
        [2, "text 1"],
        [2, Uint8Array.of(1, 1, 1)],
      ]);
      const { exitCode, stdout, stderr } = await cli.ended;
      expect([exitCode, stderr]).toEqual([0, ""]);
      expect(stdout).toMatch(/party\.cwrec: sketch, .*2 players said 4 frames, the host 2\./);
      expect(stdout).toMatch(/4 frames were said in \d+ s; the host showed what the recording has\./);
      expect(stdout.includes("its last 10 bytes are left out")).toBe(damaged > 0);
      await host.close();
    }
  });

  test("plays the host for phones that join the room it opens", async () => {
    const server = await startServer(OPTIONS);
    const cli = start(server, fileOf(await recordTalk(server)), "--as", "host", "--speed", "20");
    await cli.said(/A phone is awaited, for player 1/);
    const code = await onlyCodeAt(server);
    const one = await PlayerClient.connect(server, code);
    await cli.said(/A phone is awaited, for player 2/);
    const two = await PlayerClient.connect(server, code);
    one.send("anything");
    expect(await one.next()).toBe("answer 0");
    one.send(Uint8Array.of(9));
    two.send("anything else");
    expect(await two.next()).toBe("answer 1");
    const { exitCode, stderr } = await cli.ended;
    expect([exitCode, stderr]).toEqual([0, ""]);
    expect((await one.closed).code).toBe(1001);
  });

  test("says what is in a file, and plays nothing", async () => {
    const server = await startServer(OPTIONS);
    const { exitCode, stdout } = await start(server, fileOf(await recordTalk(server))).ended;
    expect([exitCode, stdout]).toEqual([
      0,
      expect.stringMatching(/^\S+: sketch, \S+Z, \d+ s; 2 players said 4 frames, the host 2\.\n$/),
    ]);
  });

  test("ends after a signal with 130, and its players are away", async () => {
    const server = await startServer(OPTIONS);
    const { host, code } = await openRoom(server);
    const cli = start(server, fileOf(await recordTalk(server)), code, "--patience", "600");
    await host.until("from_str"); // which stays without an answer
    cli.kill("SIGINT");
    expect((await cli.ended).exitCode).toBe(130);
    await host.until("player_away");
  });

  test("says why not: no room 1, no server 1, a file that is no recording 2, no file 2", async () => {
    const server = await startServer(OPTIONS);
    const file = fileOf(await recordTalk(server));
    expect(await start(server, file, "BBBB").ended).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining("Player 1 cannot join the room BBBB: Game not found."),
    });
    const nowhere = startCli(["replay", file, "BBBB", "--server", "http://127.0.0.1:9"]);
    expect(await nowhere.ended).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("Nothing answers at") });
    expect(await start(server, fileOf(Buffer.from("no recording")), "BBBB").ended).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining("is no recording"),
    });
    expect(await start(server, `${file}.not`, "BBBB").ended).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining("cannot be read"),
    });
  });
});

/** The code of the room that is open. */
async function onlyCodeAt({ url }: TestServer): Promise<string> {
  const answer = await fetch(`${url}/api/rooms`, { headers: { "x-api-key": API_KEY } });
  const [, code = ""] = /"code":"([A-Z]{4})"/.exec(await answer.text()) ?? [];
  return code;
}
