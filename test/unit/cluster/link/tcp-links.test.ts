/** Clients over TCP whose open room is at another node. */
import { Duplex } from "node:stream";
import { describe, expect, test } from "@jest/globals";
import { createAdmission } from "../../../../src/admission/admission.ts";
import { createMemberJoins, createOtherRooms } from "../../../../src/cluster/link/member-joins.ts";
import { Links } from "../../../../src/cluster/link/links.ts";
import { FrameSplitter } from "../../../../src/protocol/ghost-sync/frame-splitter.ts";
import {
  decodeServerMessage,
  encodeClientMessage,
  type ClientMessage,
  type ServerMessage,
} from "../../../../src/protocol/ghost-sync/messages.ts";
import { NOTHING_OFFERED } from "../../../../src/protocol/subprotocols.ts";
import { ConnectionManager } from "../../../../src/transport/connection-manager.ts";
import { TcpConnection } from "../../../../src/transport/tcp/tcp-connection.ts";
import { TcpEncoders } from "../../../../src/transport/tcp/tcp-encoder.ts";
import { TcpPeer } from "../../../../src/transport/tcp/tcp-peer.ts";
import { onTestEnd } from "../../../support/clean-up.ts";
import { FaultyBus } from "../../../support/cluster/faulty-bus.ts";
import { startMail } from "../../../support/cluster/mail-nodes.ts";
import { Inbox, eventually } from "../../../support/inbox.ts";
import { FakeOpenRooms } from "../../../support/room/fake-open-rooms.ts";
import { FakeClock } from "../../../support/room/fake-clock.ts";
import { LIMITS } from "../../../support/room/fake-room.ts";
import { unlimitedMemory } from "../../../support/room/memory-budget.ts";

const HOUR_MS = 3_600_000;
const now = (): number => performance.now();

async function startNode(bus: FaultyBus, name: string) {
  const node = await startMail(bus, name);
  const open = new FakeOpenRooms();
  const bugs: unknown[] = [];
  const links = new Links({
    mail: node.mail,
    clock: new FakeClock(),
    onFault: () => {},
    onBug: (error) => bugs.push(error),
  });
  const connections = new ConnectionManager({
    admission: createAdmission({ hub: open.fake.hub, bytes: "string" }),
    budget: unlimitedMemory(),
    maxConnections: 100,
    pingMs: HOUR_MS,
    idleMs: 2 * HOUR_MS,
    now,
    onBug: (error) => bugs.push(error),
    onRefused: () => {},
  });
  links.attach({ connections, joinMember: createMemberJoins({ rooms: open.rooms, hub: open.fake.hub }) });
  onTestEnd(() => connections.drain());
  return { ...node, open, links, connections, bugs };
}

async function found(isThere: boolean) {
  return isThere ? ({ at: "elsewhere", home: "home" } as const) : ({ at: "here", tenant: undefined } as const);
}

/** `home` has the room `lobby`; clients arrive at `edge`, which has a room `here`. */
async function startTcp() {
  const bus = new FaultyBus();
  const home = await startNode(bus, "home");
  const edge = await startNode(bus, "edge");
  home.open.rooms.create("relay", { name: "lobby" });
  const coded = home.open.rooms.create("relay", {});
  edge.open.rooms.create("relay", { name: "here" });
  const otherRooms = createOtherRooms({
    links: edge.links,
    homes: {
      whereIsName: (name) => found(name !== "here"),
      whereIsCode: () => found(true),
      claimName: async () => true,
    },
  });
  const arrive = () => {
    const heard = new Inbox<ServerMessage>("the client");
    const splitter = new FrameSplitter(1_000_000);
    const socket = new Duplex({
      read() {},
      write(chunk: Buffer, _encoding, taken) {
        if (chunk.length > 0) splitter.push(new Uint8Array(chunk));
        for (let next = splitter.next(); next instanceof Uint8Array; next = splitter.next()) {
          const message = decodeServerMessage(next);
          if (message.ok) heard.push(message.value);
        }
        taken();
      },
      final(ended) {
        this.push(null); // it hangs up when the server does
        ended();
      },
    });
    const options = { maxPayload: 65_536, tcpQueueFrames: 0, pingMs: HOUR_MS };
    const connection = new TcpConnection(edge.connections, socket, options);
    const handler = new TcpPeer(connection, "127.0.0.1", {
      ...LIMITS,
      rooms: edge.open.rooms,
      hub: edge.open.fake.hub,
      encoders: new TcpEncoders(),
      otherRooms,
      tokenGate: undefined,
      isTokenRequired: false,
      now,
    });
    edge.connections.accept(connection, {
      target: { for: "line", handler },
      query: new URLSearchParams(),
      subprotocols: NOTHING_OFFERED,
      address: "127.0.0.1",
      agent: "",
      transport: "tcp",
      headers: {},
      path: "",
    });
    const say = (message: ClientMessage): void => void socket.push(Buffer.from(encodeClientMessage(message)));
    const until = (what: ServerMessage["say"]): Promise<ServerMessage> =>
      heard.until((message) => message.say === what);
    return { socket, heard, say, until };
  };
  return { bus, home, edge, coded, arrive };
}

describe("a client over TCP", () => {
  test("joins a room at another node, is heard there, and hears it", async () => {
    const { home, arrive } = await startTcp();
    const [one, other] = [arrive(), arrive()];
    one.say({ say: "join_room", room: "lobby" });
    expect(await one.until("joined")).toMatchObject({ room: "lobby" });
    other.say({ say: "join_room", room: "lobby" });
    expect(await other.until("joined")).toMatchObject({ room: "lobby" });
    await one.until("player_joined");
    one.say({ say: "broadcast", data: Uint8Array.of(1, 2, 3) });
    expect(await other.until("broadcast")).toMatchObject({ data: Uint8Array.of(1, 2, 3) });
    one.socket.push(null);
    await other.until("player_left");
    expect(home.bugs).toEqual([]);
  });

  test("changes rooms between nodes on one line", async () => {
    const { home, edge, arrive } = await startTcp();
    const client = arrive();
    client.say({ say: "join_room", room: "lobby" });
    expect(await client.until("joined")).toMatchObject({ room: "lobby" });
    client.say({ say: "join_room", room: "here" });
    expect(await client.until("joined")).toMatchObject({ room: "here" });
    await eventually("the link is over", () => home.links.counts.atHome === 0 && edge.links.counts.atEdge === 0);
    client.say({ say: "join_room", room: "lobby" });
    expect(await client.until("joined")).toMatchObject({ room: "lobby" });
    client.say({ say: "leave_room" });
    await eventually("the link is over again", () => home.links.counts.atHome === 0 && edge.links.counts.atEdge === 0);
    expect([home.bugs, edge.bugs]).toEqual([[], []]);
  });

  test("is refused with the home's words, and its line stays", async () => {
    const { edge, arrive } = await startTcp();
    const client = arrive();
    client.say({ say: "join_room", room: "nowhere" });
    expect(await client.until("error")).toEqual({ say: "error", text: "room not found: nowhere" });
    client.say({ say: "join_room", room: "here" });
    expect(await client.until("joined")).toMatchObject({ room: "here" });
    expect(edge.links.counts.atEdge).toBe(0);
  });

  test("by the code of a room at another node", async () => {
    const { coded, arrive } = await startTcp();
    const client = arrive();
    const room = String(coded.code).toLowerCase();
    client.say({ say: "join_room", room });
    expect(await client.until("joined")).toMatchObject({ room });
  });

  test("whose room's node is lost is told to come back", async () => {
    const { home, arrive } = await startTcp();
    const client = arrive();
    client.say({ say: "join_room", room: "lobby" });
    await client.until("joined");
    await home.mail.close();
    expect(await client.until("error")).toMatchObject({ text: expect.stringMatching(/restarting/) });
  });
});
