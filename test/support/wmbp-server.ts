/**
 * A server as WMBP's own is (fun-together): what its clients see of it, defects included, as far as the conformance checks look. It shares no code with
 * Couchwire.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { decodeFirst, encode } from "cborg";
import { WebSocket, WebSocketServer } from "ws";
import { z } from "zod";
import { onTestEnd } from "./clean-up.ts";
import { listen } from "./listen.ts";

const COUNT = z.number().int().min(0).max(0xffff_ffff);
const BYTE = z.number().int().min(0).max(255);
const COMMAND = z.discriminatedUnion("cmd", [
  z.object({ cmd: z.literal("prepare"), max_players: COUNT, name: z.string() }),
  z.object({ cmd: z.literal("start") }),
  z.object({ cmd: z.literal("stop") }),
  z.object({ cmd: z.literal("kick"), player: COUNT }),
  z.object({ cmd: z.literal("to"), to: z.array(COUNT), data: z.array(BYTE) }),
  z.object({ cmd: z.literal("to_str"), to: z.array(COUNT), data: z.string() }),
]);
type Command = z.infer<typeof COMMAND>;

interface OldRoom {
  readonly host: WebSocket;
  readonly players: Map<number, WebSocket>;
  key: string | undefined;
  name: string;
  maxPlayers: number;
  isOpen: boolean;
}

/** Starts one; resolves with its address. */
export async function startWmbpServer(): Promise<string> {
  const server = new WmbpServer();
  const port = await listen(server.http);
  onTestEnd(() => server.close());
  return `ws://127.0.0.1:${port}`;
}

class WmbpServer {
  readonly http = createServer((request, response) => this.#answer(request, response));
  readonly #sockets = new WebSocketServer({ noServer: true });
  readonly #rooms = new Map<string, OldRoom>();
  /** Raised by every request. */
  #counter = 0;

  constructor() {
    this.http.on("upgrade", (request, socket, head) => {
      const path = pathOf(request);
      const isKnown = path === "/CREATE" || isRoomPath(path);
      if (!isKnown || request.headers["sec-websocket-version"] !== "13") {
        socket.end("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
        return;
      }
      this.#counter += 1;
      const id = this.#counter;
      this.#sockets.handleUpgrade(request, socket, head, (peer) => {
        peer.on("error", () => undefined); // the close follows
        if (path === "/CREATE") this.#host(peer);
        else this.#join(peer, id, path.slice(1));
      });
    });
  }

  async close(): Promise<void> {
    for (const peer of this.#sockets.clients) peer.terminate();
    const closed = new Promise((resolve) => this.http.close(resolve));
    this.http.closeAllConnections();
    await closed;
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    this.#counter += 1;
    const path = pathOf(request);
    if (path === "/CREATE") {
      response.end("Provide a valid token.");
      return;
    }
    const room = isRoomPath(path) ? this.#rooms.get(path.slice(1)) : undefined;
    const [status, body] =
      room !== undefined ? [200, room.name] : isRoomPath(path) ? [404, "Game not found"] : [400, "Help"];
    response.writeHead(status, { "Content-Type": "text/plain", "Access-Control-Allow-Origin": "*" }).end(body);
  }

  #host(host: WebSocket): void {
    const room: OldRoom = { host, players: new Map(), key: undefined, name: "", maxPlayers: 0, isOpen: false };
    this.#tellState(room);
    tell(host, { cmd: "to", to: [1, 2, 3], data: [1, 2, 3] });
    host.on("message", (data: Buffer, isBinary: boolean) => {
      const command = commandOf(data, isBinary);
      if (command === undefined) tell(host, { cmd: "error", reason: "Invalid message." });
      else this.#follow(room, command);
    });
    // A host that vanishes without a Close leaves its room behind.
    host.on("close", (code) => {
      if (code !== 1006) this.#end(room);
    });
  }

  #follow(room: OldRoom, command: Command): void {
    const { host, players } = room;
    switch (command.cmd) {
      case "prepare":
        if (room.key === undefined) {
          Object.assign(room, { name: command.name, maxPlayers: command.max_players, isOpen: true });
          room.key = this.#newKey();
          this.#rooms.set(room.key, room);
          this.#tellState(room);
        }
        tell(host, { cmd: "prepare_reply", key: room.key });
        return;
      case "start":
        room.isOpen = false;
        this.#tellState(room);
        return;
      case "kick": {
        const player = players.get(command.player);
        players.delete(command.player);
        player?.close();
        this.#tellState(room);
        return;
      }
      case "stop":
        host.close(1001, "The game is done.");
        this.#end(room);
        return;
      default: {
        const to = command.to.length === 0 ? [...players.keys()] : command.to;
        for (const id of to) players.get(id)?.send(command.cmd === "to" ? Uint8Array.from(command.data) : command.data);
      }
    }
  }

  #end(room: OldRoom): void {
    if (room.key !== undefined) this.#rooms.delete(room.key);
    for (const player of room.players.values()) player.close();
  }

  #join(player: WebSocket, id: number, key: string): void {
    const room = this.#rooms.get(key);
    if (room === undefined) {
      player.terminate();
      return;
    }
    const { host, players } = room;
    const isLetIn = room.isOpen && players.size < room.maxPlayers;
    if (isLetIn) {
      players.set(id, player);
      tell(host, { cmd: "player_joined", player: id });
    } else player.close();
    this.#tellState(room);
    player.on("message", (data: Buffer, isBinary: boolean) => {
      const said = isBinary
        ? { cmd: "from", from: id, data: [...data] }
        : { cmd: "from_str", from: id, data: data.toString() };
      tell(host, said);
    });
    player.on("close", () => {
      players.delete(id);
      tell(host, { cmd: "player_left", player: id });
      this.#tellState(room);
    });
  }

  #tellState({ host, name, players, maxPlayers, isOpen }: OldRoom): void {
    const ids = [...players.keys()].toReversed(); // in any order
    const accept = isOpen && players.size < maxPlayers;
    tell(host, { cmd: "state", name, players: ids, max_players: maxPlayers, accept_conns: accept });
  }

  #newKey(): string {
    for (;;) {
      const key = Array.from({ length: 4 }, () => String.fromCharCode(65 + Math.floor(Math.random() * 26))).join("");
      if (!this.#rooms.has(key)) return key;
    }
  }
}

function pathOf({ url = "" }: IncomingMessage): string {
  return url.split("?")[0] ?? "";
}

function isRoomPath(path: string): boolean {
  return /^\/[^/]{4}$/.test(path);
}

/** Events in the order of their fields, as they are given. */
function tell(host: WebSocket, event: Readonly<Record<string, unknown>>): void {
  if (host.readyState === WebSocket.OPEN) host.send(encode(event, { mapSorter: () => 0 }));
}

function commandOf(data: Buffer, isBinary: boolean): Command | undefined {
  try {
    const [value]: readonly unknown[] = isBinary
      ? decodeFirst(data, { rejectDuplicateMapKeys: true })
      : [JSON.parse(data.toString())];
    // Its library takes positional arrays, too.
    const parsed = COMMAND.safeParse(Array.isArray(value) ? { cmd: value[0] } : value);
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}
