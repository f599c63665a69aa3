/**
 * A TV that hangs in the midst of a game, while eight phones go on, each as fast as it may by default: nothing is lost, nobody
 * is closed, and the server does not keep it all. To wait so long is the very thing that is tried here.
 */
import { describe, expect, test } from "@jest/globals";
import { decode, encode } from "cborg";
import { parseOptions } from "../../src/config.ts";
import { onTestEnd } from "../support/clean-up.ts";
import { startCli, type CliProcess } from "../support/cli-process.ts";
import { mostInKernel } from "../support/held-back.ts";
import { openRoom, roundTrip, type HostNews } from "../support/host-client.ts";
import { makeFrame, OPCODE, RawClient } from "../support/raw-client.ts";
import { ReliableClient, newSession } from "../support/reliable-client.ts";

const PLAYERS = 8;
/** How often the phones send what has fallen due. */
const TURN_MS = 50;
const MEBIBYTE = 1_048_576;
/** A player with so much unsent is held back: it sends 80 KiB a turn. */
const HELD_BYTES = 4 * MEBIBYTE;

const options = parseOptions({});
if (!options.ok) throw new Error(options.failure);
const { playerRate, playerBytes, sendQueue, hostBuffer } = options.value;

/** Nearly all that the limit on bytes allows at the limit on frames. */
const PAYLOAD_BYTES = 16_384;
/** For a read and a frame of each player, and for what the process has not collected yet. */
const LEEWAY_BYTES = 48 * MEBIBYTE;

/** The real server in a process of its own, so that its memory is nobody else's. */
async function serve(...words: readonly string[]) {
  const cli = startCli(["--port", "0", "--host", "127.0.0.1", ...words]);
  onTestEnd(() => cli.kill("SIGKILL"));
  const { port } = await cli.listening;
  return { cli, port, ws: `ws://127.0.0.1:${port}` };
}

/** `joined` resolves when the host has heard of one more. */
async function openPlayers(port: number, code: string, joined: () => Promise<unknown>): Promise<RawClient[]> {
  const players: RawClient[] = [];
  while (players.length < PLAYERS) {
    const player = await RawClient.open(port, `/${code}`);
    player.answersPings = true;
    players.push(player);
    await joined();
  }
  return players;
}

const FRAME_START = makeFrame(OPCODE.binary, Buffer.alloc(4), { claimedLength: PAYLOAD_BYTES });
/** Shared by all frames, so that what waits at the players costs this process little. */
const FRAME_REST = Buffer.alloc(PAYLOAD_BYTES - 4);

function sendNumbered({ socket }: RawClient, number: number): void {
  const start = Buffer.from(FRAME_START);
  start.writeUInt32BE(number, start.length - 4);
  socket.cork();
  socket.write(start);
  socket.write(FRAME_REST);
  socket.uncork();
}

/**
 * The players send for so long, at the rate limit, and then on until each is held back: how long that takes depends on how much
 * the kernel takes. The server's memory has grown by less than `bound` at any time. Returns how many frames each has sent.
 */
async function sendAtTheLimit(
  players: readonly RawClient[],
  frames: number,
  cli: CliProcess,
  bound: number,
): Promise<number> {
  const before = cli.residentBytes();
  const startedAt = performance.now();
  let sent = 0;
  let most = before;
  await new Promise<void>((resolve, reject) => {
    const timer = setInterval(() => {
      const due = Math.floor(((performance.now() - startedAt) / 1_000) * playerRate);
      for (; sent < due; sent++) for (const player of players) sendNumbered(player, sent);
      most = Math.max(most, cli.residentBytes());
      const areHeld = players.every(({ socket }) => socket.writableLength > HELD_BYTES);
      const isTooMuch = (sent - frames) * PAYLOAD_BYTES > 2 * mostInKernel();
      if (sent < frames || !(areHeld || isTooMuch)) return;
      clearInterval(timer);
      if (areHeld) resolve();
      else reject(new Error("They can send on and on."));
    }, TURN_MS);
    onTestEnd(() => clearInterval(timer));
  });
  const traffic = players.length * sent * PAYLOAD_BYTES;
  const unsent = players.reduce((sum, { socket }) => sum + socket.writableLength, 0);
  process.stdout.write(`${traffic} bytes sent, of which ${unsent} wait; the server grew by ${most - before}\n`);
  expect(bound).toBeLessThan(traffic / 2);
  expect(most - before).toBeLessThan(bound);
  return sent;
}

/** What a host has heard of its players' frames: each once and in order, and nothing else. */
class Tally {
  readonly #next = new Map<unknown, number>();
  #missing: number;

  constructor(framesOfEach: number) {
    this.#missing = PLAYERS * framesOfEach;
  }

  get isComplete(): boolean {
    return this.#missing === 0;
  }

  add({ cmd, from, data }: HostNews): void {
    if (cmd !== "from" || !(data instanceof Uint8Array)) throw new Error(`${cmd} came, with ${this.#missing} missing`);
    const expected = this.#next.get(from) ?? 0;
    const number = new DataView(data.buffer, data.byteOffset).getUint32(0);
    if (number !== expected) throw new Error(`${number} came instead of ${expected}`);
    this.#next.set(from, number + 1);
    this.#missing -= 1;
  }
}

/** A host that counts what it gets, and goes on from there when it connects again. */
class CountingHost {
  readonly #server: { readonly ws: string };
  readonly #path = `CREATE?bytes=string&session=${newSession()}`;
  #epoch: string | undefined;
  #received = 0;

  constructor(server: { readonly ws: string }) {
    this.#server = server;
  }

  async connect(): Promise<ReliableClient> {
    const resumption = this.#epoch === undefined ? "" : `&received=${this.#received}&epoch=${this.#epoch}`;
    const line = new ReliableClient(this.#server, this.#path + resumption);
    const { epoch, greeting, next, lost } = await line.hello();
    expect({ next, lost }).toEqual({ next: this.#received + 1, lost: 0 });
    this.#epoch = epoch;
    await line.frames.take(greeting);
    return line;
  }

  /** The next event on this line. */
  async next(line: ReliableClient): Promise<HostNews> {
    for (;;) {
      const event = this.read(await line.next());
      if (event !== undefined) return event;
    }
  }

  async until(line: ReliableClient, name: string): Promise<HostNews> {
    for (;;) {
      const event = await this.next(line);
      if (event.cmd === name) return event;
    }
  }

  /** The event in this frame, where it is one and no acknowledgement. */
  read(frame: string | Uint8Array): HostNews | undefined {
    if (typeof frame === "string") return undefined;
    this.#received += 1;
    return decode(frame);
  }
}

describe("a TV that reads nothing while eight phones send all that they may", () => {
  test("P5.4.13 for 20 seconds gets everything afterwards, once and in order, and no phone was closed", async () => {
    const frames = 20 * playerRate;
    expect(playerRate * PAYLOAD_BYTES).toBeLessThan(playerBytes);
    const server = await serve();
    const { host, code } = await openRoom(server, { query: "?bytes=string" });
    const players = await openPlayers(server.port, code, async () => {
      await host.until("player_joined");
      await host.until("state");
    });

    host.socket.pause();
    const pulse = setInterval(() => host.socket.pong(), 1_000); // it is slow, but it is there
    onTestEnd(() => clearInterval(pulse));
    const sent = await sendAtTheLimit(players, frames, server.cli, sendQueue + LEEWAY_BYTES);

    host.socket.resume();
    for (const tally = new Tally(sent); !tally.isComplete;) tally.add(await host.next());
    expect(await roundTrip(host)).toEqual([]);
    for (const [index, player] of players.entries()) {
      player.send(OPCODE.text, "still here");
      expect(await host.next()).toEqual({ cmd: "from_str", from: index + 1, data: "still here" });
    }
  });

  test("P5.4.11 and is timed out meanwhile gets everything when it is back, once and in order, and no phone was closed", async () => {
    const frames = 10 * playerRate;
    const server = await serve("--ping-ms", "2000"); // so that ten seconds are more than two pings
    const host = new CountingHost(server);
    const line = await host.connect();
    line.send(encode({ cmd: "prepare", max_players: PLAYERS, name: "sketch" }));
    const { key } = await host.until(line, "prepare_reply");
    const players = await openPlayers(server.port, String(key), async () => {
      await host.until(line, "player_joined");
      await host.until(line, "state");
    });

    line.socket.pause();
    const sent = await sendAtTheLimit(players, frames, server.cli, sendQueue + hostBuffer + LEEWAY_BYTES);

    line.socket.resume();
    await line.closed;
    const tally = new Tally(sent);
    for (const frame of line.frames.drain()) {
      const event = host.read(frame);
      if (event !== undefined) tally.add(event);
    }
    expect(tally.isComplete).toBe(false);
    const back = await host.connect();
    while (!tally.isComplete) tally.add(await host.next(back));
    for (const [index, player] of players.entries()) {
      player.send(OPCODE.text, "still here");
      expect(await host.next(back)).toEqual({ cmd: "from_str", from: index + 1, data: "still here" });
    }
  });
});
