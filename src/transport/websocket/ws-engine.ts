/**
 * The library `ws` as an engine; on Bun its name stands for Bun's native implementation. Compared with the codec:
 *
 * - Frames are handed to the kernel one by one, and a frame that goes to many sockets is framed for each. What was handed over cannot be dropped.
 * - On Bun the bytes of a message are not seen before it is whole: `onPart` is never called and `onBytes` counts whole frames. A peer's Close is answered
 *   by the runtime, with the peer's own reason, and so are faults, without one.
 */
import { WebSocket, WebSocketServer, type Server } from "ws";
import type { MemoryAccount } from "../../room/memory-budget.ts";
import type { EngineSocket, FrameFault, SocketListener, Upgrade, WebSocketEngine } from "./engine.ts";
import { WriteGrace } from "./write-grace.ts";
import type { WriteScheduler } from "./write-scheduler.ts";

/** So many bytes that wait make a socket busy. */
const BUSY_BYTES = 16_384;
/** What a frame that waits costs besides its bytes: two writes of a stream, with their buffers and callbacks. */
const WAITING_FRAME_BYTES = 512;
/** The memory budget is told of changes of this size, and of the end of a queue. */
const COUNTED_BYTES = 4_096;
/** The head of a client's control frame, its mask included. */
const CONTROL_HEAD_BYTES = 6;
/** How long a peer may take to hang up after a Close. */
const CLOSE_TIMEOUT_MS = 5_000;
/** How `ws` says that a Close had no code, and that there was no Close. Neither travels. */
const NO_CODE = 1005;
const NO_CLOSE = 1006;

const TEXT = { binary: false };
const BINARY = { binary: true };

export function createWsEngine(scheduler: WriteScheduler): WebSocketEngine {
  /** By `maxPayload`, which is an option of a whole server in `ws`. */
  const servers = new Map<number, Server<typeof PeerWebSocket>>();

  const serverFor = (maxPayload: number): Server<typeof PeerWebSocket> => {
    let server = servers.get(maxPayload);
    if (server === undefined) {
      const options = {
        closeTimeout: CLOSE_TIMEOUT_MS,
        noServer: true,
        clientTracking: false,
        perMessageDeflate: false,
        autoPong: false,
        maxPayload,
      };
      server = new WebSocketServer({ ...options, skipUTF8Validation: false, WebSocket: PeerWebSocket });
      servers.set(maxPayload, server);
    }
    return server;
  };

  return {
    accept(upgrade, listener) {
      const { request, socket, head, subprotocol, maxPayload } = upgrade;
      // The choice is made: `ws` takes the first subprotocol of this header, and refuses a header that it cannot parse.
      if (subprotocol === undefined) delete request.headers["sec-websocket-protocol"];
      else request.headers["sec-websocket-protocol"] = subprotocol;
      let accepted: EngineSocket | undefined;
      serverFor(maxPayload).handleUpgrade(request, socket, head, (webSocket) => {
        accepted = new WsSocket(webSocket, upgrade, scheduler, listener);
      });
      if (accepted === undefined) throw new Error("The library ws did not take over the connection.");
      return accepted;
    },
  };
}

/**
 * A WebSocket whose peer's Close is told when it comes, and not when the connection is over. `ws` answers a Close by calling `close` with the
 * code and reason of the peer; for a fault it gives the code alone, and emits an error. The engine answers both in its own words, by `closeWith`. Where a
 * runtime answers without calling `close`, the event of that name tells.
 */
class PeerWebSocket extends WebSocket {
  onPeerClose: ((code: number | undefined) => void) | undefined;

  override close(code?: number, reason?: string | Buffer): void {
    const isFault = code !== undefined && reason === undefined;
    if (!isFault) this.onPeerClose?.(code);
  }

  closeWith(code?: number, reason?: string): void {
    super.close(code, reason);
  }
}

class WsSocket implements EngineSocket {
  readonly #webSocket: PeerWebSocket;
  readonly #listener: SocketListener;
  readonly #onWritten: (error?: Error | null) => void;
  readonly #memory: MemoryAccount;
  readonly #scheduler: WriteScheduler;
  readonly #grace: WriteGrace | undefined;
  #counted = 0;
  /** Something waits, as was seen after a frame was sent. Asked before `bufferedAmount`, which is native code on Bun. */
  #isBackedUp = false;
  /** Frames that were sent and are not written yet. */
  #waiting = 0;
  /** The public stream shows what is read: not on Bun. */
  #seesParts = false;
  #framesOfRead = 0;
  #hasMessageInRead = false;
  /** Bytes of the read that are control frames, which may come in the middle of a message. */
  #controlBytesOfRead = 0;
  /** Bytes of a message that is not over. */
  #partBytes = 0;
  #hasToldClose = false;

  constructor(
    webSocket: PeerWebSocket,
    { socket, memory }: Upgrade,
    scheduler: WriteScheduler,
    listener: SocketListener,
  ) {
    this.#memory = memory;
    this.#scheduler = scheduler;
    this.#grace = WriteGrace.for(socket, scheduler);
    this.#webSocket = webSocket;
    this.#listener = listener;
    this.#onWritten = (error) => {
      this.#waiting -= 1;
      if (this.#counted > 0) this.#count();
      if (!this.#isBackedUp || error || webSocket.bufferedAmount > 0) return;
      this.#isBackedUp = false;
      listener.onDrained();
    };
    webSocket.on("message", (data, isBinary) => {
      if (!(data instanceof Uint8Array)) return; // the type has other shapes, which only come when they are asked for
      this.#hasMessageInRead = true;
      this.#hearFrame(data.length);
      listener.onMessage(data, !isBinary);
    });
    webSocket.on("ping", (payload) => {
      this.#hearControl(payload.length);
      listener.onPing(payload);
    });
    webSocket.on("pong", (payload) => {
      this.#hearControl(payload.length);
      listener.onPong(payload);
    });
    webSocket.on("error", (error) => {
      const fault = faultOf(error);
      if (fault !== undefined) listener.onFault(fault);
    });
    webSocket.onPeerClose = (code) => this.#tellClose(code);
    webSocket.on("close", (code) => {
      if (code !== NO_CLOSE) this.#tellClose(code === NO_CODE ? undefined : code);
      listener.onSocketClosed();
    });
    socket.on("data", (chunk: Buffer) => this.#hearBytes(chunk.length));
    // Before `ws` hears of it: an end behind a Close is no news.
    socket.prependListener("end", () => {
      if (webSocket.readyState === webSocket.OPEN) listener.onEnd();
    });
  }

  get queued(): number {
    return this.#grace?.isRunning === true ? 0 : this.#waitingBytes;
  }

  get #waitingBytes(): number {
    if (!this.#isBackedUp) return 0;
    const { bufferedAmount } = this.#webSocket;
    return bufferedAmount > 0 ? bufferedAmount + this.#waiting * WAITING_FRAME_BYTES : 0;
  }

  get isBusy(): boolean {
    if (!this.#isBackedUp) return false;
    const { bufferedAmount } = this.#webSocket;
    return bufferedAmount >= BUSY_BYTES && this.#grace?.covers(bufferedAmount) !== true;
  }

  send(data: Uint8Array, isText: boolean, head?: Uint8Array): void {
    const { preparedFrame, event } = this.#scheduler;
    const message = head === undefined ? preparedFrame.owned(data, event) : Buffer.concat([head, data]);
    this.#waiting += 1;
    this.#webSocket.send(message, isText ? TEXT : BINARY, this.#onWritten);
    this.#noteQueue();
  }

  sendCorked(data: Uint8Array, isText: boolean): void {
    this.send(data, isText);
  }

  ping(payload: Uint8Array): void {
    this.#waiting += 1;
    this.#webSocket.ping(payload, undefined, this.#onWritten);
    this.#noteQueue();
  }

  pingCorked(payload: Uint8Array): void {
    this.ping(payload);
  }

  pong(payload: Uint8Array): void {
    this.#waiting += 1;
    this.#webSocket.pong(payload, undefined, this.#onWritten);
    this.#noteQueue();
  }

  close(code: number | undefined, reason: string): void {
    this.#webSocket.closeWith(code, reason);
  }

  /** Nothing: `ws` has handed all of it to the stream. */
  dropQueue(): void {}

  /** Only ever after a Close, a fault or the peer's end: then `ws` ends the connection, at once or when it has written all. */
  end(): void {
    if (this.#webSocket.readyState === this.#webSocket.CLOSING) this.#webSocket.closeWith();
  }

  terminate(): void {
    this.#webSocket.terminate();
  }

  pause(): void {
    this.#webSocket.pause();
  }

  resume(): void {
    this.#webSocket.resume();
  }

  #noteQueue(): void {
    if (this.#webSocket.bufferedAmount === 0) return;
    if (!this.#isBackedUp) this.#grace?.begin();
    this.#isBackedUp = true;
    this.#count();
  }

  /** Tells the memory budget what waits, and what has come of a message. In steps, since this is called for each frame. */
  #count(): void {
    const bytes = this.#waitingBytes + this.#partBytes;
    const change = bytes - this.#counted;
    if (bytes > 0 && Math.abs(change) < COUNTED_BYTES) return;
    this.#counted = bytes;
    this.#memory.add(change);
  }

  #tellClose(code: number | undefined): void {
    if (this.#hasToldClose) return;
    this.#hasToldClose = true;
    this.#listener.onClose(code);
  }

  #hearFrame(bytes: number): void {
    this.#framesOfRead += 1;
    if (!this.#seesParts) this.#listener.onBytes(bytes);
  }

  #hearControl(payloadBytes: number): void {
    this.#controlBytesOfRead += CONTROL_HEAD_BYTES + payloadBytes;
    this.#hearFrame(payloadBytes);
  }

  /** Comes after the frames of the same read. */
  #hearBytes(bytes: number): void {
    const isPart = this.#framesOfRead === 0 && this.#webSocket.readyState === this.#webSocket.OPEN;
    this.#seesParts = true;
    const partBytes = this.#hasMessageInRead ? 0 : this.#partBytes + bytes - this.#controlBytesOfRead;
    this.#partBytes = Math.max(0, partBytes); // of a control frame that was cut, the beginning came with the read before
    this.#framesOfRead = 0;
    this.#hasMessageInRead = false;
    this.#controlBytesOfRead = 0;
    if (this.#partBytes > 0 || this.#counted > 0) this.#count();
    this.#listener.onBytes(bytes);
    if (isPart) this.#listener.onPart();
  }
}

/** `ws` documents these codes of its errors; all others are of the connection, whose end says enough. */
function faultOf(error: Error): FrameFault | undefined {
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  switch (code) {
    case "WS_ERR_INVALID_UTF8":
      return "invalid_text";
    case "WS_ERR_TOO_MANY_BUFFERED_PARTS":
      return "too_many_fragments";
    case "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH":
    case "WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH":
      return "frame_too_large";
    default:
      return code.startsWith("WS_ERR_") ? "protocol_error" : undefined;
  }
}
