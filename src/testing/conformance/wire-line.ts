/**
 * A WebSocket (RFC 6455) of the conformance checks, over bare TCP or TLS: it hides nothing of what the server sends, and does what no library allows, such as
 * frames without a mask or an end without a Close.
 */
import { createHash, randomBytes } from "node:crypto";
import { connect as connectTcp, isIP, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { BrokenRule } from "./broken-rule.ts";

/** Where a line leads. */
export interface LineAddress {
  readonly host: string;
  readonly port: number;
  readonly isSecure: boolean;
  /** A certificate that counts beside those that the runtime knows. */
  readonly ca: string | undefined;
}

export interface LineRequest {
  /** Path and query, as they travel. */
  readonly path: string;
  readonly protocols?: readonly string[];
  /** Goes before the headers of a handshake; `undefined` leaves one out. */
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly method?: string;
  /** Behind the head of the request. */
  readonly body?: string;
}

/** An answer that is no upgrade, or the head of one. */
export interface HandshakeAnswer {
  readonly status: number;
  /** By names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  /** As far as it came with the head. */
  readonly body: string;
}

/** A message, put together where it came in fragments. */
export interface LineMessage {
  readonly isText: boolean;
  readonly data: Uint8Array;
}

/** How a line ended: 1005 for a Close without a code, 1006 for none at all. */
export interface LineClose {
  readonly code: number;
  readonly reason: string;
}

export const FRAME_KIND = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

const ACCEPT_SUFFIX = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
/** A server ends the connection behind its Close; one that does not is not waited for. */
const GONE_WITHIN_MS = 1_000;
/** No server has a reason to say more at once to a check. */
const MAX_UNREAD_BYTES = 64 * 1_048_576;

export class WireLine {
  readonly answer: HandshakeAnswer;
  /** The Close frame of the server, or the end of the connection without one. */
  readonly closed: Promise<LineClose>;
  /** The connection is over. Some servers know of a Close only then. */
  readonly gone: Promise<void>;
  /** The payloads of the pongs, in order. */
  readonly pongs: string[] = [];
  answersPings = true;
  /** Called for each message. Those before it is set wait. */
  #onMessage: ((message: LineMessage) => void) | undefined;
  #waiting: LineMessage[] = [];
  readonly #socket: Socket;
  #unread: Buffer;
  #fragments: Buffer[] = [];
  #kind = 0;
  #hasSaidClose = false;
  #settleClose: (close: LineClose) => void = () => {};

  constructor(socket: Socket, answer: HandshakeAnswer, rest: Buffer) {
    this.#socket = socket;
    this.answer = answer;
    this.#unread = rest;
    this.closed = new Promise((resolve) => {
      this.#settleClose = resolve;
    });
    this.gone = new Promise((resolve) => {
      socket.once("close", () => resolve());
    });
    socket.on("data", (chunk: Buffer) => {
      this.#unread = this.#unread.length === 0 ? chunk : Buffer.concat([this.#unread, chunk]);
      this.#read();
    });
    socket.resume();
    socket.once("close", () => this.#settleClose({ code: 1006, reason: "" }));
    socket.once("end", () => {
      this.#settleClose({ code: 1006, reason: "" });
      socket.end();
    });
    this.#read();
  }

  /** Passes each message on, and those that have come already. */
  onMessage(take: (message: LineMessage) => void): void {
    this.#onMessage = take;
    for (const message of this.#waiting.splice(0)) take(message);
  }

  send(data: string | Uint8Array): void {
    this.sendFrame(typeof data === "string" ? FRAME_KIND.text : FRAME_KIND.binary, Buffer.from(data));
  }

  /** One frame as it is said here, also where that breaks RFC 6455. */
  sendFrame(kind: number, payload: Uint8Array, { isMasked = true } = {}): void {
    if (this.#socket.writable) this.#socket.write(frameOf(kind, payload, isMasked));
  }

  /** Says Close. A `code` of `undefined` sends one without. */
  close(code?: number): void {
    if (this.#hasSaidClose) return;
    this.#hasSaidClose = true;
    const payload = Buffer.alloc(code === undefined ? 0 : 2);
    if (code !== undefined) payload.writeUInt16BE(code);
    this.sendFrame(FRAME_KIND.close, payload);
  }

  /** Ends the connection without a Close. */
  cut(): void {
    this.#socket.destroy();
  }

  #read(): void {
    for (;;) {
      const bytes = this.#unread;
      const [first, second] = bytes;
      if (first === undefined || second === undefined) return;
      const short = second & 0x7f;
      const width = short < 126 ? 0 : short === 126 ? 2 : 8;
      if (bytes.length < 2 + width) return;
      const length = width === 0 ? short : width === 2 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2));
      if (second >= 0x80) return this.#giveUp("The server masks its frames.");
      if ((first & 0x70) !== 0) return this.#giveUp("The server sets a reserved bit that nothing was agreed for.");
      if (length > MAX_UNREAD_BYTES) return this.#giveUp(`The server announces a frame of ${length} bytes.`);
      if (bytes.length < 2 + width + length) return;
      this.#unread = bytes.subarray(2 + width + length);
      this.#take(first & 15, first >= 0x80, Buffer.from(bytes.subarray(2 + width, 2 + width + length)));
    }
  }

  #take(kind: number, isFinal: boolean, payload: Buffer): void {
    switch (kind) {
      case FRAME_KIND.close:
        this.#settleClose(
          payload.length < 2
            ? { code: 1005, reason: "" }
            : { code: payload.readUInt16BE(0), reason: payload.toString("utf8", 2) },
        );
        this.close(payload.length < 2 ? undefined : payload.readUInt16BE(0));
        this.#socket.end();
        setTimeout(() => this.#socket.destroy(), GONE_WITHIN_MS).unref();
        return;
      case FRAME_KIND.ping:
        if (this.answersPings) this.sendFrame(FRAME_KIND.pong, payload);
        return;
      case FRAME_KIND.pong:
        this.pongs.push(payload.toString("utf8"));
        return;
      default:
        if (kind !== FRAME_KIND.continuation) this.#kind = kind;
        this.#fragments.push(payload);
        if (!isFinal) return;
        this.#deliver({
          isText: this.#kind === FRAME_KIND.text,
          data: new Uint8Array(Buffer.concat(this.#fragments.splice(0))),
        });
    }
  }

  #deliver(message: LineMessage): void {
    if (this.#onMessage === undefined) this.#waiting.push(message);
    else this.#onMessage(message);
  }

  #giveUp(reason: string): void {
    this.#settleClose({ code: 1006, reason });
    this.#socket.destroy();
  }
}

function frameOf(kind: number, payload: Uint8Array, isMasked: boolean): Buffer {
  const { length } = payload;
  const width = length < 126 ? 0 : length < 0x10000 ? 2 : 8;
  const head = Buffer.alloc(2 + width);
  head[0] = 0x80 | kind;
  head[1] = (isMasked ? 0x80 : 0) | (width === 0 ? length : width === 2 ? 126 : 127);
  if (width === 2) head.writeUInt16BE(length, 2);
  if (width === 8) head.writeBigUInt64BE(BigInt(length), 2);
  if (!isMasked) return Buffer.concat([head, payload]);
  const mask = randomBytes(4);
  const masked = Buffer.from(payload);
  for (let index = 0; index < length; index++) masked[index] = (masked[index] ?? 0) ^ (mask[index & 3] ?? 0);
  return Buffer.concat([head, mask, masked]);
}

/** Sends a handshake. Resolves with the line where it is accepted, and with the answer where it is not. */
export async function shakeHands(address: LineAddress, request: LineRequest): Promise<WireLine | HandshakeAnswer> {
  const socket = await connectTo(address);
  const key = randomBytes(16).toString("base64");
  const { path, protocols = [], method = "GET", body = "" } = request;
  const isDefaultPort = address.port === (address.isSecure ? 443 : 80);
  const name = address.host.includes(":") ? `[${address.host}]` : address.host;
  const headers = {
    Host: isDefaultPort ? name : `${name}:${address.port}`,
    Connection: "Upgrade",
    Upgrade: "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": key,
    "User-Agent": "couchwire-conformance",
    ...(protocols.length > 0 && { "Sec-WebSocket-Protocol": protocols.join(", ") }),
    ...request.headers,
  };
  const lines = Object.entries(headers).flatMap(([header, value]) =>
    value === undefined ? [] : `${header}: ${value}\r\n`,
  );
  socket.write(`${method} ${path} HTTP/1.1\r\n${lines.join("")}\r\n${body}`);
  const { answer, rest } = await answerOf(socket);
  if (answer.status !== 101) {
    socket.destroy();
    return answer;
  }
  const accept = createHash("sha1").update(`${key}${ACCEPT_SUFFIX}`).digest("base64");
  if (answer.headers.get("sec-websocket-accept") !== accept) {
    socket.destroy();
    throw new BrokenRule("The server accepts the handshake with a wrong Sec-WebSocket-Accept.", {
      expected: accept,
      actual: answer.headers.get("sec-websocket-accept"),
    });
  }
  return new WireLine(socket, answer, rest);
}

function connectTo({ host, port, isSecure, ca }: LineAddress): Promise<Socket> {
  // Half open: the server's end is seen before this side ends.
  const plain = connectTcp({ host, port, allowHalfOpen: true, noDelay: true });
  const tls = { socket: plain, servername: isIP(host) === 0 ? host : "", ...(ca !== undefined && { ca }) };
  const socket: Socket = isSecure ? connectTls(tls) : plain;
  return new Promise((resolve, reject) => {
    const fail = (error: Error): void => {
      plain.destroy();
      reject(error);
    };
    plain.once("error", fail);
    socket.once("error", fail);
    socket.once(isSecure ? "secureConnect" : "connect", () => {
      for (const stream of [plain, socket]) stream.off("error", fail).on("error", () => undefined); // the close follows
      resolve(socket);
    });
  });
}

interface AnswerRead {
  readonly answer: HandshakeAnswer;
  readonly rest: Buffer;
}

/** Reads the head of the answer, and of a refusal what its Content-Length says, as far as it comes. */
function answerOf(socket: Socket): Promise<AnswerRead> {
  return new Promise((resolve, reject) => {
    let bytes: Buffer = Buffer.alloc(0);
    const finish = (isEnd: boolean): void => {
      const read = parseAnswer(bytes, isEnd);
      if (read === undefined && !isEnd) return;
      socket.pause().off("data", take).off("close", ended).off("end", ended);
      if (read === undefined) reject(new BrokenRule("The connection ended before the handshake was answered."));
      else resolve(read);
    };
    const take = (chunk: Buffer): void => {
      bytes = Buffer.concat([bytes, chunk]);
      finish(false);
    };
    const ended = (): void => finish(true);
    socket.on("data", take).on("close", ended).on("end", ended);
  });
}

function parseAnswer(bytes: Buffer, isEnd: boolean): AnswerRead | undefined {
  const headEnd = bytes.indexOf("\r\n\r\n");
  if (headEnd === -1) return undefined;
  const [statusLine = "", ...lines] = bytes.toString("latin1", 0, headEnd).split("\r\n");
  const headers = new Map(
    lines.map((line) => [line.slice(0, line.indexOf(":")).toLowerCase(), line.slice(line.indexOf(":") + 1).trim()]),
  );
  const status = Number(statusLine.split(" ")[1]);
  const rest = bytes.subarray(headEnd + 4);
  if (status === 101) return { answer: { status, headers, body: "" }, rest };
  const length = Number(headers.get("content-length") ?? Number.NaN);
  if (!isEnd && rest.length < (Number.isNaN(length) ? 1 : length)) return undefined;
  return { answer: { status, headers, body: rest.toString("utf8") }, rest: Buffer.alloc(0) };
}
