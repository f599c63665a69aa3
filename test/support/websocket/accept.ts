/** Puts a port on a stream that a test holds in its hand, through the codec. */
import { FairReads } from "../../../src/transport/websocket/codec/fair-reads.ts";
import type { MemoryAccount } from "../../../src/room/memory-budget.ts";
import { CodecSocket } from "../../../src/transport/websocket/codec/codec-engine.ts";
import type { EngineSocket, SocketListener } from "../../../src/transport/websocket/engine.ts";
import type { WriteScheduler } from "../../../src/transport/websocket/write-scheduler.ts";
import { unlimitedMemory } from "../room/memory-budget.ts";
import type { FakeStream } from "./fake-stream.ts";

export interface AcceptOptions {
  readonly stream: FakeStream;
  readonly scheduler: WriteScheduler;
  readonly maxPayload: number;
  readonly memory?: MemoryAccount;
  /** What came with the handshake. */
  readonly head?: Buffer;
}

export function acceptWith({ stream, scheduler, maxPayload, head = Buffer.alloc(0), ...rest }: AcceptOptions) {
  const { memory = unlimitedMemory().open({ cut() {} }) } = rest;
  return (listener: SocketListener): EngineSocket =>
    new CodecSocket({ socket: stream, head, maxPayload, memory }, { scheduler, fairReads: new FairReads() }, listener);
}
