/** Puts a port on a stream that a test holds in its hand, through the codec. */
import { CodecSocket } from "../../../src/transport/websocket/codec/codec-engine.ts";
import type { EngineSocket, SocketListener } from "../../../src/transport/websocket/engine.ts";
import type { WriteScheduler } from "../../../src/transport/websocket/write-scheduler.ts";
import type { HandStream } from "./hand-stream.ts";

export interface AcceptOptions {
  readonly stream: HandStream;
  readonly scheduler: WriteScheduler;
  readonly maxPayload: number;
  /** What came with the handshake. */
  readonly head?: Buffer;
}

export function acceptWith({ stream, scheduler, maxPayload, head = Buffer.alloc(0) }: AcceptOptions) {
  return (listener: SocketListener): EngineSocket => new CodecSocket(stream, head, maxPayload, scheduler, listener);
}
