/** The project's own ports as targets of the suites of `couchwire/testing`: three ways to host, and four into an open room. */
import type { CloseName } from "../../src/protocol/close-codes.ts";
import { CLOSE_CODES } from "../../src/protocol/close-codes.ts";
import { decodeHostFrame } from "../../src/protocol/decode-host-frame.ts";
import type { RoomEvent } from "../../src/protocol/events.ts";
import type { GameRoom } from "../../src/games/game-room.ts";
import type { HostPeer } from "../../src/room/ports.ts";
import type { Room, RoomCommand } from "../../src/room/room.ts";
import { joined } from "../../src/session/host-encoder.ts";
import type { PlayerPort } from "../../src/session/ports.ts";
import type {
  ConnectionEnd,
  HeardByMember,
  HostCommandSaid,
  HostNewsSeen,
  HostTarget,
  HostUnderTest,
  MemberTarget,
  MemberUnderTest,
  PhoneUnderTest,
  RoomUnderTest,
} from "../../src/testing/index.ts";
import { HostClient } from "./host-client.ts";
import { Inbox } from "./inbox.ts";
import { MemberClient, type MemberFrame } from "./member-client.ts";
import { PlayerClient } from "./player-client.ts";
import { FakeOpenRooms } from "./room/fake-open-rooms.ts";
import type { TestServer } from "./server.ts";
import { TcpTestClient } from "./tcp-client.ts";

const utf8 = new TextEncoder();
const fromUtf8 = new TextDecoder();

/** A page that hosts over a WebSocket. */
export function webSocketHosts(server: TestServer, format: "cbor" | "json"): HostTarget {
  const isJson = format === "json";
  return {
    connectPhone: (code) => connectPhone(server, code),
    async connectHost(): Promise<HostUnderTest> {
      const host = await HostClient.connect(server, `?format=${format}`);
      return {
        closed: host.closed,
        say: (command) => (isJson ? host.sendFrame(JSON.stringify(command, bytesAsIntegers)) : host.send(command)),
        async next() {
          const news = await host.next();
          const { cmd, data } = news;
          return cmd === "from" && Array.isArray(data) ? { ...news, data: Uint8Array.from(data) } : news;
        },
        leave: async () => void (await host.close(1000)),
      };
    },
  };
}

function bytesAsIntegers(_: string, value: unknown): unknown {
  return value instanceof Uint8Array ? [...value] : value;
}

async function connectPhone(server: TestServer, code: string): Promise<PhoneUnderTest> {
  const phone = await PlayerClient.connect(server, code);
  return {
    closed: phone.closed,
    say: (data) => phone.send(data),
    next: () => phone.next(),
    leave: async () => void (await phone.close(1000)),
    async cut() {
      phone.socket.terminate();
      await phone.closed;
    },
  };
}

/** Code in the server's process that hosts by the port of a room. */
export function inProcessHosts(server: TestServer): HostTarget {
  return {
    connectPhone: (code) => connectPhone(server, code),
    async connectHost() {
      const host = new LocalHost();
      host.room = server.inside().hub.createRoom(host);
      return host;
    },
  };
}

class LocalHost implements HostPeer, HostUnderTest {
  readonly isBehind = false;
  readonly shouldDeferJoins = false;
  readonly #news = new Inbox<HostNewsSeen>("a host in this process");
  readonly closed: Promise<ConnectionEnd>;
  room: Room | undefined;
  #onClosed: (end: ConnectionEnd) => void = () => {};

  constructor() {
    this.closed = new Promise((resolve) => {
      this.#onClosed = resolve;
    });
  }

  tell(...events: readonly RoomEvent[]): void {
    for (const event of events) this.#news.push({ ...event });
  }

  message(from: number, data: Uint8Array, isText: boolean): void {
    if (isText) this.#news.push({ cmd: "from_str", from, data: fromUtf8.decode(data) });
    else this.#news.push({ cmd: "from", from, data: new Uint8Array(data) });
  }

  close(name: CloseName): void {
    this.#onClosed({ code: CLOSE_CODES[name].code, reason: "" });
  }

  say(said: HostCommandSaid): void {
    void this.room?.command(commandOf(said));
  }

  next(): Promise<HostNewsSeen> {
    return this.#news.next();
  }

  async leave(): Promise<void> {
    this.room?.hostLeft();
  }
}

/** The command as the room takes it. */
function commandOf(said: HostCommandSaid): RoomCommand {
  const decoded = decodeHostFrame(utf8.encode(JSON.stringify(said, bytesAsIntegers)), true);
  if (!decoded.ok || decoded.value.cmd === "save") throw new Error(`no command of a room: ${said.cmd}`);
  return decoded.value;
}

// Members.

interface OpenRoom extends RoomUnderTest {
  readonly room: GameRoom;
}

let rooms = 0;

function opener(create: (name: string, maxPlayers: number | undefined) => GameRoom) {
  return async ({ maxPlayers }: { readonly maxPlayers?: number } = {}): Promise<OpenRoom> => {
    rooms += 1;
    const room = create(`suite ${rooms}`, maxPlayers);
    return {
      room,
      broadcast: (data) => void room.broadcast(data),
      close: () => room.close(),
      kick(as) {
        const member = room.members.find(({ name }) => name === as);
        if (member !== undefined) room.kick(member);
      },
    };
  };
}

function onServer(server: TestServer) {
  return opener((name, maxPlayers) =>
    server.inside().rooms.create("relay", { name, code: true, ...(maxPlayers !== undefined && { maxPlayers }) }),
  );
}

/** Members with the code of the room. */
export function membersByCode(server: TestServer): MemberTarget<OpenRoom> {
  return {
    abilities: { speaksText: true, tellsOfMembers: true },
    openRoom: onServer(server),
    join: async ({ room }, as) => enter(await MemberClient.connect(server, `${room.code}?name=${as}`)),
    joinNowhere: async () => enter(await MemberClient.connect(server, "BBBB")),
  };
}

/** Members with a token. */
export function membersByToken(server: TestServer): MemberTarget<OpenRoom> {
  return {
    abilities: { speaksText: true, tellsOfMembers: true },
    openRoom: onServer(server),
    join: async ({ room }, as) => enter(await MemberClient.join(server, as, room.name ?? "")),
    joinNowhere: async () => enter(await MemberClient.join(server, "ann", "nowhere")),
  };
}

async function enter(client: MemberClient): Promise<MemberUnderTest> {
  const { you } = await client.event("joined");
  return {
    id: String(you),
    closed: client.closed,
    sayText: (data, to) => client.say(data, to),
    sayBytes: (data) => client.send(data),
    sayNonsense: () => client.send("no envelope"),
    next: async () => heardIn(await client.next()),
    leave: async () => void (await client.close(1000)),
  };
}

function heardIn(frame: MemberFrame): HeardByMember {
  if (frame instanceof Uint8Array) return { is: "bytes", from: undefined, data: frame };
  const { error, event, member, from, data } = frame;
  if (error !== undefined) return { is: "error" };
  if (event === undefined) return { is: "text", from: String(from), data };
  if (event !== "join" && event !== "leave" && event !== "away" && event !== "back")
    throw new Error(`heard ${JSON.stringify(event)}`);
  const id = typeof member === "object" && member !== null && "id" in member ? String(member.id) : "";
  return { is: event, id };
}

/** Members over TCP. */
export function membersByTcp(server: TestServer, tcpPort: number): MemberTarget<OpenRoom> {
  const join = async (room: string): Promise<MemberUnderTest> => {
    const client = await TcpTestClient.connect(tcpPort);
    const id = await client.join(room);
    return {
      id,
      closed: client.ended.then(() => ({ code: undefined, reason: "" })),
      sayText: () => {},
      sayNonsense: () => {},
      sayBytes: (data) => client.say({ say: "broadcast", data }),
      async next(): Promise<HeardByMember> {
        const message = await client.inbox.next();
        switch (message.say) {
          case "broadcast":
            return { is: "bytes", from: message.sender, data: message.data };
          case "player_joined":
            return { is: "join", id: message.client };
          case "player_left":
            return { is: "leave", id: message.client };
          default:
            return { is: "error" };
        }
      },
      async leave() {
        client.socket.end();
        await client.ended;
      },
    };
  };
  return {
    abilities: { speaksText: false, tellsOfMembers: true },
    openRoom: onServer(server),
    join: ({ room }, as) => join(`${room.name}?name=${as}`),
    joinNowhere: () => join("nowhere"),
  };
}

/** Members in the process of the rooms. */
export function membersInProcess(): MemberTarget<OpenRoom> {
  const open = new FakeOpenRooms([], { openKinds: [] });
  const join = async (room: string, as: string): Promise<MemberUnderTest> => {
    const port = new LocalPort();
    const outcome = await open.rooms.join(port, open.request(room, as, { name: as, transport: "local" }));
    if (outcome.at === "refused") throw new Error(`refused: ${outcome.name}`);
    const { handler } = outcome;
    const first = await port.frames.next();
    if (first instanceof Uint8Array || first["event"] !== "joined") throw new Error("not told who is here");
    const say = (data: Uint8Array, isText: boolean): void => handler.message(data, isText);
    return {
      id: String(first["you"]),
      closed: port.closed,
      sayText: (data, to) => say(utf8.encode(JSON.stringify({ data, to })), true),
      sayBytes: (data) => say(data, false),
      sayNonsense: () => say(utf8.encode("no envelope"), true),
      next: async () => heardIn(await port.frames.next()),
      leave: async () => handler.gone("left"),
    };
  };
  return {
    abilities: { speaksText: true, tellsOfMembers: true },
    openRoom: opener((name, maxPlayers) =>
      open.rooms.create("relay", { name, ...(maxPlayers !== undefined && { maxPlayers }) }),
    ),
    join: ({ room }, as) => join(room.name ?? "", as),
    joinNowhere: () => join("nowhere", "ann"),
  };
}

/** A member's port without a socket. */
class LocalPort implements PlayerPort {
  readonly queued = 0;
  readonly isBusy = false;
  readonly rtt = undefined;
  readonly frames = new Inbox<MemberFrame>("a member in this process");
  readonly closed: Promise<ConnectionEnd>;
  #onClosed: (end: ConnectionEnd) => void = () => {};

  constructor() {
    this.closed = new Promise((resolve) => {
      this.#onClosed = resolve;
    });
  }

  send(data: Uint8Array, isText: boolean): void {
    this.frames.push(isText ? JSON.parse(fromUtf8.decode(data)) : new Uint8Array(data));
  }

  sendCorked(data: Uint8Array, isText: boolean): void {
    this.send(data, isText);
  }

  sendParts(head: Uint8Array, data: Uint8Array, isText = false): void {
    this.send(joined(head, data), isText);
  }

  close(name: CloseName, reason = ""): void {
    this.#onClosed({ code: CLOSE_CODES[name].code, reason });
  }

  confirm(): void {}

  pause(): void {}

  resume(): void {}

  probe(): void {}
}
