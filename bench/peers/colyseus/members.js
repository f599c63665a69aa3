/** The client's side of an open room of Colyseus: members name themselves when they reserve a seat. */
import { msgpackHead, readHead } from "../read-msgpack.js";
import { ROOM_DATA, nameOf, reserve, sit } from "./seats.js";

const SAID = Buffer.concat([Uint8Array.of(ROOM_DATA), nameOf("said")]);

/** @type {import("../../load/open-rooms.js").MemberAdapter} */
export const members = {
  payload: "text",

  async join(open, room, number, [port]) {
    const seat = await reserve(port, room.code === undefined ? "create/open" : `joinById/${room.code}`, {
      member: number,
    });
    room.code = seat.room.roomId;
    return { connection: await sit(open, seat) };
  },

  say: (_member, payload) => [
    { bytes: Buffer.concat([Uint8Array.of(ROOM_DATA), nameOf("say"), Uint8Array.of(0xd9, payload.length), payload]) },
  ],

  read(_member, bytes, start, _end, _isText, take) {
    if (bytes.compare(SAID, 0, SAID.length, start, start + SAID.length) !== 0) return;
    const numberAt = readHead(bytes, start + SAID.length);
    const textAt = readHead(bytes, numberAt);
    const from = msgpackHead.value;
    const dataAt = readHead(bytes, textAt);
    take(bytes, dataAt, dataAt + msgpackHead.value, from);
  },
};
