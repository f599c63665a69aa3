/** The reader of `ws`, set up as `ws` itself has it, and what it tells. It is the measure for our own. */
import type { Writable } from "node:stream";
import * as ws from "ws";
import type { FrameEnd, Heard } from "./heard.ts";

/** What of its options matters here; the types of `ws` do not know the class. */
interface ReceiverOptions {
  readonly isServer: boolean;
  readonly maxPayload: number;
  readonly maxFragments: number;
  /** Pieces of one frame; 0 for any number. */
  readonly maxBufferedChunks: number;
  readonly allowSynchronousEvents: true;
}

const Receiver: new (options: ReceiverOptions) => Writable = Reflect.get(ws, "Receiver");

/** What a server of `ws` allows by default. */
const MAX_FRAGMENTS = 16_384;
/** How `ws` says "no code", which never travels. */
const NO_CODE = 1005;

/** That of a server, or of a client. */
export function createWsEnd(maxPayload: number, { maxBufferedChunks = 0, isServer = true } = {}): FrameEnd {
  const heard: Heard[] = [];
  let isOver = false;
  const receiver = new Receiver({
    isServer,
    maxPayload,
    maxFragments: MAX_FRAGMENTS,
    maxBufferedChunks,
    allowSynchronousEvents: true,
  });
  receiver.on("message", (data: Buffer, isBinary: boolean) => {
    heard.push({ kind: isBinary ? "binary" : "text", data: Buffer.from(data) });
  });
  receiver.on("ping", (data: Buffer) => heard.push({ kind: "ping", data: Buffer.from(data) }));
  receiver.on("pong", (data: Buffer) => heard.push({ kind: "pong", data: Buffer.from(data) }));
  receiver.on("conclude", (code: number) => {
    isOver = true;
    heard.push({ kind: "close", code: code === NO_CODE ? undefined : code });
  });
  receiver.on("error", () => {}); // told a turn later; it is read from `errored` below
  return {
    heard,
    read(chunk) {
      if (isOver) return;
      receiver.write(chunk);
      const error = receiver.errored;
      if (error === null) return;
      isOver = true;
      heard.push({ kind: "fault", code: statusOf(error) });
    },
  };
}

/** `ws` keeps the close code under a symbol that it does not export. */
function statusOf(error: Error): number {
  const symbol = Object.getOwnPropertySymbols(error).find(({ description }) => description === "status-code");
  const status: unknown = symbol === undefined ? undefined : Reflect.get(error, symbol);
  if (typeof status !== "number") throw new Error("The reader of ws met a bug", { cause: error });
  return status;
}
