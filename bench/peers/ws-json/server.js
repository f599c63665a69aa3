/** Rooms on `ws`, every message an object in JSON. */
import { WebSocketServer } from "ws";

const rooms = new Map();
/** Members of rooms that have no host, by the code of the room. @type {Map<string, Set<import("ws").WebSocket>>} */
const openRooms = new Map();
let nextCode = 1000;

const server = new WebSocketServer({ host: "127.0.0.1", port: 0, perMessageDeflate: false });

server.on("listening", () => console.log(JSON.stringify({ port: server.address().port })));

server.on("connection", (socket) => {
  /** What this socket is, once it has said so. */
  let room;
  let id;
  /** All of its open room, where it is in one. @type {Set<import("ws").WebSocket> | undefined} */
  let members;
  socket.on("error", () => socket.terminate());
  socket.on("message", (text) => {
    const message = JSON.parse(text);
    switch (message.type) {
      case "open":
        nextCode += 1;
        room = { code: String(nextCode), host: socket, phones: new Map(), nextId: 1 };
        rooms.set(room.code, room);
        tell(socket, { type: "opened", code: room.code });
        break;
      case "join":
        room = rooms.get(message.code);
        if (room === undefined) return socket.close(4504, "Game not found");
        id = room.nextId;
        room.nextId += 1;
        room.phones.set(id, socket);
        tell(room.host, { type: "joined", id });
        break;
      case "input":
        tell(room.host, { type: "input", from: id, data: message.data });
        break;
      case "to":
        tell(room.phones.get(message.to), { type: "data", data: message.data });
        break;
      case "to_all": {
        const everybody = JSON.stringify({ type: "data", data: message.data });
        for (const phone of room.phones.values()) phone.send(everybody);
        break;
      }
      case "enter":
        ({ id } = message);
        members = openRooms.get(message.code) ?? new Set();
        openRooms.set(message.code, members.add(socket));
        break;
      case "say": {
        const others = JSON.stringify({ type: "said", from: id, data: message.data });
        for (const member of members) if (member !== socket) member.send(others);
        break;
      }
      default:
        tell(socket, { type: "error", message: "There is no such message." });
    }
    return undefined;
  });
  socket.on("close", () => {
    members?.delete(socket);
    if (room === undefined) return;
    if (id !== undefined) {
      room.phones.delete(id);
      tell(room.host, { type: "left", id });
    } else {
      rooms.delete(room.code);
      for (const phone of room.phones.values()) phone.close(1001);
    }
  });
});

function tell(socket, message) {
  if (socket?.readyState === socket?.OPEN) socket?.send(JSON.stringify(message));
}

process.on("SIGTERM", () => process.exit());
