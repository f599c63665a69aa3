/** One limit on what a whole server keeps and queues (P5.4.16). */
import { expect, test } from "@jest/globals";
import { mostInKernel } from "../support/held-back.ts";
import { joinPlayer, openRoom, roundTrip } from "../support/host-client.ts";
import { OPCODE, RawClient } from "../support/raw-client.ts";
import { startServer, type TestServer } from "../support/server.ts";
import { newSession } from "../support/reliable-client.ts";

const MEBIBYTE = 1_048_576;
const CHUNK = Buffer.alloc(250_000, "x");

interface MemoryFigures {
  readonly used: number;
  readonly limit: number;
  readonly cuts: number;
}

async function memoryOf({ url }: TestServer): Promise<MemoryFigures> {
  const { memory }: { readonly memory: MemoryFigures } = await (await fetch(`${url}/healthz`)).json();
  return memory;
}

test("P5.4.16 phones that are away give what is kept for them when the memory is used up; an honest phone beside them gets everything", async () => {
  const server = await startServer({ memory: 4 * MEBIBYTE, hostRate: 0, awayMs: 0 });
  const room = await openRoom(server);
  for (let index = 0; index < 8; index++) {
    const phone = await RawClient.open(server.port, `/${room.code}?session=${newSession()}`);
    await room.host.until("player_joined");
    phone.socket.destroy();
    await room.host.until("player_away");
  }
  const { player } = await joinPlayer(server, room);
  for (let round = 0; round < 4; round++) {
    for (let id = 1; id <= 8; id++) {
      // Bytes of each phone's own, since what many wait for counts once.
      CHUNK.writeUInt32BE(round * 8 + id);
      room.host.send({ cmd: "to", to: [id], data: CHUNK });
    }
    room.host.send({ cmd: "to_str", to: [9], data: `${round}` });
    await roundTrip(room.host);
    expect(await player.next()).toBe(`${round}`);
    expect((await memoryOf(server)).used).toBeLessThanOrEqual(4 * MEBIBYTE);
  }
  const { limit, cuts } = await memoryOf(server);
  expect(limit).toBe(4 * MEBIBYTE);
  expect(cuts).toBeGreaterThan(0);
});

test("P5.4.16 a phone that does not read is closed with 4031 when the memory is used up, before its own queue is full", async () => {
  const server = await startServer({
    memory: 2 * MEBIBYTE,
    sendQueue: 64 * MEBIBYTE,
    hostRate: 0,
    pingMs: 200_000, // it answers none
    idleMs: 400_000,
  });
  const room = await openRoom(server);
  const phone = await RawClient.open(server.port, `/${room.code}`);
  await room.host.take(2);
  phone.socket.pause();
  let isGone = false;
  for (let sent = 0; !isGone && sent < 2 * mostInKernel(); sent += CHUNK.length) {
    room.host.send({ cmd: "to", to: [1], data: CHUNK });
    isGone = (await roundTrip(room.host)).some(({ cmd }) => cmd === "player_left");
  }
  expect(isGone).toBe(true);
  phone.socket.resume();
  const close = await phone.frames.until(({ opcode }) => opcode === OPCODE.close);
  expect(close.payload.readUInt16BE(0)).toBe(4031);
});
