/** A transport of its own, over a Unix socket: it plugs into the ConnectionManager, and knows neither rooms nor WebSockets. */
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { createAdmission } from "../../src/admission/admission.ts";
import type { ConnectRequest } from "../../src/admission/connect-request.ts";
import type { Locator } from "../../src/admission/locate.ts";
import type { Hub } from "../../src/hub/hub.ts";
import { CLOSE_CODES, type CloseName } from "../../src/protocol/close-codes.ts";
import { NOTHING_OFFERED } from "../../src/protocol/subprotocols.ts";
import { ConnectionManager } from "../../src/transport/connection-manager.ts";
import { Connection } from "../../src/transport/connection.ts";
import type { Transport } from "../../src/transport/transport.ts";
import { onTestEnd } from "../support/clean-up.ts";
import { eventually } from "../support/inbox.ts";
import { FakeHub } from "../support/room/fake-hub.ts";
import { unlimitedMemory } from "../support/room/memory-budget.ts";

const HEAD_BYTES = 5;
const MAX_FRAME_BYTES = 65_536;

/** A frame: the length of its content in four bytes, a letter for its kind, the content. */
function frame(kind: string, content: Uint8Array | string): Buffer {
  const head = Buffer.alloc(HEAD_BYTES, kind);
  head.writeUInt32BE(Buffer.byteLength(content));
  return Buffer.concat([head, Buffer.from(content)]);
}

/** Takes frames out of bytes that come cut anywhere. */
class FrameSplitter {
  #bytes = Buffer.alloc(0);

  push(chunk: Buffer, onFrame: (kind: string, content: Buffer) => void): "ok" | "too_large" {
    this.#bytes = Buffer.concat([this.#bytes, chunk]);
    while (this.#bytes.length >= HEAD_BYTES) {
      const end = HEAD_BYTES + this.#bytes.readUInt32BE(0);
      if (end > MAX_FRAME_BYTES) return "too_large";
      if (end > this.#bytes.length) break;
      const [kind, content] = [this.#bytes.toString("latin1", 4, HEAD_BYTES), this.#bytes.subarray(HEAD_BYTES, end)];
      this.#bytes = this.#bytes.subarray(end);
      onFrame(kind, content);
    }
    return "ok";
  }
}

class UnixConnection extends Connection {
  readonly rtt = undefined;
  readonly #socket: Socket;
  readonly #splitter = new FrameSplitter();

  /** The first frame of the peer says what it wants. */
  constructor(connections: ConnectionManager, socket: Socket) {
    super(connections);
    this.#socket = socket;
    let isKnown = false;
    const onFrame = (kind: string, content: Buffer): void => {
      if (!isKnown) connections.accept(this, readHello(content));
      else if (kind === "o") this.#takePong(content.toString());
      else this.tellMessage(content, kind === "t");
      isKnown = true;
    };
    socket.on("data", (chunk) => {
      this.tellBytes(chunk.length);
      if (this.#splitter.push(chunk, onFrame) === "too_large") this.end("frame_too_large");
    });
    socket.on("drain", () => this.tellDrained());
    socket.on("end", () => this.tellGone("left"));
    socket.on("error", () => socket.destroy());
    socket.on("close", () => {
      this.tellGone("cut");
      this.tellEnded();
    });
  }

  get queued(): number {
    return this.#socket.writableLength;
  }

  get isBusy(): boolean {
    return this.#socket.writableNeedDrain;
  }

  send(data: Uint8Array, isText: boolean): void {
    if (!this.isClosing) this.#socket.write(frame(isText ? "t" : "b", data));
  }

  close(name: CloseName, reason: string = CLOSE_CODES[name].reason): void {
    if (this.isClosing) return;
    this.readToEnd();
    this.beginClosing();
    this.#socket.end(frame("c", `${CLOSE_CODES[name].code} ${reason}`));
  }

  confirm(count: number): void {
    this.#socket.write(frame("p", `${count}`));
  }

  probe(): void {
    this.#socket.write(frame("p", ""));
  }

  terminate(): void {
    this.#socket.destroy();
  }

  protected stopReading(): void {
    this.#socket.pause();
  }

  protected startReading(): void {
    this.#socket.resume();
  }

  #takePong(count: string): void {
    this.unanswered = 0;
    if (count !== "") this.tellConfirmed(Number(count));
  }
}

function createUnixTransport(path: string, connections: ConnectionManager): Transport {
  const server = createServer((socket) => void new UnixConnection(connections, socket));
  return {
    async listen() {
      server.listen(path);
      await once(server, "listening");
    },
    async drain() {
      if (server.listening) await new Promise((resolve) => void server.close(resolve));
    },
  };
}

/** A target and a query, as in `CREATE?format=json`. */
function readHello(content: Buffer): ConnectRequest {
  const [path = "", query] = content.toString().split("?");
  const target = path === "CREATE" ? ({ for: "host" } as const) : ({ for: "player", code: path } as const);
  return {
    target,
    query: new URLSearchParams(query),
    subprotocols: NOTHING_OFFERED,
    address: "local",
    transport: "websocket",
    headers: {},
    path: "",
    agent: "",
  };
}

/** A program at the other end, which answers pings. */
async function dial(path: string, hello: string) {
  const socket = connect(path);
  onTestEnd(() => socket.destroy());
  const splitter = new FrameSplitter();
  const heard: string[] = [];
  const pings: string[] = [];
  socket.on("data", (chunk) =>
    splitter.push(chunk, (kind, content) => {
      if (kind === "p") socket.write(frame("o", content));
      (kind === "p" ? pings : heard).push(`${kind} ${content.toString()}`);
    }),
  );
  await once(socket, "connect");
  socket.write(frame("h", hello));
  return { socket, heard, pings, say: (text: string) => void socket.write(frame("t", text)) };
}

async function setUp(locatorOf: (hub: Hub) => Locator, { maxConnections = 10, pingMs = 3_600_000 } = {}) {
  const folder = mkdtempSync(join(tmpdir(), "couchwire-"));
  onTestEnd(() => rmSync(folder, { recursive: true }));
  const { hub } = new FakeHub();
  const refused: string[] = [];
  const connections = new ConnectionManager({
    admission: createAdmission({ hub, bytes: "string", locator: locatorOf(hub) }),
    budget: unlimitedMemory(),
    maxConnections,
    pingMs,
    idleMs: 2 * pingMs,
    now: () => performance.now(),
    onBug: (error) => {
      throw error;
    },
    onRefused: (why) => void refused.push(why),
  });
  const path = join(folder, "socket");
  const transport = createUnixTransport(path, connections);
  await transport.listen();
  onTestEnd(async () => {
    await connections.drain();
    await transport.drain();
  });
  return { hub, connections, refused, dial: (hello: string) => dial(path, hello) };
}

/** Waits until that has come about, and not for ever. */
const until = (hasHappened: () => boolean): Promise<void> =>
  eventually("what the test waits for has happened", hasHappened);

const WHERE: readonly [string, (hub: Hub) => Locator][] = [
  ["on this node", (hub) => hub],
  [
    "through a directory that answers later",
    (hub) => ({
      lookUp: async (...asked) => (await nextTurn(), hub.lookUp(...asked)),
      hostOf: async (session) => (await nextTurn(), hub.hostOf(session)),
    }),
  ],
];

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

describe.each(WHERE)("a transport over a Unix socket, whose rooms are found %s", (_, locatorOf) => {
  test("carries a game between a host and a phone", async () => {
    const { hub, dial: open } = await setUp(locatorOf);
    const host = await open("CREATE?format=json&session=a-host-session-of-16");
    host.say(`{"cmd":"prepare","max_players":4,"name":"quiz"}`);
    await until(() => hub.roomCount === 1 && host.heard.length === 3);
    const code: string = JSON.parse(host.heard[2]?.slice(2) ?? "").key;
    const phone = await open(`${code}?name=Ada`);
    phone.say("hello");
    await until(() => host.heard.length === 6);
    expect(host.heard.slice(3).map((event) => JSON.parse(event.slice(2)))).toMatchObject([
      { cmd: "player_joined", player: 1, name: "Ada" },
      { cmd: "state", players: [1] },
      { cmd: "from_str", from: 1, data: "hello" },
    ]);
    host.say(`{"cmd":"to_str","to":[1],"data":"welcome"}`);
    await until(() => phone.heard.length === 1);
    expect(phone.heard).toEqual(["t welcome"]);
    phone.socket.end();
    await until(() => hub.playerCount === 0);
  });

  test("tells a phone that there is no such room", async () => {
    const { refused, dial: open } = await setUp(locatorOf);
    const phone = await open("AAAA");
    await once(phone.socket, "close");
    expect([phone.heard, refused]).toEqual([["c 4504 Game not found"], ["room_not_found"]]);
  });

  test("is under the limits that all transports share", async () => {
    const { connections, dial: open } = await setUp(locatorOf, { maxConnections: 1 });
    await open("CREATE");
    await until(() => connections.connectionCount === 1);
    const second = await open("CREATE");
    await once(second.socket, "close");
    expect(second.heard.at(-1)).toBe("c 1013 The server is full. Come back later.");
  });

  test("pings its peers by its own frames, and ends with all others", async () => {
    const { connections, dial: open } = await setUp(locatorOf, { pingMs: 500 });
    const host = await open("CREATE");
    await until(() => host.pings.length >= 2);
    const closed = once(host.socket, "close");
    await connections.drain();
    await closed;
    expect(host.heard.at(-1)).toBe("c 1012 The server is restarting. Come back in a moment.");
  });
});
