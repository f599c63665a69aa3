/** A server's connections without its port: a test holds each socket at both ends. */
import { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import { duplexPair, type Duplex } from "node:stream";
import { expect } from "@jest/globals";
import { createAdmission, type Admission, type AdmissionOptions } from "../../../src/admission/admission.ts";
import { ConnectionManager } from "../../../src/transport/connection-manager.ts";
import type { EngineName } from "../../../src/transport/websocket/engine.ts";
import { createWebSocketTransport } from "../../../src/transport/websocket/websocket-transport.ts";
import { FakeHub } from "../room/fake-hub.ts";
import { HANDSHAKE_HEADERS, makeFrame, OPCODE } from "../raw-client.ts";
import { unlimitedMemory } from "../room/memory-budget.ts";

/** How long a drain waits for peers; less than a Close is waited for otherwise. */
export const DRAIN_MS = 2_000;
const HANDSHAKE = Object.fromEntries(
  Object.entries(HANDSHAKE_HEADERS).map(([name, value]) => [name.toLowerCase(), value]),
);

export interface ArrivingPeer {
  /** The server's end. */
  readonly stream: Duplex;
  readonly client: Duplex;
  readonly heard: Buffer[];
}

export interface ArrivalOptions extends Omit<AdmissionOptions, "hub" | "bytes"> {
  readonly hub?: FakeHub;
  readonly maxConnections?: number;
  readonly wsEngine?: EngineName;
  /** @default that of the hub */
  readonly admission?: Admission;
}

export function openTransport({
  hub = new FakeHub(),
  maxConnections = 10,
  wsEngine = "codec",
  admission,
  ...steps
}: ArrivalOptions = {}) {
  const addresses = new Map<Socket, string>();
  const bugs: unknown[] = [];
  const refused: string[] = [];
  const connections = new ConnectionManager({
    admission: admission ?? createAdmission({ hub: hub.hub, bytes: "array", ...steps }),
    budget: unlimitedMemory(),
    maxConnections,
    pingMs: 3_600_000,
    idleMs: 7_200_000,
    now: () => performance.now(),
    onBug: (error) => void bugs.push(error),
    onRefused: (why) => void refused.push(why),
  });
  const transport = createWebSocketTransport({
    connections,
    wsEngine,
    maxPayload: 1_000,
    maxHostPayload: 1_000,
    addressOf: ({ socket }) => addresses.get(socket) ?? "10.0.0.1",
  });
  return {
    hub,
    bugs,
    refused,
    connections,
    transport,
    /** A peer asks for this path from that address; `head` came with its handshake. */
    knock: (path: string, address?: string, head?: Buffer) =>
      knock(transport, path, (socket) => void (address !== undefined && addresses.set(socket, address)), head),
  };
}

function knock(
  transport: ReturnType<typeof createWebSocketTransport>,
  path: string,
  onSocket: (socket: Socket) => void,
  head: Buffer = Buffer.alloc(0),
): ArrivingPeer {
  const [stream, client] = duplexPair();
  const request = new IncomingMessage(new Socket());
  onSocket(request.socket);
  Object.assign(request, { method: "GET", url: path, httpVersion: "1.1", headers: { host: "here", ...HANDSHAKE } });
  const heard: Buffer[] = [];
  client.on("data", (bytes: Buffer) => heard.push(bytes));
  client.on("end", () => client.end());
  transport.handleUpgrade(request, stream, head);
  return { stream, client, heard };
}

/** The code of the Close that is all that comes behind the handshake. */
export function closeCode(heard: readonly Buffer[]): number {
  const bytes = Buffer.concat(heard);
  const close = bytes.subarray(bytes.indexOf("\r\n\r\n") + 4);
  expect(close[0]).toBe(0x80 | OPCODE.close);
  return close.readUInt16BE(2);
}

/** Whether the last thing that came is a Close. */
export function isClosed(heard: readonly Buffer[]): boolean {
  return heard.at(-1)?.[0] === (0x80 | OPCODE.close);
}

/** What is on its way in this process has arrived. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
}

/** Starts a drain; the answer tells whether it is over. */
export function startDrain(close: () => Promise<void>): () => boolean {
  let isOver = false;
  void close().then(() => (isOver = true));
  return () => isOver;
}

export function answerClose(client: Duplex): void {
  client.write(makeFrame(OPCODE.close, Buffer.of(0x11, 0x98)));
}
