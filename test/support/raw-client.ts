/** A client on bare TCP: it does what no WebSocket library allows, such as not answering a ping. */
import { connect as connectTcp, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { OPCODE } from "../../src/transport/websocket/codec/frame.ts";
import { onTestEnd } from "./clean-up.ts";
import { Inbox } from "./inbox.ts";
import type { Closing } from "./socket-end.ts";

export { OPCODE };

export interface RawFrame {
  readonly isFinal: boolean;
  readonly reserved: number;
  readonly opcode: number;
  readonly isMasked: boolean;
  readonly payload: Buffer;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

export const HANDSHAKE_HEADERS: Readonly<Record<string, string>> = {
  Connection: "Upgrade",
  Upgrade: "websocket",
  "Sec-WebSocket-Version": "13",
  "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
};

export interface FrameOptions {
  readonly isFinal?: boolean;
  readonly reserved?: number;
  readonly isMasked?: boolean;
  /** Four bytes. Zeros where nothing is said: allowed, and they leave the payload as it is. */
  readonly mask?: Uint8Array;
  /** What the head says the length is, where that is not the payload's. */
  readonly claimedLength?: number | bigint;
  /** In how many bytes more the length is written, where that is not the fewest. */
  readonly lengthBytes?: 0 | 2 | 8;
}

/** One frame of a client. */
export function makeFrame(opcode: number, payload: Uint8Array | string = "", options: FrameOptions = {}): Buffer {
  const { isFinal = true, reserved = 0, isMasked = true, mask } = options;
  const bytes = Buffer.from(payload);
  const length = options.claimedLength ?? bytes.length;
  const width = options.lengthBytes ?? (length < 126 ? 0 : length < 0x10000 ? 2 : 8);
  const head = Buffer.alloc(2 + width + (isMasked ? 4 : 0));
  head[0] = (isFinal ? 0x80 : 0) | (reserved << 4) | opcode;
  head[1] = (isMasked ? 0x80 : 0) | (width === 0 ? Number(length) : width === 2 ? 126 : 127);
  if (width === 2) head.writeUInt16BE(Number(length), 2);
  if (width === 8) head.writeBigUInt64BE(BigInt(length), 2);
  if (isMasked && mask !== undefined) {
    head.set(mask, head.length - 4);
    for (let index = 0; index < bytes.length; index++) bytes[index] = (bytes[index] ?? 0) ^ (mask[index & 3] ?? 0);
  }
  return Buffer.concat([head, bytes]);
}

/** A request as it travels; a name may come more than once. */
export function makeRequest(method: string, path: string, headers: readonly (readonly [string, string])[]): Buffer {
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.from(`${method} ${path} HTTP/1.1\r\nHost: localhost\r\n${lines.join("")}\r\n`);
}

export class RawClient {
  readonly socket: Socket;
  readonly frames = new Inbox<RawFrame>("the raw client");
  /** The server has ended the TCP connection, or cut it. */
  readonly gone: Promise<void>;
  readonly #answers = new Inbox<HttpAnswer>("the raw client's request");
  #isUpgraded = false;
  #pending: Buffer = Buffer.alloc(0);
  answersPings = false;

  /** `ca`: over TLS, to a server with this certificate. */
  constructor(port: number, ca?: string) {
    // Half open: it does not leave because the server has, as a hostile peer would not.
    const address = { port, host: "127.0.0.1", allowHalfOpen: true, noDelay: true };
    this.socket = ca === undefined ? connectTcp(address) : connectTls({ ...address, ca });
    onTestEnd(() => this.socket.destroy());
    this.socket.on("error", () => {}); // `gone` follows, and says the same
    this.gone = new Promise((resolve) => {
      const end = (): void => {
        if (!this.#isUpgraded) this.#readAnswer(true);
        this.#answers.end("the connection ended");
        this.frames.end("the connection ended");
        resolve();
      };
      this.socket.on("end", end);
      this.socket.on("close", end);
    });
    this.socket.on("data", (chunk: Buffer) => {
      this.#pending = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk]);
      if (!this.#isUpgraded) this.#readAnswer(false);
      if (this.#isUpgraded) this.#readFrames();
    });
  }

  /** A WebSocket whose handshake is done. */
  static async open(port: number, path: string, ca?: string): Promise<RawClient> {
    const client = new RawClient(port, ca);
    const { status } = await client.request("GET", path, HANDSHAKE_HEADERS);
    if (status !== 101) throw new Error(`${path} was answered with ${status}`);
    return client;
  }

  request(method: string, path: string, headers: Readonly<Record<string, string>>): Promise<HttpAnswer> {
    this.write(makeRequest(method, path, Object.entries(headers)));
    return this.answer();
  }

  /** The answer to a request, however it was written. */
  answer(): Promise<HttpAnswer> {
    return this.#answers.next();
  }

  write(bytes: Uint8Array): void {
    this.socket.write(bytes);
  }

  send(opcode: number, payload: Uint8Array | string = "", options: FrameOptions = {}): void {
    this.write(makeFrame(opcode, payload, options));
  }

  /** The server's Close frame, passing over the others. */
  async closeFrame(): Promise<Closing> {
    const { payload } = await this.frames.until(({ opcode }) => opcode === OPCODE.close);
    if (payload.length === 0) return { code: 1005, reason: "" };
    return { code: payload.readUInt16BE(0), reason: payload.toString("utf8", 2) };
  }

  #readAnswer(isEnd: boolean): void {
    const bytes = this.#pending;
    const headEnd = bytes.indexOf("\r\n\r\n");
    if (headEnd === -1) return;
    const [statusLine = "", ...lines] = bytes.toString("latin1", 0, headEnd).split("\r\n");
    const headers = new Map(
      lines.map((line) => [line.slice(0, line.indexOf(":")).toLowerCase(), line.slice(line.indexOf(":") + 1).trim()]),
    );
    const status = Number(statusLine.split(" ")[1]);
    const bodyStart = headEnd + 4;
    if (status === 101) {
      this.#isUpgraded = true;
      this.#pending = bytes.subarray(bodyStart);
      this.#answers.push({ status, headers, body: "" });
      return;
    }
    const length = headers.get("content-length");
    const bodyEnd = length === undefined ? undefined : bodyStart + Number(length);
    if (!isEnd && (bodyEnd === undefined || bytes.length < bodyEnd)) return;
    this.#pending = bytes.subarray(bodyEnd ?? bytes.length);
    this.#answers.push({ status, headers, body: bytes.toString("utf8", bodyStart, bodyEnd) });
    this.#readAnswer(isEnd);
  }

  #readFrames(): void {
    for (;;) {
      const bytes = this.#pending;
      const [first, second] = bytes;
      if (first === undefined || second === undefined) return;
      const isMasked = second >= 0x80;
      const short = second & 0x7f;
      const width = short < 126 ? 0 : short === 126 ? 2 : 8;
      const start = 2 + width + (isMasked ? 4 : 0);
      if (bytes.length < start) return;
      const length = width === 0 ? short : width === 2 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2));
      if (bytes.length < start + length) return;
      const frame = {
        isFinal: first >= 0x80,
        reserved: (first >> 4) & 7,
        opcode: first & 15,
        isMasked,
        payload: bytes.subarray(start, start + length),
      };
      this.#pending = bytes.subarray(start + length);
      if (frame.opcode === OPCODE.ping && this.answersPings) this.send(OPCODE.pong, frame.payload);
      this.frames.push(frame);
    }
  }
}
