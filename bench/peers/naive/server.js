/** Rooms, seats and pipes on `ws` and `cbor-x`, and nothing else. */
import { createServer } from "node:http";
import { Encoder } from "cbor-x";
import { WebSocketServer } from "ws";

const CODE_LETTERS = "BCDFGHJKMNPRSTWXZ";
const cbor = new Encoder({ useRecords: false, tagUint8Array: false, variableMapSize: true });

/** @type {Map<string, Room>} */
const rooms = new Map();

/** Votes of watchers are told to a host so often. */
const TALLY_MS = 250;

class Room {
  players = new Map();
  #watchers = new Set();
  #tally = new Map();
  #tallying;
  #host;
  #dataOf;
  #name = "";
  #maxPlayers = 0;
  #isOpen = false;
  #nextId = 1;
  #code = "";

  /** @param {import("ws").WebSocket} host @param {boolean} hasByteStrings */
  constructor(host, hasByteStrings) {
    this.#host = host;
    this.#dataOf = hasByteStrings ? (data) => data : (data) => Array.from(data);
    host.on("message", (data) => this.#command(cbor.decode(data)));
    host.on("close", () => this.#end());
    host.on("error", () => host.terminate());
    this.#tellState();
  }

  join(player) {
    if (!this.#isOpen || this.players.size >= this.#maxPlayers) return player.close(4510, "The room is full.");
    const id = this.#nextId;
    this.#nextId += 1;
    this.players.set(id, player);
    player.on("message", (data, isBinary) => {
      this.#tell(
        isBinary
          ? { cmd: "from", from: id, data: this.#dataOf(data) }
          : { cmd: "from_str", from: id, data: data.toString() },
      );
    });
    player.on("close", () => {
      this.players.delete(id);
      this.#tell({ cmd: "player_left", player: id });
      this.#tellState();
    });
    player.on("error", () => player.terminate());
    this.#tell({ cmd: "player_joined", player: id });
    this.#tellState();
    return undefined;
  }

  watch(watcher) {
    this.#watchers.add(watcher);
    this.#tallying ??= setInterval(() => this.#tellTally(), TALLY_MS);
    watcher.on("message", (data) => {
      const vote = data.toString();
      this.#tally.set(vote, (this.#tally.get(vote) ?? 0) + 1);
    });
    watcher.on("close", () => this.#watchers.delete(watcher));
    watcher.on("error", () => watcher.terminate());
  }

  #tellTally() {
    if (this.#tally.size === 0) return;
    this.#tell({ cmd: "audience", count: this.#watchers.size, tally: Object.fromEntries(this.#tally) });
    this.#tally.clear();
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
        this.#send(command.to, Array.isArray(command.data) ? Buffer.from(command.data) : command.data, true);
        break;
      case "to_str":
        this.#send(command.to, command.data, false);
        break;
      case "to_audience":
        for (const watcher of this.#watchers) watcher.send(command.data);
        break;
      case "stop":
        this.#host.close(1001);
        break;
      default:
        this.#tell({ cmd: "error", message: "Invalid message." });
    }
  }

  #send(to, data, binary) {
    if (to.length === 0) for (const player of this.players.values()) player.send(data, { binary });
    else for (const id of to) this.players.get(id)?.send(data, { binary });
  }

  #tell(event) {
    if (this.#host.readyState === this.#host.OPEN) this.#host.send(cbor.encode(event));
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
    clearInterval(this.#tallying);
    for (const other of [...this.players.values(), ...this.#watchers]) other.close(1001);
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

const server = createServer((_, response) => response.end());
const sockets = new WebSocketServer({ server, perMessageDeflate: false });
sockets.on("connection", (socket, { url = "/" }) => {
  const { pathname, searchParams } = new URL(url, "http://localhost");
  if (pathname === "/CREATE") return new Room(socket, searchParams.get("bytes") === "string");
  if (pathname === "/BARE") return socket.on("error", () => socket.terminate());
  const room = rooms.get(pathname.slice(1).toUpperCase());
  if (room === undefined) return socket.close(4504, "Game not found");
  return searchParams.get("role") === "audience" ? room.watch(socket) : room.join(socket);
});
server.listen(0, "127.0.0.1", () => console.log(JSON.stringify({ port: server.address().port })));
process.on("SIGTERM", () => process.exit());
