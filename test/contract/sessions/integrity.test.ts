/**
 * Every byte of two rooms, both ways, while frames are cut into arbitrary pieces with pauses between them: a runtime that spoils a frame, or shows one room
 * what was said in the other, fails here. The bytes of one room are all below 128, those of the other all above.
 */
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { setImmediate as nextTurn } from "node:timers/promises";
import { expect, test } from "@jest/globals";
import { decode, encode } from "cborg";
import { HostClient } from "../../support/host-client.ts";
import { makeFrame, OPCODE, RawClient } from "../../support/raw-client.ts";
import { PlayerClient } from "../../support/player-client.ts";
import { startServer, type TestServer } from "../../support/server.ts";
import { SeededRandom, SEED } from "../../support/seeded-random.ts";

/** In each room, each way. */
const FRAMES = 500;
const MAX_BYTES = 300_000;
/** Around the borders of RFC 6455's lengths and of the sizes that buffers have. */
const EDGES = [0, 1, 125, 126, 127, 4_095, 4_096, 16_383, 16_384, 65_535, 65_536, 65_537, 131_072, MAX_BYTES];
/** Frames of one direction that are on their way at the same time. */
const WINDOW = 6;
const MASK_BYTES = 4;

/** No limits of rate or queue, since what is looked at is bytes; and no pings, whose pongs would come in the middle of a frame that is cut into pieces. */
const UNLIMITED = { playerRate: 0, playerBytes: 0, sendQueue: 64 * 1_048_576, pingMs: 600_000, idleMs: 900_000 };

/** Frames of one direction that are on their way: their sender waits while there are too many, and is told where their reader has failed. */
class Flow {
  #taken = 0;
  #failure: unknown;
  #onChange: (() => void) | undefined;

  /** So many have been sent. */
  async sent(count: number): Promise<void> {
    while (count - this.#taken > WINDOW && this.#failure === undefined) {
      await new Promise<void>((resolve) => (this.#onChange = resolve));
    }
    if (this.#failure !== undefined) throw this.#failure;
  }

  taken(): void {
    this.#taken += 1;
    this.#onChange?.();
  }

  fail(why: unknown): void {
    this.#failure ??= why;
    this.#onChange?.();
  }
}

interface Room {
  readonly host: RawClient;
  readonly phone: RawClient;
}

async function openRoom(server: TestServer): Promise<Room> {
  const host = await RawClient.open(server.port, "/CREATE?bytes=string");
  host.send(OPCODE.binary, encode({ cmd: "prepare", max_players: 1, name: "sketch" }));
  const reply = await host.frames.until(
    ({ opcode, payload }) => opcode === OPCODE.binary && isCommand(payload, "prepare_reply"),
  );
  const phone = await RawClient.open(server.port, `/${decode(reply.payload).key}`);
  await host.frames.until(({ opcode, payload }) => opcode === OPCODE.binary && isCommand(payload, "player_joined"));
  return { host, phone };
}

function isCommand(payload: Uint8Array, cmd: string): boolean {
  return decode(payload).cmd === cmd;
}

/** Random bytes of one half of all bytes, of which frames are slices. */
function pool(half: number): Buffer {
  const bytes = randomBytes(2 * MAX_BYTES);
  for (const [at, byte] of bytes.entries()) bytes[at] = (byte & 0x7f) | half;
  return bytes;
}

function payloads(random: SeededRandom, bytes: Buffer): readonly Buffer[] {
  return Array.from({ length: FRAMES }, (_, index) => {
    const length = EDGES[index] ?? Math.floor(random.next() ** 2 * (MAX_BYTES + 1));
    const start = random.below(MAX_BYTES);
    return bytes.subarray(start, start + length);
  });
}

/** A message in one to three frames. */
function framed(random: SeededRandom, message: Uint8Array): Buffer {
  const fragments = random.chance(0.8) ? 1 : 2 + random.below(2);
  const cuts = [0, ...Array.from({ length: fragments - 1 }, () => random.below(message.length + 1)), message.length];
  cuts.sort((a, b) => a - b);
  const frames = cuts.slice(1).map((end, index) =>
    makeFrame(index === 0 ? OPCODE.binary : OPCODE.continuation, message.subarray(cuts[index], end), {
      isFinal: index === fragments - 1,
      mask: randomBytes(MASK_BYTES),
    }),
  );
  return Buffer.concat(frames);
}

/** Sends each of these as a message of its own, cut anywhere, with pauses of a turn, several in one piece now and then. */
async function sendAll(
  random: SeededRandom,
  client: RawClient,
  messages: readonly Uint8Array[],
  flow: Flow,
): Promise<void> {
  let held: Buffer = Buffer.alloc(0);
  for (const [index, message] of messages.entries()) {
    held = Buffer.concat([held, framed(random, message)]);
    if (index < messages.length - 1 && random.chance(0.3)) continue;
    while (held.length > 0) {
      const length = random.chance(0.5) ? held.length : 1 + random.below(held.length);
      const isTaken = client.socket.write(held.subarray(0, length));
      held = held.subarray(length);
      if (!isTaken) await once(client.socket, "drain");
      if (random.chance(0.5)) await nextTurn();
    }
    await flow.sent(index + 1);
  }
}

/** Takes all of these, which have to come in this order, and reads in fits and starts. */
async function takeAll(
  random: SeededRandom,
  client: RawClient,
  expected: readonly Buffer[],
  contentOf: (payload: Buffer) => Uint8Array | undefined,
  flow: Flow,
): Promise<number> {
  for (const [index, bytes] of expected.entries()) {
    let content: Uint8Array | undefined;
    while (content === undefined) {
      const { opcode, payload } = await client.frames.next();
      if (opcode === OPCODE.close)
        throw new Error(`Closed with ${payload.readUInt16BE(0)} ${payload.subarray(2).toString()}`);
      if (opcode === OPCODE.binary) content = contentOf(payload);
    }
    if (!bytes.equals(content)) throw new Error(describeDifference(index, bytes, content));
    flow.taken();
    if (!random.chance(0.1)) continue;
    client.socket.pause();
    await nextTurn();
    client.socket.resume();
  }
  return expected.length;
}

function describeDifference(index: number, expected: Buffer, actual: Uint8Array): string {
  const at = expected.findIndex((byte, position) => byte !== actual[position]);
  const foreign = actual.findIndex((byte) => byte >> 7 !== (expected[0] ?? byte) >> 7);
  const whose = foreign === -1 ? "no byte is the other room's" : `byte ${foreign} is the other room's`;
  return `Frame ${index} of ${expected.length} bytes came as ${actual.length} and differs from byte ${at} on; ${whose}.`;
}

test(`2,000 frames of up to 300,000 random bytes arrive as they were sent, in their own room (seed ${SEED})`, async () => {
  const server = await startServer(UNLIMITED);
  const rooms = [await openRoom(server), await openRoom(server)];
  const arrived = await Promise.all(
    rooms.map(async ({ host, phone }, number) => {
      const bytes = pool(number * 0x80);
      const [up, down, chance] = [0, 1, 2].map((part) => new SeededRandom(SEED * 6 + number * 3 + part));
      if (up === undefined || down === undefined || chance === undefined)
        throw new Error("There are three generators.");
      const [said, told] = [payloads(up, bytes), payloads(down, bytes)];
      const commands = told.map((data) => encode({ cmd: "to", to: [1], data: new Uint8Array(data) }));
      const [upward, downward] = [new Flow(), new Flow()];
      const [atHost, atPhone] = await Promise.all([
        takeAll(chance, host, said, (frame) => decode(frame).data, upward),
        takeAll(chance, phone, told, (frame) => frame, downward),
        sendAll(up, phone, said, upward),
        sendAll(down, host, commands, downward),
      ]).catch((error: unknown) => {
        for (const flow of [upward, downward]) flow.fail(error);
        throw error;
      });
      return [atHost, atPhone];
    }),
  );
  expect(arrived).toEqual([
    [FRAMES, FRAMES],
    [FRAMES, FRAMES],
  ]);
});

test("a phone's 50,000 bytes reach a host that speaks JSON, and the phone stays", async () => {
  const server = await startServer();
  const host = await HostClient.connect(server, "?format=json");
  host.sendFrame(JSON.stringify({ cmd: "prepare", max_players: 1, name: "sketch" }));
  const { key } = await host.until("prepare_reply");
  const phone = await PlayerClient.connect(server, String(key));
  const bytes = randomBytes(50_000);
  phone.send(bytes);
  expect((await host.until("from")).data).toEqual([...bytes]);
  phone.send("and it is still there");
  expect(await host.until("from_str")).toMatchObject({ data: "and it is still there" });
});
