/** `couchwire room`, the real command, against a real server. */
import { describe, expect, test } from "@jest/globals";
import { API_KEY } from "../../support/api-client.ts";
import { startCli } from "../../support/cli-process.ts";
import { joinPlayer, openRoom } from "../../support/host-client.ts";
import { startServer, type TestServer } from "../../support/server.ts";

async function room(server: Pick<TestServer, "url">, words: readonly string[], key = API_KEY) {
  const { exitCode, stdout, stderr } = await startCli(["room", ...words, "--url", server.url], {
    COUCHWIRE_API_KEY: key,
  }).ended;
  return { exitCode, stdout, stderr };
}

describe("couchwire room", () => {
  test("row 74: opens, lists and ends rooms from a terminal", async () => {
    const server = await startServer({ apiKey: API_KEY });
    const opened = await room(server, ["create", "relay", "--name", "lobby", "--max-players", "8"]);
    expect(opened).toMatchObject({ exitCode: 0, stderr: "" });
    const code = /^The room lobby is open: code ([A-Z]{4}), http:\S+\/\1\n$/.exec(opened.stdout)?.[1] ?? "";
    const hosted = await openRoom(server);
    const { player } = await joinPlayer(server, hosted);
    const listed = await room(server, ["list"]);
    expect(listed.exitCode).toBe(0);
    const [head, first, second] = listed.stdout.split("\n");
    expect(head).toMatch(/^ROOM +KIND +NAME +PLAYERS +STATE +SINCE$/);
    expect(first).toMatch(new RegExp(`^${code} +relay +lobby +0/8 +open +\\S+Z$`));
    expect(second).toMatch(new RegExp(`^${hosted.code} +host +sketch +1/8 +open +\\S+Z$`));
    expect(await room(server, ["close", hosted.code])).toEqual({
      exitCode: 0,
      stdout: `The room ${hosted.code} is closed.\n`,
      stderr: "",
    });
    expect((await player.closed).code).toBe(1001);
  });

  test("row 74: with --json it prints what programs read", async () => {
    const server = await startServer({ apiKey: API_KEY });
    const opened = JSON.parse((await room(server, ["create", "relay", "--name", "lobby", "--json"])).stdout);
    expect(opened).toMatchObject({ name: "lobby", code: expect.stringMatching(/^[A-Z]{4}$/) });
    const { rooms } = JSON.parse((await room(server, ["list", "--json"])).stdout);
    expect(rooms).toMatchObject([{ id: opened.code, kind: "relay", players: 0 }]);
    expect(JSON.parse((await room(server, ["close", "name:lobby", "--json"])).stdout)).toEqual({
      closed: "name:lobby",
    });
    expect((await room(server, ["list"])).stdout).toBe("There are no rooms.\n");
  });

  test("row 74: says why not: refused 1, no server 1, no key 2", async () => {
    const server = await startServer({ apiKey: API_KEY });
    expect(await room(server, ["close", "BCDF"])).toEqual({
      exitCode: 1,
      stdout: "",
      stderr: "couchwire: There is no such room.\n",
    });
    expect(await room(server, ["create", "rely"])).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining("rely"),
    });
    expect(await room(server, ["list"], "a-wrong-key-for-tests")).toMatchObject({
      exitCode: 1,
      stderr: "couchwire: This key is wrong.\n",
    });
    expect(await room(server, ["list"], "")).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining("COUCHWIRE_API_KEY"),
    });
    const off = await startServer();
    expect(await room(off, ["list"])).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining("There is no API at"),
    });
    expect(await room({ url: "http://127.0.0.1:1" }, ["list"])).toMatchObject({
      exitCode: 1,
      stderr: "couchwire: Nothing answers at http://127.0.0.1:1.\n",
    });
  });

  test("row 9: a key that is too short stops the start, and is not shown", async () => {
    const cli = startCli([], { COUCHWIRE_API_KEY: "hunter2", PORT: "0" });
    const { exitCode, stdout, stderr } = await cli.ended;
    expect(exitCode).toBe(2);
    expect(stderr).toContain("COUCHWIRE_API_KEY");
    expect(stdout + stderr).not.toContain("hunter2");
  });
});
