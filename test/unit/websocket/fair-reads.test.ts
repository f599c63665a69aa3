/** Whose large reads are handled in a turn of the event loop, and who waits for the next one. */
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { setImmediate as nextTurn } from "node:timers/promises";
import { describe, expect, test } from "@jest/globals";
import { FairReads, type WaitingReader } from "../../../src/transport/websocket/codec/fair-reads.ts";
import { CodecSocket } from "../../../src/transport/websocket/codec/codec-engine.ts";
import { WriteScheduler } from "../../../src/transport/websocket/write-scheduler.ts";
import { onTestEnd } from "../../support/clean-up.ts";
import { listen } from "../../support/listen.ts";
import { unlimitedMemory } from "../../support/room/memory-budget.ts";
import { makeFrame, OPCODE } from "../../support/raw-client.ts";

const LARGE = 65_536;
const TURN_BYTES = 262_144;

/** Readers that note when they may go on. */
function makeReaders(count: number): { readonly readers: readonly WaitingReader[]; readonly wentOn: number[] } {
  const wentOn: number[] = [];
  const readers = Array.from({ length: count }, (_, index) => ({
    waitingBytes: LARGE,
    goOn: () => void wentOn.push(index),
  }));
  return { readers, wentOn };
}

describe("large reads in one turn", () => {
  test("are handled up to the quota; the readers beyond it go on in their order, a quota a turn", async () => {
    const reads = new FairReads();
    const { readers, wentOn } = makeReaders(14);
    const isTaken = readers.map((reader) => reads.take(reader, LARGE));
    expect(isTaken.filter(Boolean)).toHaveLength(TURN_BYTES / LARGE);
    expect(isTaken.indexOf(false)).toBe(TURN_BYTES / LARGE);
    await nextTurn();
    expect(wentOn).toEqual([4, 5, 6, 7]);
    await nextTurn();
    await nextTurn();
    expect(wentOn).toEqual([4, 5, 6, 7, 8, 9, 10, 11, 12, 13]);
  });

  test("never put off a small one", () => {
    const reads = new FairReads();
    const { readers } = makeReaders(20);
    for (const reader of readers) reads.take(reader, LARGE);
    const { readers: small } = makeReaders(1_000);
    expect(small.every((reader) => reads.take(reader, 200))).toBe(true);
  });

  test("of a socket that is gone are not waited for", async () => {
    const reads = new FairReads();
    const { readers, wentOn } = makeReaders(6);
    for (const reader of readers) reads.take(reader, LARGE);
    for (const reader of readers) reads.forget(reader);
    await nextTurn();
    expect(wentOn).toEqual([]);
  });
});

test("sockets that are put off lose no byte, also where their peer has ended and their owner pauses them", async () => {
  const frames = 40;
  const peers = 8;
  const messages = Array.from({ length: frames }, () => randomBytes(100_000));
  const fairReads = new FairReads();
  const scheduler = new WriteScheduler();
  const whole: Promise<void>[] = [];
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    let [resolve, reject]: [() => void, (error: Error) => void] = [() => {}, () => {}];
    whole.push(new Promise<void>((...settle) => ([resolve, reject] = settle)));
    let next = 0;
    const listener = {
      onMessage(data: Uint8Array): void {
        if (messages[next]?.equals(data) !== true) reject(new Error(`Message ${next} is another one.`));
        next += 1;
        if (next % 10 !== 0) return;
        reader.pause();
        setImmediate(() => reader.resume());
      },
      onEnd: () => (next === frames ? resolve() : reject(new Error(`The end came after ${next} messages.`))),
      onBytes() {},
      onPart() {},
      onPing() {},
      onPong() {},
      onClose() {},
      onFault: () => reject(new Error("A frame was spoiled.")),
      onDrained() {},
      onSocketClosed() {},
    };
    const memory = unlimitedMemory().open({ cut() {} });
    const accepted = { socket, head: Buffer.alloc(0), maxPayload: 1_048_576, memory };
    const reader = new CodecSocket(accepted, { scheduler, fairReads }, listener);
  });
  onTestEnd(() => server.close());
  const port = await listen(server);
  const sent = Buffer.concat(messages.map((message) => makeFrame(OPCODE.binary, message, { mask: randomBytes(4) })));
  const sockets: Socket[] = [];
  for (let peer = 0; peer < peers; peer++) {
    const socket = connect({ port, host: "127.0.0.1" });
    onTestEnd(() => socket.destroy());
    await once(socket, "connect");
    sockets.push(socket);
  }
  for (const socket of sockets) socket.end(sent);
  await Promise.all(sockets.map((socket) => once(socket, "finish")));
  expect(whole).toHaveLength(peers);
  await Promise.all(whole);
});
