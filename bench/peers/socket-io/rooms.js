/** Rooms as Socket.IO's documentation builds them, for either parser. WebSocket only, and no compression (its default). */
import { createServer } from "node:http";
import { Server } from "socket.io";
import { crowdOf, serveWatchers } from "./watchers.js";

/** @param {object} options of the server, beside those */
export function serveRooms(options) {
  const server = createServer();
  const io = new Server(server, { transports: ["websocket"], perMessageDeflate: false, ...options });
  const hosts = new Map();
  let nextCode = 1000;

  io.on("connection", (socket) => {
    const { data: seat } = socket;
    socket.on("open", () => {
      nextCode += 1;
      seat.room = { code: String(nextCode), host: socket, phones: new Map(), nextId: 1 };
      hosts.set(seat.room.code, seat.room);
      socket.emit("opened", seat.room.code);
    });
    socket.on("join", async (code) => {
      const room = hosts.get(code);
      if (room === undefined) return socket.disconnect();
      seat.room = room;
      seat.id = room.nextId;
      room.nextId += 1;
      room.phones.set(seat.id, socket);
      await socket.join(code);
      room.host.emit("joined", seat.id);
      return undefined;
    });
    serveWatchers(io, socket, hosts);
    socket.on("enter", async (code, number) => {
      seat.member = { code, number };
      await socket.join(code);
    });
    socket.on("say", (data) => socket.to(seat.member.code).emit("said", seat.member.number, data));
    socket.on("input", (data) => seat.room.host.emit("input", seat.id, data));
    socket.on("to", (id, data) => seat.room.phones.get(id)?.emit("data", data));
    socket.on("to_all", (data) => io.to(seat.room.code).emit("data", data));
    socket.on("to_all_volatile", (data) => io.to(seat.room.code).volatile.emit("data", data));
    socket.on("disconnect", () => {
      const { room, id } = seat;
      if (room === undefined || seat.isWatcher) return;
      if (id !== undefined) {
        room.phones.delete(id);
        room.host.emit("left", id);
      } else {
        hosts.delete(room.code);
        clearInterval(room.tallying);
        io.in([room.code, crowdOf(room.code)]).disconnectSockets(true);
      }
    });
  });

  server.listen(0, "127.0.0.1", () => console.log(JSON.stringify({ port: server.address().port })));
  process.on("SIGTERM", () => process.exit());
}
