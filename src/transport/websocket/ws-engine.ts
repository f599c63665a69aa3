/**
 * The library `ws` as an engine; on Bun its name stands for Bun's native implementation. Compared with the codec:
 *
 * - A peer's Close is told when the connection is over. `ws` answers it, and faults, itself: with the same codes, and other reasons.
 * - On Bun the bytes of a message are not seen before it is whole: `onPart` is never called and `onBytes` counts whole frames.
 * - Frames are handed to the kernel one by one, and a frame that goes to many sockets is framed for each. What was handed over cannot be dropped.
 */
import { WebSocketServer, type WebSocket } from "ws";
import { compact } from "../../room/lent-bytes.ts";
import type { EngineSocket, FrameFault, SocketListener, Upgrade, WebSocketEngine } from "./engine.ts";

/** So many bytes that wait make a socket busy. */
const BUSY_BYTES = 16_384;
/** How `ws` says that a Close had no code, and that there was no Close. Neither travels. */
const NO_CODE = 1005;
const NO_CLOSE = 1006;

export function createWsEngine(): WebSocketEngine {
  /** By `maxPayload`, which is an option of a whole server in `ws`. */
  const servers = new Map<number, WebSocketServer>();

  const serverFor = (maxPayload: number): WebSocketServer => {
    let server = servers.get(maxPayload);
    if (server === undefined) {
      const options = { noServer: true, clientTracking: false, perMessageDeflate: false, autoPong: false, maxPayload };
      server = new WebSocketServer({ ...options, skipUTF8Validation: false });
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
        accepted = new WsSocket(webSocket, socket, listener);
      });
      if (accepted === undefined) throw new Error("The library ws did not take over the connection.");
      return accepted;
    },
  };
}

class WsSocket implements EngineSocket {
  readonly #webSocket: WebSocket;
  readonly #listener: SocketListener;
  readonly #onWritten: (error?: Error | null) => void;
  #isBackedUp = false;
  /** The public stream shows what is read: not on Bun. */
  #seesParts = false;
  #framesOfRead = 0;

  constructor(webSocket: WebSocket, socket: Upgrade["socket"], listener: SocketListener) {
    this.#webSocket = webSocket;
    this.#listener = listener;
    this.#onWritten = (error) => {
      if (!this.#isBackedUp || error || webSocket.bufferedAmount > 0) return;
      this.#isBackedUp = false;
      listener.onDrained();
    };
    webSocket.on("message", (data, isBinary) => {
      if (!(data instanceof Uint8Array)) return; // the type also has other shapes, which are not asked for
      this.#hearFrame(data.length);
      listener.onMessage(data, !isBinary);
    });
    webSocket.on("ping", (payload) => {
      this.#hearFrame(payload.length);
      listener.onPing(payload);
    });
    webSocket.on("pong", (payload) => {
      this.#hearFrame(payload.length);
      listener.onPong(payload);
    });
    webSocket.on("error", (error) => {
      const fault = faultOf(error);
      if (fault !== undefined) listener.onFault(fault);
    });
    webSocket.on("close", (code) => {
      if (code !== NO_CLOSE) listener.onClose(code === NO_CODE ? undefined : code);
      listener.onSocketClosed();
    });
    socket.on("data", (chunk: Buffer) => this.#hearBytes(chunk.length));
    // Before `ws` hears of it: an end behind a Close is told as that Close.
    socket.prependListener("end", () => {
      if (webSocket.readyState === webSocket.OPEN) listener.onEnd();
    });
  }

  get queued(): number {
    return this.#webSocket.bufferedAmount;
  }

  get isBusy(): boolean {
    return this.#webSocket.bufferedAmount >= BUSY_BYTES;
  }

  send(data: Uint8Array, isText: boolean, head?: Uint8Array): void {
    const message = head === undefined ? compact(data) : Buffer.concat([head, data]);
    this.#webSocket.send(message, { binary: !isText }, this.#onWritten);
    this.#noteQueue();
  }

  sendCorked(data: Uint8Array, isText: boolean): void {
    this.send(data, isText);
  }

  ping(payload: Uint8Array): void {
    this.#webSocket.ping(payload, undefined, this.#onWritten);
    this.#noteQueue();
  }

  pingCorked(payload: Uint8Array): void {
    this.ping(payload);
  }

  pong(payload: Uint8Array): void {
    this.#webSocket.pong(payload, undefined, this.#onWritten);
    this.#noteQueue();
  }

  close(code: number | undefined, reason: string): void {
    this.#webSocket.close(code, reason);
  }

  /** `ws` ends the connection itself, after a Close, a fault, or the peer's end. */
  end(): void {}

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
    if (this.#webSocket.bufferedAmount > 0) this.#isBackedUp = true;
  }

  #hearFrame(bytes: number): void {
    this.#framesOfRead += 1;
    if (!this.#seesParts) this.#listener.onBytes(bytes);
  }

  /** Comes after the frames of the same read. */
  #hearBytes(bytes: number): void {
    const isPart = this.#framesOfRead === 0 && this.#webSocket.readyState === this.#webSocket.OPEN;
    this.#seesParts = true;
    this.#framesOfRead = 0;
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
