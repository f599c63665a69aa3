/**
 * A TV written from the protocol alone, with another CBOR library than the server's, which reads strictly.
 */
import { decode, encode } from "cborg";
import type { WebSocket } from "ws";
import { Inbox } from "./inbox.ts";
import { PlayerClient } from "./player-client.ts";
import type { TestServer } from "./server.ts";
import { connect, type Closing } from "./socket-end.ts";

export interface HostNews {
  readonly cmd: string;
  readonly [field: string]: unknown;
}

/** Where a server is. */
export type Reachable = Pick<TestServer, "ws" | "ca">;

/** No trailing bytes, no tags, no indefinite lengths, no key twice, every number in its shortest form. */
const STRICT = { strict: true, allowIndefinite: false, allowUndefined: false, rejectDuplicateMapKeys: true } as const;

export class HostClient {
  readonly socket: WebSocket;
  readonly closed: Promise<Closing>;
  readonly events = new Inbox<HostNews>("the host");
  readonly #opened: Promise<void>;

  constructor(url: string, ca?: string) {
    const { socket, opened, closed } = connect(url, ca);
    this.socket = socket;
    this.closed = closed;
    this.#opened = opened;
    socket.on("message", (data: Buffer, isBinary: boolean) => {
      const event: HostNews = isBinary ? decode(data, STRICT) : JSON.parse(data.toString());
      this.events.push(event);
    });
    socket.on("close", (code, reason) => this.events.end(`closed with ${code} ${reason.toString()}`));
  }

  static async connect(server: Reachable, query = ""): Promise<HostClient> {
    const host = new HostClient(`${server.ws}/CREATE${query}`, server.ca);
    await host.#opened;
    return host;
  }

  /** A command, in CBOR. */
  send(command: Readonly<Record<string, unknown>>): void {
    this.socket.send(encode(command));
  }

  /** A frame as it is: a string in a text frame, bytes in a binary one. */
  sendFrame(frame: string | Uint8Array): void {
    this.socket.send(frame);
  }

  next(): Promise<HostNews> {
    return this.events.next();
  }

  take(count: number): Promise<HostNews[]> {
    return this.events.take(count);
  }

  /** The next event of that name, passing over the others. */
  until(cmd: string): Promise<HostNews> {
    return this.events.until((event) => event.cmd === cmd);
  }

  close(code?: number): Promise<Closing> {
    this.socket.close(code);
    return this.closed;
  }
}

export interface OpenRoom {
  readonly host: HostClient;
  readonly code: string;
}

/** A host whose room is open; the events up to `prepare_reply` are looked at already. */
export async function openRoom(
  server: Reachable,
  options: { readonly name?: string; readonly max_players?: number; readonly query?: string } = {},
): Promise<OpenRoom> {
  const { name = "sketch", max_players = 8, query = "" } = options;
  const host = await HostClient.connect(server, query);
  host.send({ cmd: "prepare", max_players, name });
  const { key } = await host.until("prepare_reply");
  return { host, code: String(key) };
}

export interface JoinedPlayer {
  readonly player: PlayerClient;
  readonly id: number;
}

/** A player who has a seat; the host's `player_joined` and `state` about it are looked at already. */
export async function joinPlayer(server: Reachable, { host, code }: OpenRoom): Promise<JoinedPlayer> {
  const player = await PlayerClient.connect(server, code);
  const { player: id } = await host.until("player_joined");
  await host.until("state");
  return { player, id: Number(id) };
}

/** Several players, one after the other. */
export async function joinPlayers(server: Reachable, room: OpenRoom, count: number): Promise<JoinedPlayer[]> {
  const joined: JoinedPlayer[] = [];
  while (joined.length < count) joined.push(await joinPlayer(server, room));
  return joined;
}

/** Asks the host's room for something and waits for the answer: everything sent before has been dealt with then. */
export async function roundTrip(host: HostClient): Promise<HostNews[]> {
  host.send({ cmd: "kick", player: 0 }); // no player has the id 0, so the answer is a `state` and nothing changes
  const before: HostNews[] = [];
  for (;;) {
    const event = await host.next();
    if (event.cmd === "state") return before;
    before.push(event);
  }
}
