/** Rooms, seats and pipes on `Bun.serve` and `cbor-x`, and nothing else: `../naive/server.js` as one writes it for Bun. */
/* global Bun */
import { Encoder } from "cbor-x";

const CODE_LETTERS = "BCDFGHJKMNPRSTWXZ";
/** As on `ws`, what a slow phone does not read waits for it. */
const UNLIMITED_BYTES = 2 ** 30;
const cbor = new Encoder({ useRecords: false, tagUint8Array: false, variableMapSize: true });

/** @type {Map<string, Room>} */
const rooms = new Map();

class Room {
  players = new Map();
  #host;
  #dataOf;
  #name = "";
  #maxPlayers = 0;
  #isOpen = false;
  #nextId = 1;
  #code = "";

  /** @param {import("bun").ServerWebSocket} host @param {boolean} hasByteStrings */
  constructor(host, hasByteStrings) {
    this.#host = host;
    this.#dataOf = hasByteStrings ? (data) => data : (data) => Array.from(data);
    host.data.heard = (data) => this.#command(cbor.decode(data));
    host.data.gone = () => this.#end();
    this.#tellState();
  }

  join(player) {
    if (!this.#isOpen || this.players.size >= this.#maxPlayers) return player.close(4510, "The room is full.");
    const id = this.#nextId;
    this.#nextId += 1;
    this.players.set(id, player);
    player.data.heard = (data) => {
      this.#tell(
        typeof data === "string"
          ? { cmd: "from_str", from: id, data }
          : { cmd: "from", from: id, data: this.#dataOf(data) },
      );
    };
    player.data.gone = () => {
      this.players.delete(id);
      this.#tell({ cmd: "player_left", player: id });
      this.#tellState();
    };
    this.#tell({ cmd: "player_joined", player: id });
    this.#tellState();
    return undefined;
  }

  #command(command) {
    switch (command.cmd) {
      case "prepare":
        this.#name = command.name ?? "";
        this.#maxPlayers = command.max_players;
        this.#isOpen = true;
        this.#code ||= takeCode(this);
        this.#tellState();
        this.#tell({ cmd: "prepare_reply", key: this.#code });
        break;
      case "start":
        this.#isOpen = false;
        this.#tellState();
        break;
      case "kick":
        this.players.get(command.player)?.close(4503);
        break;
      case "to":
        this.#send(command.to, Array.isArray(command.data) ? Buffer.from(command.data) : command.data);
        break;
      case "to_str":
        this.#send(command.to, command.data);
        break;
      case "stop":
        this.#host.close(1001);
        break;
      default:
        this.#tell({ cmd: "error", message: "Invalid message." });
    }
  }

  /** Bun sends a string as text and bytes as a binary frame. */
  #send(to, data) {
    if (to.length === 0) for (const player of this.players.values()) player.send(data);
    else for (const id of to) this.players.get(id)?.send(data);
  }

  #tell(event) {
    if (this.#host.readyState === WebSocket.OPEN) this.#host.send(cbor.encode(event));
  }

  #tellState() {
    this.#tell({
      cmd: "state",
      name: this.#name,
      players: [...this.players.keys()],
      max_players: this.#maxPlayers,
      accept_conns: this.#isOpen && this.players.size < this.#maxPlayers,
    });
  }

  #end() {
    rooms.delete(this.#code);
    for (const player of this.players.values()) player.close(1001);
  }
}

/** @param {Room} room */
function takeCode(room) {
  for (;;) {
    const letters = Array.from({ length: 4 }, () => CODE_LETTERS[Math.floor(Math.random() * CODE_LETTERS.length)]);
    const code = letters.join("");
    if (rooms.has(code)) continue;
    rooms.set(code, room);
    return code;
  }
}

const server = Bun.serve({
  hostname: "127.0.0.1",
  port: 0,
  fetch(request, self) {
    return self.upgrade(request, { data: { url: new URL(request.url) } }) ? undefined : new Response("");
  },
  websocket: {
    idleTimeout: 0, // naive has no pings either
    backpressureLimit: UNLIMITED_BYTES,
    open(socket) {
      const { pathname, searchParams } = socket.data.url;
      if (pathname === "/CREATE") return void new Room(socket, searchParams.get("bytes") === "string");
      const room = rooms.get(pathname.slice(1).toUpperCase());
      return room === undefined ? socket.close(4504, "Game not found") : room.join(socket);
    },
    message: (socket, data) => socket.data.heard?.(data),
    close: (socket) => socket.data.gone?.(),
  },
});
console.log(JSON.stringify({ port: server.port }));
process.on("SIGTERM", () => process.exit());
