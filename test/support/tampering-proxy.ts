/**
 * A TCP proxy before a real server that breaks one thing of the wire: each whole frame passes through `tamper`, and all else, handshakes and
 * broken frames included, passes as it is.
 */
import { connect, createServer, type Socket } from "node:net";
import { onTestEnd } from "./clean-up.ts";
import { listen } from "./listen.ts";
import { makeFrame } from "./raw-client.ts";
import type { TestServer } from "./server.ts";

/** One connection through the proxy. */
export interface TamperedLine {
  /** Path and query of its handshake. */
  readonly path: string;
  readonly isHost: boolean;
}

export interface TamperedFrame {
  readonly opcode: number;
  readonly payload: Buffer;
}

export interface Tampering {
  /** What is passed on in place of a frame of the server. */
  readonly fromServer?: (frame: TamperedFrame, line: TamperedLine) => readonly TamperedFrame[];
  /** What is passed on in place of a frame of a client. */
  readonly toServer?: (frame: TamperedFrame, line: TamperedLine) => readonly TamperedFrame[];
  /** What is passed on in place of the first line of a request. */
  readonly requestLine?: (line: string, head: string) => string;
  /** What is passed on in place of the header fields of a request. */
  readonly headerFields?: (fields: string) => string;
}

type Tamper = (frame: TamperedFrame, line: TamperedLine) => readonly TamperedFrame[];

const HEAD_END = "\r\n\r\n";

/** The address of a server that breaks this. */
export async function startTamperingProxy(server: TestServer, tampering: Tampering): Promise<string> {
  const proxy = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    const upstream = connect({ port: server.port, host: "127.0.0.1", allowHalfOpen: true, noDelay: true });
    onTestEnd(() => [client, upstream].forEach((socket) => socket.destroy()));
    let line: TamperedLine = { path: "", isHost: false };
    const up = new TamperedDirection(upstream, tampering.toServer, () => line, true);
    const down = new TamperedDirection(client, tampering.fromServer, () => line, false);
    up.onHead = (head) => {
      const [first = ""] = head.split("\r\n");
      const requested = tampering.requestLine?.(first, head) ?? first;
      const path = first.split(" ")[1] ?? "";
      line = { path, isHost: path.startsWith("/CREATE") };
      const fields = head.slice(first.length);
      return requested + (tampering.headerFields?.(fields) ?? fields);
    };
    down.onHead = (head) => {
      if (head.startsWith("HTTP/1.1 101")) up.isUpgraded = down.isUpgraded = true;
      return head;
    };
    for (const [from, direction, to] of [
      [client, up, upstream],
      [upstream, down, client],
    ] as const) {
      from.on("data", (chunk: Buffer) => direction.take(chunk));
      from.on("end", () => to.end());
      from.on("error", () => to.destroy());
      from.on("close", () => to.destroy());
    }
  });
  const port = await listen(proxy);
  onTestEnd(() => new Promise((resolve) => proxy.close(resolve)));
  return `ws://127.0.0.1:${port}`;
}

class TamperedDirection {
  readonly #to: Socket;
  readonly #tamper: Tamper | undefined;
  readonly #line: () => TamperedLine;
  readonly #isMasked: boolean;
  #unread: Buffer = Buffer.alloc(0);
  #hasHead = false;
  isUpgraded = false;
  onHead: (head: string) => string = (head) => head;

  constructor(to: Socket, tamper: Tamper | undefined, line: () => TamperedLine, isMasked: boolean) {
    this.#to = to;
    this.#tamper = tamper;
    this.#line = line;
    this.#isMasked = isMasked;
  }

  take(chunk: Buffer): void {
    this.#unread = Buffer.concat([this.#unread, chunk]);
    if (!this.#hasHead) {
      const end = this.#unread.indexOf(HEAD_END);
      if (end === -1) return;
      const head = this.onHead(this.#unread.toString("latin1", 0, end));
      this.#hasHead = true;
      this.#write(Buffer.from(head + HEAD_END, "latin1"));
      this.#unread = this.#unread.subarray(end + HEAD_END.length);
    }
    const tamper = this.#tamper;
    if (!this.isUpgraded || tamper === undefined) {
      this.#write(this.#unread);
      this.#unread = Buffer.alloc(0);
      return;
    }
    for (let frame = this.#nextFrame(); frame !== undefined; frame = this.#nextFrame()) {
      if (frame instanceof Uint8Array) this.#write(frame);
      else {
        const { raw, whole } = frame;
        const passed = tamper(whole, this.#line());
        if (passed.length === 1 && passed[0] === whole) this.#write(raw);
        else
          for (const { opcode, payload } of passed)
            this.#write(makeFrame(opcode, payload, { isMasked: this.#isMasked }));
      }
    }
  }

  #write(bytes: Uint8Array): void {
    if (bytes.length > 0 && this.#to.writable) this.#to.write(bytes);
  }

  /** The next whole frame, or the bytes of one that is not this proxy's business, as they are. */
  #nextFrame(): { readonly raw: Buffer; readonly whole: TamperedFrame } | Buffer | undefined {
    const bytes = this.#unread;
    const [first, second] = bytes;
    if (first === undefined || second === undefined) return undefined;
    const short = second & 0x7f;
    const width = short < 126 ? 0 : short === 126 ? 2 : 8;
    if (bytes.length < 2 + width) return undefined;
    const length = width === 0 ? short : width === 2 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2));
    const hasMask = second >= 0x80;
    const start = 2 + width + (hasMask ? 4 : 0);
    if (bytes.length < start + length) return undefined;
    this.#unread = bytes.subarray(start + length);
    const raw = bytes.subarray(0, start + length);
    const isPlain = first >= 0x80 && (first & 0x70) === 0 && hasMask === this.#isMasked;
    if (!isPlain) return raw;
    const payload = Buffer.from(bytes.subarray(start, start + length));
    if (hasMask) {
      const mask = bytes.subarray(start - 4, start);
      for (let index = 0; index < length; index++) payload[index] = (payload[index] ?? 0) ^ (mask[index & 3] ?? 0);
    }
    return { raw, whole: { opcode: first & 15, payload } };
  }
}
