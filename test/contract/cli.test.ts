import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "@jest/globals";
import { WebSocket } from "ws";
import { z } from "zod";
import { onTestEnd } from "../support/clean-up.ts";
import { logLines, startByItself, startByNpm, startCli, startInShell } from "../support/cli-process.ts";
import type { CliProcess, Ending } from "../support/cli-process.ts";

const started: { close(): void }[] = [];

afterEach(() => {
  for (const resource of started.splice(0)) resource.close();
});

function start(...parameters: Parameters<typeof startCli>): CliProcess {
  const cli = startCli(...parameters);
  started.push({ close: () => cli.kill("SIGKILL") });
  return cli;
}

/** What a run that ends by itself wrote. */
function run(...parameters: Parameters<typeof startCli>): Promise<Ending> {
  return start(...parameters).ended;
}

/** Ends a server that is nobody's child any more, if it is still there. */
function end(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // it has ended
  }
}

/** A port that is taken until the test is over. */
async function takenPort(): Promise<number> {
  const server = createServer().listen(0);
  await once(server, "listening");
  started.push(server);
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("There is no port.");
  return address.port;
}

async function freePort(): Promise<number> {
  const port = await takenPort();
  started.pop()?.close();
  return port;
}

function open(url: string): WebSocket {
  const socket = new WebSocket(url);
  started.push({ close: () => socket.terminate() });
  return socket;
}

const EVENT = z.looseObject({ cmd: z.string() });

/** A host that speaks JSON; `next` gives its frames of one kind, in order, waiting for those that are still to come. */
function openHost(port: number) {
  const socket = open(`ws://localhost:${port}/CREATE?format=json`);
  const frames: z.infer<typeof EVENT>[] = [];
  const waiting: (() => void)[] = [];
  socket.on("message", (data: Buffer) => {
    frames.push(EVENT.parse(JSON.parse(data.toString())));
    for (const wake of waiting.splice(0)) wake();
  });
  return {
    socket,
    send: (command: unknown) => socket.send(JSON.stringify(command)),
    async next(cmd: string) {
      for (;;) {
        const index = frames.findIndex((frame) => frame.cmd === cmd);
        const [found] = index === -1 ? [] : frames.splice(index, 1);
        if (found !== undefined) return found;
        await new Promise<void>((resolve) => waiting.push(resolve));
      }
    },
  };
}

async function openRoom(port: number) {
  const host = openHost(port);
  await once(host.socket, "open");
  host.send({ cmd: "prepare", max_players: 8, name: "demo-game" });
  const { key } = await host.next("prepare_reply");
  return { host, code: z.string().parse(key) };
}

async function joinRoom(port: number, code: string, query = "") {
  const socket = open(`ws://localhost:${port}/${code}${query}`);
  await once(socket, "open");
  return socket;
}

describe("couchwire", () => {
  test("--help and --version answer on standard output and end well", async () => {
    const { version } = z
      .object({ version: z.string() })
      .parse(JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")));
    expect(await run(["--version"])).toEqual({ exitCode: 0, signal: null, stdout: `${version}\n`, stderr: "" });
    const help = await run(["--help"]);
    expect(help).toMatchObject({ exitCode: 0, stderr: "" });
    expect(help.stdout).toMatch(/^Usage: couchwire /);
  });

  test("can be run by itself after every build, not only after the one that npm linked", async () => {
    expect(await startByItself(["--version"]).ended).toMatchObject({ exitCode: 0, stderr: "" });
  });

  test("listens on PORT", async () => {
    const port = await freePort();
    const cli = start([], { PORT: String(port) });
    expect((await cli.listening).port).toBe(port);
    expect((await fetch(`http://localhost:${port}/`)).status).toBe(200);
  });

  test("serves the folder it is given", async () => {
    const folder = mkdtempSync(join(tmpdir(), "couchwire-game-"));
    started.push({ close: () => rmSync(folder, { recursive: true }) });
    writeFileSync(join(folder, "index.html"), "<title>Duel of Ducks</title>");
    writeFileSync(join(folder, "player.html"), "<title>Duck</title>");
    const { url } = await start(["serve", folder, "--port", "0"]).listening;
    expect(await (await fetch(`${url}/`)).text()).toContain("Duel of Ducks");
  });

  test("without a terminal writes JSON alone to standard output, and one line for people beside it", async () => {
    const cli = start(["--port", "0"]);
    const { port } = await cli.listening;
    cli.kill("SIGTERM");
    const { stdout, stderr } = await cli.ended;
    expect(logLines(stdout).map(({ msg }) => msg)).toEqual(["listening", "closing"]);
    expect(stderr).toMatch(new RegExp(`^Couchwire \\S+ is at http://localhost:${port}, for phones at http://\\S+\\n$`));
  });

  test("of a developer writes lines for people, of one style, also without a terminal", async () => {
    const folder = mkdtempSync(join(tmpdir(), "couchwire-dev-"));
    onTestEnd(() => rmSync(folder, { recursive: true }));
    for (const page of ["index.html", "player.html"])
      writeFileSync(join(folder, page), "<!doctype html><title>Duck</title>");
    const cli = start(["dev", folder, "--no-open", "--port", "0"]);
    const { port } = await cli.listening;
    await openRoom(port);
    await cli.said(/INFO: room opened \{"room":"[A-Z]{4}"/);
    cli.kill("SIGTERM");
    const { stdout } = await cli.ended;
    const lines = stdout.split("\n").slice(0, -1);
    expect(lines.length).toBeGreaterThan(2);
    for (const line of lines) expect(line).toMatch(/^\[\d\d:\d\d:\d\d\] INFO: [a-z ]+( \{.*\})?$/);
  });

  test("goes on, and ends in good order, when the reader of its log has gone", async () => {
    const cli = start(["--port", "0"]);
    const { port, url } = await cli.listening;
    cli.hangUp();
    await openRoom(port); // which it logs
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    cli.kill("SIGINT");
    expect(await cli.ended).toMatchObject({ exitCode: 0, signal: null });
  });

  test("warns of a variable that is no option, and names the near one", async () => {
    const cli = start(["--port", "0"], { COUCHWIRE_MAXROOMS: "5" });
    await cli.listening;
    cli.kill("SIGTERM");
    expect(logLines((await cli.ended).stdout)[0]).toMatchObject({
      level: 40,
      variable: "COUCHWIRE_MAXROOMS",
      near: "COUCHWIRE_MAX_ROOMS",
    });
  });
});

describe("couchwire where HOST is set", () => {
  test("by conda or csh listens on all addresses and says so", async () => {
    const cli = start(["--port", "0"], { HOST: "x86_64-conda-linux-gnu" });
    const { port } = await cli.listening;
    expect((await fetch(`http://127.0.0.1:${port}/healthz`)).status).toBe(200);
    cli.kill("SIGTERM");
    const { stdout } = await cli.ended;
    expect(logLines(stdout)).toContainEqual(
      expect.objectContaining({ HOST: "x86_64-conda-linux-gnu", listening: "0.0.0.0", level: 40 }),
    );
  });

  test("and COUCHWIRE_HOST listens where the latter says, and warns of nothing", async () => {
    const cli = start(["--port", "0"], { HOST: "my-laptop", COUCHWIRE_HOST: "127.0.0.1" });
    const { url } = await cli.listening;
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:/);
    cli.kill("SIGTERM");
    const { stdout, stderr } = await cli.ended;
    expect(logLines(stdout).filter(({ level }) => level === 40)).toEqual([]);
    expect(stderr).toContain("The server listens on 127.0.0.1, which only this machine can reach.");
  });

  test("to an address that this machine has not says which variable to change", async () => {
    const { exitCode, stderr } = await run(["--port", "0"], { HOST: "203.0.113.77" });
    expect(exitCode).toBe(1);
    expect(stderr).toBe(
      "couchwire: This machine has no address 203.0.113.77, which HOST says. Choose another with --host or COUCHWIRE_HOST; 0.0.0.0 is all addresses.\n",
    );
  });
});

describe("couchwire that cannot start says why in one line", () => {
  test("when the port is in use, and ends with 1", async () => {
    const port = await takenPort();
    expect(await run([], { PORT: String(port) })).toEqual({
      exitCode: 1,
      signal: null,
      stdout: "",
      stderr: `couchwire: Port ${port} is in use. End what uses it, or choose another with --port or PORT.\n`,
    });
  });

  test.each<[readonly string[], Record<string, string>, RegExp]>([
    [["--port", "many"], {}, /--port is "many", but has to be a whole number from 0 to 65535\./],
    [["--prot", "9000"], {}, /There is no option --prot; did you mean --port\?/],
    [[], { COUCHWIRE_MAX_ROOMS: "-1" }, /COUCHWIRE_MAX_ROOMS is -1, but has to be /],
    [["serve", "/no/such/folder"], {}, /The folder \/no\/such\/folder does not exist\./],
    [["serve", process.execPath], {}, /is not a folder/],
  ])("when given %j %j, and ends with 2", async (words, environment, sentence) => {
    const { exitCode, stdout, stderr } = await run(words, environment);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
    expect(stderr).toMatch(sentence);
    expect(stderr).toMatch(/^couchwire: [^\n]+\n$/);
  });
});

describe("couchwire that is told to end", () => {
  test.each(["SIGTERM", "SIGINT"] as const)("by %s asks everybody to come back, and ends with 0", async (signal) => {
    const cli = start(["--port", "0"]);
    const { port } = await cli.listening;
    const { host, code } = await openRoom(port);
    const player = await joinRoom(port, code);
    await host.next("player_joined");

    const closes = [host.socket, player].map((socket) => once(socket, "close"));
    cli.kill(signal);
    expect((await Promise.all(closes)).map(([closeCode]) => Number(closeCode))).toEqual([1012, 1012]);
    expect(await cli.ended).toMatchObject({ exitCode: 0, signal: null });
  });

  test.each(["SIGTERM", "SIGKILL"] as const)("through npx, which gets %s, leaves no orphan", async (signal) => {
    const npx = startByNpm(["--port", "0"]);
    const { port, pid } = await npx.listening;
    onTestEnd(() => end(pid));
    const { host } = await openRoom(port);
    const isClosed = once(host.socket, "close");
    npx.kill(signal);
    expect(Number((await isClosed)[0])).toBe(1012);
    expect(logLines((await npx.ended).stdout).map(({ msg }) => msg)).toContain("closing");
    await expect(fetch(`http://127.0.0.1:${port}/healthz`)).rejects.toThrow("fetch failed");
  });

  test("ends with the shell that npm runs it in; where npm has not started it, it goes on", async () => {
    const alone = startInShell(["--port", "0"], {});
    const { port, pid } = await alone.listening;
    onTestEnd(() => end(pid));
    alone.kill("SIGKILL"); // first, so that it has had more time to notice than the other one needs
    const ofNpm = startInShell(["--port", "0"], { npm_command: "start" });
    const other = await ofNpm.listening;
    onTestEnd(() => end(other.pid));
    ofNpm.kill("SIGKILL");
    expect(logLines((await ofNpm.ended).stdout).map(({ msg }) => msg)).toContain("closing");
    expect((await fetch(`http://127.0.0.1:${port}/healthz`)).status).toBe(200);
  });

  test("by nothing but a closed terminal goes on, if nohup has started it", async () => {
    const cli = startInShell(["--port", "0"], {}, 'nohup "$@" &');
    const { port, pid } = await cli.listening;
    onTestEnd(() => end(pid));
    for (let times = 0; times < 3; times++) {
      process.kill(pid, "SIGHUP");
      expect((await fetch(`http://127.0.0.1:${port}/healthz`)).status).toBe(200);
    }
  });

  test("by the end of an npm script goes on, if the script has put it into the background with nohup", async () => {
    const script = startInShell(["--port", "0"], { npm_command: "run-script" }, 'nohup "$@" & wait');
    const inBackground = await script.listening;
    onTestEnd(() => end(inBackground.pid));
    script.kill("SIGKILL"); // first, so that it has had more time to notice than the other one needs
    const inFront = startInShell(["--port", "0"], { npm_command: "run-script" });
    const other = await inFront.listening;
    onTestEnd(() => end(other.pid));
    inFront.kill("SIGKILL");
    await inFront.ended;
    expect((await fetch(`http://127.0.0.1:${inBackground.port}/healthz`)).status).toBe(200);
  });

  test("by two signals at one moment, as npm passes on what the terminal sent already, still ends well", async () => {
    const cli = start(["--port", "0"]);
    const { port } = await cli.listening;
    const { host } = await openRoom(port);
    const isClosed = once(host.socket, "close");
    cli.kill("SIGINT");
    cli.kill("SIGTERM");
    expect(Number((await isClosed)[0])).toBe(1012);
    expect(await cli.ended).toMatchObject({ exitCode: 0, signal: null });
  });

  test("twice does not wait any longer for those who do not answer", async () => {
    const cli = start(["--port", "0"]);
    const { port } = await cli.listening;
    const mute = connect(port, "localhost");
    started.push({ close: () => mute.destroy() });
    mute.write(
      "GET /CREATE HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
    );
    await once(mute, "data");
    cli.kill("SIGTERM");
    // Pressed again and again, because a second one at the same moment does not count.
    const again = setInterval(() => cli.kill("SIGTERM"), 100);
    const ending = await cli.ended;
    clearInterval(again);
    expect(ending).toMatchObject({ exitCode: 143, signal: null });
  });
});

describe("the log of a party", () => {
  test("names room and player on every line about them, and never shows a payload, session or token", async () => {
    const cli = start(["--port", "0", "--log-level", "trace"]);
    const { port } = await cli.listening;
    const { host, code } = await openRoom(port);
    const player = await joinRoom(port, code, "?session=s3cret-session-0123456789&token=s3cret-token");
    await host.next("player_joined");
    player.send("s3cret-from-player");
    await host.next("from_str");
    host.send({ cmd: "to_str", to: [], data: "s3cret-from-host" });
    await once(player, "message");
    host.send({ cmd: "s3cret-command" });
    host.socket.send("s3cret-garbage");
    await host.next("error");
    await host.next("error");
    const isGone = once(player, "close");
    host.send({ cmd: "kick", player: 1 });
    await isGone;
    const isDone = once(host.socket, "close");
    host.send({ cmd: "stop" });
    await isDone;
    cli.kill("SIGTERM");

    const { stdout, stderr } = await cli.ended;
    expect(stdout + stderr).not.toContain("s3cret");
    const lines = logLines(stdout).filter((line) => "room" in line);
    expect(lines.map(({ msg, room, player: who }) => [msg, room, who])).toEqual([
      ["room opened", code, undefined],
      ["player joined", code, 1],
      ["connection let in", code, 1],
      ["frame of the host refused", code, undefined],
      ["frame of the host refused", code, undefined],
      ["player left", code, 1],
      ["room closed", code, undefined],
    ]);
  });
});
