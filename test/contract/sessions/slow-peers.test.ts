import { describe, expect, test } from "@jest/globals";
import { decode, encode } from "cborg";
import { joinPlayer, openRoom, roundTrip, type HostNews, type OpenRoom } from "../../support/host-client.ts";
import { mostInKernel, writeUntilHeldBack } from "../../support/held-back.ts";
import { eventually } from "../../support/inbox.ts";
import { PlayerClient } from "../../support/player-client.ts";
import { OPCODE, RawClient } from "../../support/raw-client.ts";
import { connectionCount, startServer, type TestServer } from "../../support/server.ts";
import { ReliableClient, newSession } from "../../support/reliable-client.ts";
import { memoryInUse } from "../../support/process-memory.ts";

const KIBIBYTE = 1_024;
const MEBIBYTE = 1_048_576;

/** A peer that does not read answers no pings, and how long a test fills its line depends on the machine. */
const PATIENT = { pingMs: 200_000, idleMs: 400_000 } as const;

/** A frame of one kibibyte that carries a number. */
function numbered(number: number): Uint8Array {
  const data = Buffer.alloc(KIBIBYTE);
  data.writeUInt32BE(number);
  return data;
}

function numberIn(frame: Uint8Array): number {
  return new DataView(frame.buffer, frame.byteOffset).getUint32(0);
}

/** Numbered frames that are sent to all players before the host looks what it was told. */
const BATCH = 500;

/** Sends as many frames as a batch has, from a number on. Returns what the host was told by the time that the server has dealt with them. */
function sendBatch({ host }: OpenRoom, from: number, more: object = {}): Promise<HostNews[]> {
  for (let number = from; number < from + BATCH; number++) {
    host.send({ cmd: "to", to: [], data: numbered(number), ...more });
  }
  return roundTrip(host);
}

async function broadcast(room: OpenRoom, count: number, more: object = {}): Promise<void> {
  for (let from = 0; from < count; from += BATCH) await sendBatch(room, from, more);
}

/** A room whose host is on bare TCP, so that it can stop reading. */
async function openRawRoom(server: TestServer, query: string) {
  const host = await RawClient.open(server.port, `/CREATE${query}`);
  host.answersPings = true;
  const next = async (): Promise<HostNews> => {
    const { payload } = await host.frames.until(({ opcode }) => opcode === OPCODE.binary);
    return decode(payload);
  };
  const until = async (cmd: string): Promise<HostNews> => {
    for (;;) {
      const event = await next();
      if (event.cmd === cmd) return event;
    }
  };
  host.send(OPCODE.binary, encode({ cmd: "prepare", max_players: 8, name: "" }));
  return { host, next, until, code: String((await until("prepare_reply")).key) };
}

describe("a phone that stops reading under a broadcast of 1 KiB", () => {
  const FRAMES = 20_000; // more than five minutes of it at 60 Hz
  const LAST = FRAMES - 1;

  test("P5.3.4 of volatile frames gets only the newest when it reads again; no other phone waits, nothing piles up", async () => {
    const server = await startServer({ ...PATIENT, hostRate: 0 });
    const room = await openRoom(server);
    const slow = await RawClient.open(server.port, `/${room.code}?session=${newSession()}`);
    slow.answersPings = true;
    await room.host.until("player_joined");
    const { player: quick } = await joinPlayer(server, room);
    slow.socket.pause();
    const before = memoryInUse();
    let quickGot = 0;
    quick.socket.on("message", () => (quickGot += quick.frames.drain().length));
    // What the kernel takes is full of larger ones.
    const large = Buffer.alloc(64 * KIBIBYTE);
    for (let sent = 0; sent < 1.25 * mostInKernel(); sent += 20 * large.length) {
      for (let count = 0; count < 20; count++) room.host.send({ cmd: "to", to: [], data: large, volatile: true });
      await roundTrip(room.host);
    }
    await broadcast(room, FRAMES, { volatile: true });
    expect(memoryInUse() - before).toBeLessThan(4 * MEBIBYTE); // of at least 20 that were sent
    expect(quickGot).toBeGreaterThan(0);

    slow.socket.resume();
    const seen: number[] = [];
    while (seen.at(-1) !== LAST) {
      const { payload } = await slow.frames.until(({ opcode }) => opcode === OPCODE.binary);
      seen.push(numberIn(payload));
    }
    expect(seen.length).toBeLessThan(FRAMES);
    expect(seen).toEqual(seen.toSorted((one, other) => one - other));
    slow.send(OPCODE.text, "still here");
    expect(await room.host.until("from_str")).toMatchObject({ from: 1, data: "still here" });
  });

  test("P5.4.9 of other frames is closed with 4031, resumes by its count, and is told what it cannot get any more", async () => {
    const server = await startServer({ ...PATIENT, awayMs: 0, hostRate: 0 });
    const room = await openRoom(server);
    const path = `${room.code}?session=${newSession()}`;
    const slow = new ReliableClient(server, path);
    const { epoch } = await slow.hello();
    await room.host.until("player_joined");
    const { player: quick } = await joinPlayer(server, room);
    slow.socket.pause();
    const before = memoryInUse();
    // A phone has only five seconds to answer a Close, so it reads again as soon as it is closed.
    let sent = 0;
    while (!(await sendBatch(room, sent)).some(({ cmd }) => cmd === "player_away")) sent += BATCH;
    sent += BATCH;
    const held = memoryInUse() - before - sent * KIBIBYTE; // what the other phone has got is in this process, too
    expect(held).toBeLessThan(16 * MEBIBYTE);
    slow.socket.resume();
    expect(await slow.closed).toMatchObject({ code: 4031 });
    while (sent < FRAMES) {
      await sendBatch(room, sent);
      sent += BATCH;
    }
    // The other one has got everything, in order.
    for (let number = 0; number < sent; number++) {
      const frame = await quick.next();
      if (typeof frame === "string" || numberIn(frame) !== number) throw new Error(`not ${number}`);
    }
    const got = slow.frames.drain().map((frame) => (typeof frame === "string" ? -1 : numberIn(frame)));
    expect(got).toEqual(got.map((_, index) => index));
    const back = new ReliableClient(server, `${path}&received=${got.length}&epoch=${epoch}`);
    const hello = await back.hello();
    expect(hello.next).toBe(got.length + hello.lost + 1);
    for (let number = got.length + hello.lost; number < sent; number++) {
      const frame = await back.next();
      if (typeof frame === "string" || numberIn(frame) !== number) throw new Error(`not ${number}`);
    }
    expect(await room.host.until("player_back")).toEqual({ cmd: "player_back", player: 1, missed: hello.lost });
  });

  test("P5.4.9 with a full buffer to catch up on is not closed for that", async () => {
    const server = await startServer({ sendQueue: 65_536 });
    const room = await openRoom(server);
    const path = `${room.code}?session=${newSession()}`;
    const phone = await PlayerClient.connect(server, path);
    await phone.close(1001);
    await room.host.until("player_joined");
    await eventually("the server knows", async () => (await connectionCount(server)) === 1);
    await broadcast(room, 5_000);
    const back = await PlayerClient.connect(server, path);
    for (let number = 5_000; number < 5_050; number++) {
      room.host.send({ cmd: "to", to: [], data: numbered(number) });
      await roundTrip(room.host);
    }
    await back.frames.until((frame) => typeof frame !== "string" && numberIn(frame) === 5_049);
    back.send("still here");
    expect(await room.host.until("from_str")).toMatchObject({ data: "still here" });
  });
});

describe("a host that stops reading", () => {
  test("P5.4.13 while eight players send at the rate limit loses nothing, and memory is bounded", async () => {
    const seconds = 20;
    const rate = 100;
    // All that the rate allows in twenty seconds, at once, and then on until the players are held back.
    const least = seconds * rate;
    const server = await startServer({ ...PATIENT, playerBurst: 100_000, playerBytes: 0 });
    const witness = await openRoom(server);
    const { host, next, until, code } = await openRawRoom(server, "?bytes=string");
    const players: RawClient[] = [];
    while (players.length < 8) {
      const player = await RawClient.open(server.port, `/${code}`);
      player.answersPings = true;
      players.push(player);
      await until("player_joined");
      await until("state");
    }
    host.socket.pause();
    const before = memoryInUse();
    const payload = Buffer.alloc(4 * KIBIBYTE);
    const sent: number[] = [];
    for (const player of players) {
      const write = (number: number): void => {
        payload.writeUInt32BE(number);
        player.send(OPCODE.binary, payload);
      };
      const filling = { write, bytes: payload.length, least, turn: () => roundTrip(witness.host) };
      sent.push(await writeUntilHeldBack(player.socket, filling));
    }
    const unsent = players.reduce((sum, { socket }) => sum + socket.writableLength, 0);
    expect(unsent).toBeGreaterThan(8 * MEBIBYTE); // it waits at the players
    expect(memoryInUse() - before - unsent).toBeLessThan(24 * MEBIBYTE); // and not at the server, of at least 64

    host.socket.resume();
    const heard = Array.from({ length: 9 }, () => 0);
    for (let frames = sent.reduce((sum, count) => sum + count); frames > 0; frames--) {
      const { cmd, from, data } = await next();
      if (cmd !== "from" || !(data instanceof Uint8Array)) throw new Error(`${cmd} came`);
      if (numberIn(data) !== heard[Number(from)])
        throw new Error(`${numberIn(data)} instead of ${heard[Number(from)]}`);
      heard[Number(from)] = numberIn(data) + 1;
    }
    expect(heard.slice(1)).toEqual(sent);
    for (const player of players) expect(player.socket.destroyed).toBe(false);
  });
});
