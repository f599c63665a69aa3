/** `couchwire dev --record`, the real command in the folder of a game: each of its rooms is in a file of its own. */
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { WebSocket } from "ws";
import { readRecording, type ReadRecording } from "../../src/recording/recording-file.ts";
import { onTestEnd } from "../support/clean-up.ts";
import { startCli, type CliProcess } from "../support/cli-process.ts";
import { joinPlayers, openRoom, type OpenRoom, type Reachable } from "../support/host-client.ts";
import { writeFiles } from "../support/http-app.ts";
import { Inbox } from "../support/inbox.ts";

const PAGE = "<!doctype html><title>Duck</title>";

function gameFolder(): string {
  const files = writeFiles({ "duck/index.html": PAGE, "duck/player.html": PAGE });
  onTestEnd(() => files.remove());
  return join(files.folder, "duck");
}

function start(folder: string, ...words: readonly string[]): CliProcess {
  const cli = startCli(["dev", "--no-open", "--host", "127.0.0.1", "--port", "0", ...words], {}, folder);
  onTestEnd(() => cli.kill("SIGKILL"));
  return cli;
}

async function addressOf(cli: CliProcess): Promise<Reachable & { readonly url: string }> {
  const { port } = await cli.listening;
  return { url: `http://127.0.0.1:${port}`, ws: `ws://127.0.0.1:${port}` };
}

/** Ann and Bob join, Ann says hello, and the TV welcomes both. */
async function play(server: Reachable, room: OpenRoom): Promise<void> {
  const [ann, bob] = await joinPlayers(server, room, 2);
  ann?.player.send("hello");
  await room.host.until("from_str");
  room.host.send({ cmd: "to_str", to: [], data: "welcome" });
  expect([await ann?.player.next(), await bob?.player.next()]).toEqual(["welcome", "welcome"]);
}

function recordingIn(file: string): ReadRecording {
  const read = readRecording(readFileSync(file));
  if (read === undefined) throw new Error(`${file} is no recording`);
  expect([read.damagedBytes, read.otherBytes]).toEqual([0, 0]);
  return read;
}

function said({ items }: ReadRecording): readonly string[] {
  return items.flatMap((item) => {
    if (item.is === "end") return `end: ${item.why}`;
    if (item.is === "from" || item.is === "to") return `${item.is}: ${String(item.data)}`;
    return item.is === "tick" ? [] : item.is;
  });
}

describe("couchwire dev --record", () => {
  test("writes each room into a file that is named for game, code and time, and says where", async () => {
    const folder = gameFolder();
    const cli = start(folder, "--record");
    const server = await addressOf(cli);
    const first = await openRoom(server, { name: "Duck Hunt: 2!" });
    const second = await openRoom(server, { name: "duck" });
    await play(server, first);
    await first.host.close();
    await cli.said(new RegExp(`the recording has ended: 2 frames of 2 players, .*"room":"${first.code}"`));
    await play(server, second);
    cli.kill("SIGTERM");
    const { exitCode, stdout, stderr } = await cli.ended;
    expect(exitCode).toBe(0);
    expect(stderr).toContain("Each room is recorded into recordings/\n");

    const names = readdirSync(join(folder, "recordings")).toSorted();
    const [ignored = "", one = "", other = ""] = names;
    expect(names).toHaveLength(3);
    expect(ignored).toBe(".gitignore");
    expect(readFileSync(join(folder, "recordings", ignored), "utf8")).toBe("*\n");
    expect(one).toMatch(new RegExp(`^Duck-Hunt-2-${first.code}-\\d{4}-\\d\\d-\\d\\d-\\d{6}\\.cwrec$`));
    expect(other).toMatch(new RegExp(`^duck-${second.code}-`));
    for (const name of [one, other]) expect(stdout).toContain(`recordings/${name}`);
    const spoken = ["joined", "joined", "from: hello", "to: welcome"];
    const recorded = recordingIn(join(folder, "recordings", one));
    expect(recorded.header).toMatchObject({ room: first.code, game: "Duck Hunt: 2!", maxPlayers: 8, players: [] });
    expect(said(recorded)).toEqual([...spoken, "end: room_closed"]);
    expect(said(recordingIn(join(folder, "recordings", other)))).toEqual([...spoken, "end: restarting"]);
    expect(statSync(join(folder, "recordings", one)).mode & 0o777).toBe(0o600);
  });

  test("a recording in the game's folder reloads no page and is served to none", async () => {
    const folder = gameFolder();
    const cli = start(folder, "--record", "party.cwrec");
    const server = await addressOf(cli);
    const told = new Inbox<string>("the page");
    const page = new WebSocket(`${server.ws}/dev/socket?game=duck&page=tv`);
    onTestEnd(() => page.terminate());
    page.on("message", (data: Buffer) => told.push(data.toString()));
    await told.next(); // its version
    const room = await openRoom(server);
    await play(server, room);
    await room.host.close();
    await cli.said(/the recording has ended/);
    writeFileSync(join(folder, "index.html"), `${PAGE}!`);
    expect(JSON.parse(await told.next())).toMatchObject({ files: ["index.html"] });
    expect(said(recordingIn(join(folder, "party.cwrec"))).at(-1)).toBe("end: room_closed");
    const answer = await fetch(`${server.url}/games/${basename(folder)}/party.cwrec`);
    expect(answer.status).toBe(404);
  });

  test("replaces no file: another room has a number behind the name", async () => {
    const folder = gameFolder();
    mkdirSync(join(folder, "kept"));
    writeFileSync(join(folder, "kept/a.cwrec"), "something dear");
    const cli = start(folder, "--record=kept/a.cwrec");
    const server = await addressOf(cli);
    const rooms = [await openRoom(server), await openRoom(server)];
    await cli.said(/a-3\.cwrec/);
    cli.kill("SIGTERM");
    expect((await cli.ended).exitCode).toBe(0);
    expect(readdirSync(join(folder, "kept")).toSorted()).toEqual(["a-2.cwrec", "a-3.cwrec", "a.cwrec"]);
    expect(readFileSync(join(folder, "kept/a.cwrec"), "utf8")).toBe("something dear");
    const codes = ["a-2", "a-3"].map((name) => recordingIn(join(folder, `kept/${name}.cwrec`)).header.room);
    expect(codes.toSorted()).toEqual(rooms.map(({ code }) => code).toSorted());
  });

  test("says at the start that the folder cannot be made", async () => {
    const folder = gameFolder();
    writeFileSync(join(folder, "taken"), "");
    const { exitCode, stderr } = await start(folder, "--record=taken/a.cwrec").ended;
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^couchwire: The recordings cannot be written into taken: /m);
  });
});
