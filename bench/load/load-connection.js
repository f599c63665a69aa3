/**
 * One connection to the server. All connections read into one shared buffer and parse frames in place; only an incomplete frame is
 * copied. So the load generator allocates nothing for a frame.
 */
import { connect } from "node:net";
import { Conversation } from "./conversation.js";

const READ_BYTES = 256 * 1024;
const readBuffer = Buffer.allocUnsafe(READ_BYTES);
const FIRST_BATCH_BYTES = 16 * 1024;

/**
 * @typedef {object} Request
 * @property {string} [path]
 * @property {string} [protocol]
 * @property {(connection: LoadConnection) => void} [equip] called before anything can have come
 */

/**
 * Opens a connection. The kernel chooses the local port, out of some 28,000 for each port of a server; binding to other loopback addresses would
 * make each connect slower.
 * @param {object} wire
 * @param {number} port
 * @param {Request} [request]
 * @returns {Promise<LoadConnection>} once frames can be sent
 */
export function openConnection(wire, port, request = {}) {
  return new Promise((resolve, reject) => {
    const connection = new LoadConnection(wire, port, request, (error) =>
      error === undefined ? resolve(connection) : reject(error),
    );
  });
}

export class LoadConnection {
  #wire;
  #socket;
  #accept;
  /** The beginning of an incomplete frame. */
  #held = Buffer.alloc(0);
  #heldBytes = 0;
  /** Bytes that leave in one write. */
  #batch = Buffer.alloc(0);
  #batchBytes = 0;
  #isEnding = false;

  /** Whether all frames that one read causes leave in one write. */
  isBatching = false;
  /** Called with each message, which has to be used up before it returns. @type {(bytes: Buffer, start: number, end: number, isText: boolean) => void} */
  onMessage = () => {};
  /** Called when the server ends the connection, with its reason. @type {(reason: string) => void} */
  onCut = () => {};
  /** How an adapter hears what the server says until the traffic begins, which takes `onMessage` and `onCut` over. */
  conversation = new Conversation(this);
  /** What an adapter keeps for a connection that counts its frames. @type {{ take: (bytes: Buffer, start: number, end: number, isText: boolean) => boolean } | undefined} */
  reliable;

  /** @param {object} wire @param {number} port @param {Request} request @param {(error?: Error) => void} onReady */
  constructor(wire, port, { path = "/", protocol, equip }, onReady) {
    this.#wire = wire;
    equip?.(this);
    const isShaking = wire.openingHandshake !== undefined;
    const onread = { buffer: readBuffer, callback: (count) => this.#read(count, onReady) };
    this.#socket = connect({ host: "127.0.0.1", port, noDelay: true, onread });
    this.#socket.on("connect", () => {
      if (!isShaking) return onReady();
      const { request, accept } = wire.openingHandshake({ host: `127.0.0.1:${port}`, path, protocol });
      this.#accept = accept;
      this.#socket.write(request);
      return undefined;
    });
    this.#socket.on("error", (error) => onReady(error));
    this.#socket.on("close", () => {
      onReady(new Error("The server closed a connection that was being opened."));
      if (!this.#isEnding) this.onCut("without a word");
    });
  }

  /** @param {number} count @param {(error?: Error) => void} onReady */
  #read(count, onReady) {
    let bytes = readBuffer;
    let end = count;
    if (this.#heldBytes > 0) {
      this.#hold(readBuffer, 0, count);
      bytes = this.#held;
      end = this.#heldBytes;
    }
    let at = 0;
    if (this.#accept !== undefined) {
      at = this.#shake(bytes.subarray(0, end), onReady);
      if (at === -1) {
        if (bytes !== this.#held) this.#hold(bytes, 0, end);
        return true;
      }
    }
    at = this.#wire.readFrames(this, bytes, at, end);
    this.#heldBytes = 0;
    if (at < end) this.#hold(bytes, at, end);
    if (this.#batchBytes > 0) this.flush();
    return true;
  }

  #shake(bytes, onReady) {
    try {
      const at = this.#wire.readHandshake(bytes, this.#accept);
      if (at !== -1) {
        this.#accept = undefined;
        onReady();
      }
      return at;
    } catch (error) {
      onReady(error);
      this.end();
      return -1;
    }
  }

  /** Keeps bytes for the next read. They may be part of the buffer that they are copied to. */
  #hold(bytes, start, end) {
    const needed = this.#heldBytes + end - start;
    if (needed > this.#held.length) {
      const larger = Buffer.allocUnsafe(needed * 2);
      this.#held.copy(larger, 0, 0, this.#heldBytes);
      bytes.copy(larger, this.#heldBytes, start, end);
      this.#held = larger;
    } else {
      bytes.copy(this.#held, this.#heldBytes, start, end);
    }
    this.#heldBytes = needed;
  }

  /** For the wire. @param {Buffer} bytes @param {number} start @param {number} end @param {boolean} isText */
  hear(bytes, start, end, isText) {
    this.onMessage(bytes, start, end, isText);
  }

  /** For the wire: the server has sent its close. @param {string} reason */
  hearClose(reason) {
    if (this.#isEnding) return;
    this.end();
    this.onCut(reason);
  }

  /** Writes bytes that the caller does not change afterwards. @param {Uint8Array} bytes */
  write(bytes) {
    if (!this.#isEnding) this.#socket.write(bytes);
  }

  /** Sends one message. @param {import("./websocket-wire.js").Message} message */
  say(message) {
    this.write(this.#wire.frame(message).bytes);
  }

  /** Sends a stamped frame. @param {import("./prepared-frame.js").PreparedFrame} frame */
  send(frame) {
    if (this.#isEnding) return;
    if (this.isBatching) {
      this.#gather(frame.bytes);
      return;
    }
    this.#socket.write(frame.bytes);
    // The kernel has not taken all bytes: the next stamp must not change them.
    if (this.#socket.writableLength > 0) frame.bytes = Buffer.from(frame.bytes);
  }

  #gather(bytes) {
    const needed = this.#batchBytes + bytes.length;
    if (needed > this.#batch.length) {
      const larger = Buffer.allocUnsafe(Math.max(FIRST_BATCH_BYTES, needed * 2));
      this.#batch.copy(larger, 0, 0, this.#batchBytes);
      this.#batch = larger;
    }
    this.#batch.set(bytes, this.#batchBytes);
    this.#batchBytes = needed;
  }

  /** Writes what was gathered. */
  flush() {
    if (this.#batchBytes === 0) return;
    this.#socket.write(this.#batch.subarray(0, this.#batchBytes));
    this.#batchBytes = 0;
    if (this.#socket.writableLength > 0) this.#batch = Buffer.alloc(0);
  }

  /** Stops reading, so that the server's writes stall. */
  stopReading() {
    this.#socket.pause();
  }

  /** Closes the connection. A second call does nothing. */
  end() {
    if (this.#isEnding) return;
    if (this.#wire.goodbye !== undefined && this.#accept === undefined) this.#socket.write(this.#wire.goodbye);
    this.#isEnding = true;
    this.#socket.destroySoon();
  }
}
