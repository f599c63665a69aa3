import { once } from "node:events";
import type { ServerOpts, Socket } from "node:net";
import { PassThrough } from "node:stream";
import { TLSSocket } from "node:tls";
import { describe, expect, test } from "@jest/globals";
import { writeDirectly } from "../../../src/transport/websocket/direct-write.ts";
import { EventLoopTurn } from "../../../src/transport/websocket/event-loop-turn.ts";
import { FrameWriter } from "../../../src/transport/websocket/frame-writer.ts";
import { handleOf } from "../../../src/transport/websocket/socket-handle.ts";
import { OPCODE } from "../../support/raw-client.ts";
import { onTestEnd } from "../../support/clean-up.ts";
import { connectedSockets, type SocketEnds } from "../../support/websocket/connected-sockets.ts";
import { framesOf } from "../../support/websocket/writer-bench.ts";

/** More than the system takes off our hands while nobody reads. */
const MUCH_BYTES = 16 * 1_048_576;

interface Ends extends SocketEnds {
  /** The next so many bytes that arrive at the other end. */
  readonly read: (count: number) => Promise<Buffer>;
}

/** The other end is read only when the test asks. */
async function connected(options: ServerOpts = {}): Promise<Ends> {
  const ends = await connectedSockets(options);
  const { theirs } = ends;
  return {
    ...ends,
    async read(count) {
      const chunks: Buffer[] = [];
      let bytes = 0;
      while (bytes < count) {
        const chunk: unknown = theirs.read();
        if (!Buffer.isBuffer(chunk)) {
          await once(theirs, "readable");
          continue;
        }
        chunks.push(chunk);
        bytes += chunk.length;
      }
      return Buffer.concat(chunks);
    },
  };
}

function writerOn(stream: Socket) {
  const writer = { drained: 0, turn: new EventLoopTurn() };
  const frames = new FrameWriter(stream, writer.turn, { onDrained: () => (writer.drained += 1) });
  return Object.assign(writer, {
    frames,
    /** As the answer to a read of its own. */
    send(payload: Buffer) {
      writer.turn.beginRead({ isMoreAtHand: false });
      frames.send(OPCODE.binary, payload);
    },
  });
}

describe("what is written to a socket's descriptor", () => {
  test("arrives, and the stream knows nothing of it", async () => {
    const { ours, read } = await connected();
    const descriptor = handleOf(ours);
    expect(writeDirectly(descriptor ?? {}, Buffer.from("hello"))).toBe(5);
    expect([ours.writableLength, ours.bytesWritten]).toEqual([0, 0]);
    expect((await read(5)).toString()).toBe("hello");
  });

  test("is nothing once the socket is destroyed: its number may be another connection's", async () => {
    const { ours } = await connected();
    const descriptor = handleOf(ours);
    ours.destroy();
    expect(writeDirectly(descriptor ?? {}, Buffer.from("hello"))).toBe(0);
    expect(handleOf(ours)).toBeUndefined();
  });

  test("is what the socket takes, and then nothing, while nobody reads", async () => {
    const { ours } = await connected();
    const descriptor = handleOf(ours) ?? {};
    const taken = writeDirectly(descriptor, Buffer.alloc(MUCH_BYTES));
    expect(taken).toBeGreaterThan(0);
    expect(taken).toBeLessThan(MUCH_BYTES);
    let attempts = 0;
    while (writeDirectly(descriptor, Buffer.alloc(MUCH_BYTES)) > 0 && attempts < 100) attempts += 1;
    expect(attempts).toBeLessThan(100);
  });

  test("is nothing behind TLS, past whose encryption nobody writes, nor where there is no socket", async () => {
    const { ours } = await connected();
    const secure = new TLSSocket(ours, { isServer: true });
    onTestEnd(() => secure.destroy());
    secure.on("error", () => secure.destroy());
    const handle: unknown = Reflect.get(secure, "_handle");
    expect(handle).toHaveProperty("fd", handleOf(ours)?.fd); // so it could be done
    expect(handleOf(secure)).toBeUndefined();
    expect(handleOf(new PassThrough())).toBeUndefined();
  });
});

describe("frames on a real socket", () => {
  test("arrive whole and in order, though nobody reads for a while and the socket takes only parts of them", async () => {
    const { ours, read } = await connected();
    const writer = writerOn(ours);
    const payloads: Buffer[] = [];
    for (let number = 0; ours.writableLength === 0 || payloads.length % 50 !== 0; number++) {
      const payload = Buffer.alloc(1 + ((number * 7_919) % 16_000), number);
      payloads.push(payload);
      writer.send(payload);
    }
    expect(writer.frames.queued).toBeGreaterThan(0);
    const expected = framesOf(...payloads);
    const arrived = await read(expected.length);
    expect(arrived.equals(expected)).toBe(true);
    while (writer.drained === 0) await new Promise((resolve) => setImmediate(resolve));
    expect([writer.drained, writer.frames.queued]).toEqual([1, 0]);
    writer.send(Buffer.from("and on"));
    expect((await read(8)).equals(framesOf("and on"))).toBe(true);
  });

  test("go past its stream while that holds nothing", async () => {
    const { ours, read } = await connected();
    writerOn(ours).send(Buffer.from("hello"));
    expect(ours.bytesWritten).toBe(0);
    expect((await read(7)).equals(framesOf("hello"))).toBe(true);
  });

  test("that meet an error leave it to the stream, which tells of it and ends", async () => {
    const { ours, theirs } = await connected({ pauseOnConnect: true }); // so that only a write can meet it
    const writer = writerOn(ours);
    const errors: unknown[] = [];
    ours.on("error", (error) => errors.push(error));
    const closed = new Promise((resolve) => ours.once("close", resolve));
    theirs.resetAndDestroy();
    while (!ours.destroyed) {
      writer.send(Buffer.from("anybody there?"));
      await new Promise((resolve) => setImmediate(resolve));
    }
    await closed;
    expect(errors).toEqual([expect.objectContaining({ syscall: "write" })]);
    writer.send(Buffer.from("and now?"));
    expect(writer.drained).toBe(0);
  });

  test("are the stream's once it has ended, and refused by it", async () => {
    const { ours, read } = await connected();
    const writer = writerOn(ours);
    const failed = once(ours, "error");
    writer.send(Buffer.from("bye"));
    writer.frames.end();
    writer.send(Buffer.from("one thing more"));
    expect(await failed).toEqual([expect.objectContaining({ code: "ERR_STREAM_WRITE_AFTER_END" })]);
    expect((await read(5)).equals(framesOf("bye"))).toBe(true);
  });
});
