/** A room that relays between a host and its phones, and one whose members talk to each other. Neither keeps state: so nothing is patched. */
import { createServer } from "node:http";
import { Room, Server } from "@colyseus/core";
import { WebSocketTransport } from "@colyseus/ws-transport";

const MAX_FRAME_BYTES = 1024 * 1024;

class Relay extends Room {
  #host;
  #phones = new Map();

  onCreate() {
    this.maxClients = Infinity;
    this.patchRate = null;
    this.onMessage("input", ({ userData }, data) => this.#host.send("input", [userData.id, data]));
    this.onMessage("to", (_, [id, data]) => this.#phones.get(id)?.sendBytes("data", data));
    this.onMessage("to_all", (client, data) => this.broadcast("data", data, { except: client }));
  }

  onJoin(client) {
    if (this.#host === undefined) {
      this.#host = client;
      return;
    }
    client.userData = { id: this.#phones.size + 1 };
    this.#phones.set(client.userData.id, client);
    this.#host.send("joined", client.userData.id);
  }

  onLeave(client) {
    if (client === this.#host) return void this.disconnect();
    this.#phones.delete(client.userData.id);
    this.#host.send("left", client.userData.id);
    return undefined;
  }
}

class Open extends Room {
  onCreate() {
    this.maxClients = 8;
    this.patchRate = null;
    this.onMessage("say", (client, data) => this.broadcast("said", [client.userData.member, data], { except: client }));
  }

  onJoin(client, { member }) {
    client.userData = { member };
  }
}

const http = createServer();
const transport = new WebSocketTransport({ server: http, maxPayload: MAX_FRAME_BYTES });
const server = new Server({ transport, greet: false, gracefullyShutdown: false });
server.define("relay", Relay);
server.define("open", Open);
await server.listen(0, "127.0.0.1");
console.log(JSON.stringify({ port: http.address().port }));
process.on("SIGTERM", () => process.exit());
