/** `couchwire bots`, the real command, in rooms of a real server. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { defineRoom } from "../../src/index.ts";
import { createRoom } from "../../src/sdk/node.ts";
import { onTestEnd } from "../support/clean-up.ts";
import { startCli, type CliProcess } from "../support/cli-process.ts";
import { Inbox } from "../support/inbox.ts";
import { startServer, type TestServer } from "../support/server.ts";

/** Answers what it is asked, and says goodbye. */
const ECHO = `
  export default {
    name: "Botty",
    thinkMs: [0, 5],
    onJoin: (me) => me.send({ hello: me.name, id: me.id }),
    onMessage: (me, data, from) => {
      if (data === "fail") throw new Error("I cannot do that.");
      if (data === "leave") return me.leave();
      me.send({ echo: data instanceof Uint8Array ? [...data] : data, from });
    },
  };`;

function scriptOf(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), "couchwire-bots-"));
  onTestEnd(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "bot.mjs");
  writeFileSync(path, text);
  return path;
}

function start(server: TestServer, code: string, script: string, ...words: readonly string[]): CliProcess {
  const cli = startCli(["bots", code, "--script", scriptOf(script), "--server", server.url, ...words]);
  onTestEnd(() => cli.kill("SIGKILL"));
  return cli;
}

async function openTv(server: TestServer, pin?: string) {
  const room = await createRoom({ server: server.url, game: "sketch", warn() {}, ...(pin !== undefined && { pin }) });
  onTestEnd(() => room.close());
  const heard = new Inbox<unknown>("the TV");
  room.on("json", ({ id }, data) => heard.push([id, data]));
  room.on("leave", ({ id }) => heard.push([id, "left"]));
  return { room, heard };
}

describe("couchwire bots", () => {
  test("row 60: plays phones of a game on a TV until the room is over", async () => {
    const server = await startServer();
    const { room, heard } = await openTv(server, "12");
    const cli = start(server, room.code, ECHO, "--count", "3", "--pin", "12");
    const hellos = await heard.take(3);
    expect(hellos).toEqual(
      expect.arrayContaining(
        [1, 2, 3].map((player) => [player, { hello: room.nameOf(player), id: room.nameOf(player) }]),
      ),
    );
    expect(new Set(room.players.map((player) => room.nameOf(player)))).toEqual(
      new Set(["Botty 1", "Botty 2", "Botty 3"]),
    );
    for (const [data, echo] of [
      [{ ask: 1 }, { ask: 1 }],
      ["text", "text"],
      [Uint8Array.of(1, 2), [1, 2]],
    ]) {
      room.send(2, data);
      expect(await heard.next()).toEqual([2, { echo, from: "" }]);
    }
    room.send(1, "leave");
    expect(await heard.next()).toEqual([1, "left"]);
    room.send(2, "fail");
    await cli.said(/onMessage of the bot Botty \d: I cannot do that\./);
    room.close();
    const { exitCode, stdout } = await cli.ended;
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/Botty \d is in the room/);
    expect(stdout).toMatch(/Botty \d is out: The game is done\./);
  });

  test("row 60: plays members of an open room, which hear each other and have ids; Ctrl-C lets them leave", async () => {
    const left = new Inbox<unknown>("the room");
    const said = new Inbox<unknown>("the room");
    const game = defineRoom({
      kind: "game",
      relays: true,
      onMessage: (_room, member, message) => said.push([member.id, message]),
      onLeave: (_room, member, reason) => left.push([member.name, reason]),
    });
    const server = await startServer({}, { rooms: [game] });
    const room = server.inside().rooms.create("game");
    const made = `export const bot = (number) => ({
      name: "No " + number,
      thinkMs: [0, 1],
      onJoin: (me) => me.send({ iAm: me.id }),
      onMessage: (me, data, from) => { if (from === "") me.send({ heard: data }); },
    });`;
    const cli = start(server, room.code ?? "", made, "--count", "2");
    const ids = await said.take(2);
    expect(ids).toEqual(
      expect.arrayContaining([
        ["p1", { iAm: "p1" }],
        ["p2", { iAm: "p2" }],
      ]),
    );
    room.send("p2", "for you");
    expect(await said.next()).toEqual(["p2", { heard: "for you" }]);
    cli.kill("SIGINT");
    expect(await left.take(2)).toEqual(
      expect.arrayContaining([
        ["No 1", "left"],
        ["No 2", "left"],
      ]),
    );
    expect((await cli.ended).exitCode).toBe(130);
  });

  test("ends with 1 where no bot gets in, and says why", async () => {
    const server = await startServer();
    const { room } = await openTv(server, "12");
    const { exitCode, stdout } = await start(server, room.code, ECHO, "--pin", "wrong").ended;
    expect([exitCode, stdout]).toEqual([1, expect.stringMatching(/^Botty is out: /)]);
    const nowhere = await start(server, "ZZZZ", ECHO).ended;
    expect([nowhere.exitCode, nowhere.stderr]).toEqual([1, `couchwire: There is no room ZZZZ at ${server.url}.\n`]);
    await server.close();
    const silent = await start(server, "ZZZZ", ECHO).ended;
    expect([silent.exitCode, silent.stderr]).toEqual([1, `couchwire: Nothing answers at ${server.url}.\n`]);
  });

  test.each([
    ["export default { name: 7 };", "name of a bot has to be text"],
    ["export default { name: 'a', onMesage() {} };", "no option onMesage"],
    ["export const other = 1;", "exports no bot"],
    ["export default () => 5;", "a bot is an object"],
    ["throw new Error('oh');", "cannot be loaded: oh"],
  ])("ends with 2 at the script %j", async (text, sentence) => {
    const server = await startServer();
    const { room } = await openTv(server);
    const { exitCode, stderr } = await start(server, room.code, text).ended;
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining(sentence)]);
  });
});
