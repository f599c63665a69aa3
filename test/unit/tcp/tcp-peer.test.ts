/** What a client over TCP may take its time for. */
import { Duplex } from "node:stream";
import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { createAdmission } from "../../../src/admission/admission.ts";
import { TokenGate } from "../../../src/admission/token-gate.ts";
import { createTokens } from "../../../src/auth/tokens.ts";
import { FrameSplitter } from "../../../src/protocol/ghost-sync/frame-splitter.ts";
import {
  decodeServerMessage,
  encodeClientMessage,
  type ClientMessage,
  type ServerMessage,
} from "../../../src/protocol/ghost-sync/messages.ts";
import { NOTHING_OFFERED } from "../../../src/protocol/subprotocols.ts";
import { ConnectionManager } from "../../../src/transport/connection-manager.ts";
import { TcpConnection } from "../../../src/transport/tcp/tcp-connection.ts";
import { TcpEncoders } from "../../../src/transport/tcp/tcp-encoder.ts";
import { TcpPeer } from "../../../src/transport/tcp/tcp-peer.ts";
import { FakeOpenRooms } from "../../support/room/fake-open-rooms.ts";
import { LIMITS } from "../../support/room/fake-room.ts";
import { unlimitedMemory } from "../../support/room/memory-budget.ts";

const SECRET = "a secret of thirty-two bytes or more";
const HOUR_MS = 3_600_000;

/** A client at the other end of a socket that takes everything. */
class Client {
  readonly heard: ServerMessage[] = [];
  readonly socket: Duplex;
  readonly #splitter = new FrameSplitter(1_000_000);

  constructor() {
    this.socket = new Duplex({
      read() {},
      write: (chunk: Buffer, _encoding, taken) => {
        this.#read(new Uint8Array(chunk));
        taken();
      },
    });
  }

  say(message: ClientMessage): void {
    this.socket.push(Buffer.from(encodeClientMessage(message)));
  }

  #read(chunk: Uint8Array): void {
    if (chunk.length > 0) this.#splitter.push(chunk);
    for (let next = this.#splitter.next(); next instanceof Uint8Array; next = this.#splitter.next()) {
      const message = decodeServerMessage(next);
      if (message.ok) this.heard.push(message.value);
    }
  }
}

const now = (): number => performance.now();

function setUp() {
  const open = new FakeOpenRooms();
  open.rooms.create("relay", { name: "lobby" });
  const tokens = createTokens({ secret: SECRET });
  const connections = new ConnectionManager({
    admission: createAdmission({ hub: open.fake.hub, bytes: "string" }),
    budget: unlimitedMemory(),
    maxConnections: 10,
    pingMs: HOUR_MS,
    idleMs: 2 * HOUR_MS,
    now,
    onBug: (error) => {
      throw error;
    },
    onRefused: () => {},
  });
  const client = new Client();
  const connection = new TcpConnection(connections, client.socket, {
    maxPayload: 65_536,
    tcpQueueFrames: 0,
    pingMs: HOUR_MS,
  });
  const handler = new TcpPeer(connection, "127.0.0.1", {
    ...LIMITS,
    rooms: open.rooms,
    hub: open.fake.hub,
    encoders: new TcpEncoders(),
    tokenGate: new TokenGate({ tokens, guessLimit: 60, now }),
    isTokenRequired: true,
    now,
  });
  connections.accept(connection, {
    target: { for: "line", handler },
    query: new URLSearchParams(),
    subprotocols: NOTHING_OFFERED,
    address: "127.0.0.1",
    agent: "",
    transport: "tcp",
    headers: {},
    path: "",
  });
  return { client, connection, connections, tokens };
}

/** Lets streams and promises go on, for which no time has to pass. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
}

describe("a client that needs a token", () => {
  beforeEach(() => {
    jest.useFakeTimers({ doNotFake: ["nextTick", "setImmediate", "queueMicrotask", "performance", "Date"] });
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  test("P7.8 has ten seconds to show it", async () => {
    const { client, connection } = setUp();
    client.say({ say: "ping" });
    await settle();
    jest.advanceTimersByTime(9_999);
    await settle();
    expect([client.heard, connection.isClosing]).toEqual([[{ say: "pong" }], false]);
    jest.advanceTimersByTime(1);
    await settle();
    expect(client.heard.at(-1)).toEqual({
      say: "error",
      text: "A token is needed here: the first frame is JoinRoom with room?token=JWT.",
    });
    expect(connection.isClosing).toBe(true);
  });

  test("P7.8 may stay once it has shown it", async () => {
    const { client, connection, tokens } = setUp();
    const token = await tokens.sign({ sub: "bob", room: "lobby" });
    client.say({ say: "join_room", room: `lobby?token=${token}` });
    while (client.heard.length === 0) await settle(); // the token is judged in another thread
    jest.advanceTimersByTime(60_000);
    await settle();
    expect(client.heard).toMatchObject([{ say: "joined", room: "lobby" }]);
    expect(connection.isClosing).toBe(false);
    connection.terminate();
    await settle();
  });
});
