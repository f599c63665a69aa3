/** The floor: what Node itself needs to read a message and write it to another socket. One buffer and one write a message. */
import { createServer } from "node:net";
import { KIND } from "./messages.js";

const LENGTH_BYTES = 4;
const NUMBER_BYTES = 4;
const NOTHING = Buffer.alloc(0);

const rooms = new Map();
let nextRoom = 1;

/** @param {import("node:net").Socket} socket @param {(bytes: Buffer, start: number, end: number) => void} onMessage */
function readMessages(socket, onMessage) {
  let held = NOTHING;
  socket.on("data", (chunk) => {
    const bytes = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
    let at = 0;
    while (bytes.length - at >= LENGTH_BYTES) {
      const start = at + LENGTH_BYTES;
      const end = start + bytes.readUInt32BE(at);
      if (end > bytes.length) break;
      onMessage(bytes, start, end);
      at = end;
    }
    held = at === bytes.length ? NOTHING : bytes.subarray(at);
  });
}

/** A message with a number in front of its data. */
function numbered(kind, number, bytes, start, end) {
  const body = 1 + NUMBER_BYTES + end - start;
  const frame = Buffer.allocUnsafe(LENGTH_BYTES + body);
  frame.writeUInt32BE(body, 0);
  frame[LENGTH_BYTES] = kind;
  frame.writeUInt32BE(number, LENGTH_BYTES + 1);
  bytes.copy(frame, LENGTH_BYTES + 1 + NUMBER_BYTES, start, end);
  return frame;
}

function plain(kind, bytes, start, end) {
  const body = 1 + end - start;
  const frame = Buffer.allocUnsafe(LENGTH_BYTES + body);
  frame.writeUInt32BE(body, 0);
  frame[LENGTH_BYTES] = kind;
  bytes.copy(frame, LENGTH_BYTES + 1, start, end);
  return frame;
}

function host(socket) {
  const room = { host: socket, phones: new Map(), nextPhone: 1 };
  const number = nextRoom;
  nextRoom += 1;
  rooms.set(number, room);
  socket.on("close", () => {
    rooms.delete(number);
    for (const member of room.phones.values()) member.destroy();
  });
  socket.write(numbered(KIND.open, number, NOTHING, 0, 0));
  return (bytes, start, end) => {
    const to = bytes.readUInt32BE(start + 1);
    const frame = plain(KIND.data, bytes, start + 1 + NUMBER_BYTES, end);
    if (to === 0) for (const member of room.phones.values()) member.write(frame);
    else room.phones.get(to)?.write(frame);
  };
}

function phone(socket, roomNumber) {
  const room = rooms.get(roomNumber);
  if (room === undefined) return socket.destroy();
  const number = room.nextPhone;
  room.nextPhone += 1;
  room.phones.set(number, socket);
  socket.on("close", () => room.phones.delete(number));
  room.host.write(numbered(KIND.join, number, NOTHING, 0, 0));
  return (bytes, start, end) => room.host.write(numbered(KIND.from, number, bytes, start + 1, end));
}

const server = createServer({ noDelay: true }, (socket) => {
  let member;
  socket.on("error", () => socket.destroy());
  readMessages(socket, (bytes, start, end) => {
    if (member !== undefined) member(bytes, start, end);
    else member = bytes[start] === KIND.open ? host(socket) : phone(socket, bytes.readUInt32BE(start + 1));
  });
});
server.listen(0, "127.0.0.1", () => console.log(JSON.stringify({ port: server.address().port })));
process.on("SIGTERM", () => process.exit());
