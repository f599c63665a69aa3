/** Our own reader of frames, and what it tells. */
import { CLOSE_CODES } from "../../../src/protocol/close-codes.ts";
import { toOwned } from "../../../src/room/borrowed-buffer.ts";
import { FrameReader } from "../../../src/transport/websocket/codec/frame-reader.ts";
import type { FrameEnd, Heard } from "./heard.ts";

export interface OurEnd extends FrameEnd {
  readonly reader: FrameReader;
  /** Whether every message, each of them kept, still has the bytes that it was told with: what was read later may not change them. */
  areMessagesUnchanged(): boolean;
  /** Lets go of what was heard. */
  forget(): void;
}

export function createOurEnd(maxPayload: number): OurEnd {
  const heard: Heard[] = [];
  const told: { readonly view: Uint8Array; readonly copy: Buffer }[] = [];
  const hear = (kind: "text" | "binary" | "ping" | "pong", data: Uint8Array): void => {
    const copy = Buffer.from(data);
    told.push({ view: toOwned(data), copy });
    heard.push({ kind, data: copy });
  };
  const reader = new FrameReader(
    {
      onMessage: (data, isText) => hear(isText ? "text" : "binary", data),
      onPing: (payload) => hear("ping", payload),
      onPong: (payload) => hear("pong", payload),
      onClose: (code) => heard.push({ kind: "close", code }),
      onFault: (fault) => heard.push({ kind: "fault", code: CLOSE_CODES[fault].code }),
    },
    maxPayload,
  );
  return {
    reader,
    heard,
    read: (chunk) => reader.read(chunk),
    areMessagesUnchanged: () => told.every(({ view, copy }) => copy.equals(view)),
    forget() {
      heard.length = 0;
      told.length = 0;
    },
  };
}
