/** A writer of frames on a socket that a test holds in its hand. */
import { WriteScheduler } from "../../../src/transport/websocket/write-scheduler.ts";
import { FrameWriter } from "../../../src/transport/websocket/codec/frame-writer.ts";
import { unlimitedMemory } from "../room/memory-budget.ts";
import { OPCODE } from "../raw-client.ts";
import { endOfTurn, FakeStream } from "./fake-stream.ts";

export interface WriterBench {
  readonly stream: FakeStream;
  readonly writer: FrameWriter;
  /** Some socket has brought something: what is sent from now on is an answer to that. */
  nextRead(): void;
  /** How often all had left. */
  drained: number;
  send(payload: Uint8Array | string): void;
}

export function createWriterBench(
  turn = new WriteScheduler(),
  memory = unlimitedMemory().open({ cut() {} }),
  stream = new FakeStream(),
): WriterBench {
  const bench: WriterBench = {
    stream,
    nextRead() {
      turn.endRead();
      turn.beginRead({ isMoreAtHand: false });
    },
    drained: 0,
    writer: new FrameWriter(stream, turn, { onDrained: () => void (bench.drained += 1) }, memory),
    send: (payload) => bench.writer.send(OPCODE.binary, Buffer.from(payload)),
  };
  return bench;
}

/** As RFC 6455 (5.2) writes a server's frame; our own words, so that the writer is not measured by itself. */
export function frameOf(payload: Uint8Array | string, opcode: number = OPCODE.binary): Buffer {
  const bytes = Buffer.from(payload);
  const head = Buffer.alloc(bytes.length < 126 ? 2 : bytes.length < 65_536 ? 4 : 10);
  head[0] = 0x80 | opcode;
  head[1] = bytes.length < 126 ? bytes.length : bytes.length < 65_536 ? 126 : 127;
  if (head.length === 4) head.writeUInt16BE(bytes.length, 2);
  if (head.length === 10) head.writeBigUInt64BE(BigInt(bytes.length), 2);
  return Buffer.concat([head, bytes]);
}

export function framesOf(...payloads: readonly (Uint8Array | string)[]): Buffer {
  return Buffer.concat(payloads.map((one) => frameOf(one)));
}

/** What each system call took, in hex. */
export function callsOf({ stream }: WriterBench): string[] {
  return stream.calls.map((pieces) => Buffer.concat(pieces).toString("hex"));
}

/** The same, as it ought to be. */
export function callOf(...payloads: readonly (Uint8Array | string)[]): string {
  return framesOf(...payloads).toString("hex");
}

/** Takes whatever is given, until a turn of the event loop brings no more; what is told of it may be answered in the next. */
export async function takeAll(stream: FakeStream): Promise<void> {
  do {
    stream.takeHeld();
    await endOfTurn();
    await endOfTurn();
  } while (stream.isHolding);
}
