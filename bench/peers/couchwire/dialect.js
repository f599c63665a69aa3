/** The client's side of Couchwire's own wire: the shared one, and sessions where a row has them. */
import { randomUUID } from "node:crypto";
import { createWmbpDialect } from "../wmbp/dialect.js";
import { ReliableEnd } from "./reliable-end.js";

const plain = createWmbpDialect({ isVolatileKnown: true });

export const dialect = {
  ...plain,
  openRoom: (open, row) => plain.openRoom(row.isReliable ? reliably(open) : open, row),
  joinRoom: (open, room, row) => plain.joinRoom(row.isReliable ? reliably(open) : open, room, row),
  readAtHost: heard(plain.readAtHost),
  readAtPhone: heard(plain.readAtPhone),
  /** What a client does once its line is quiet. */
  rest: ({ line }) => line.reliable?.rest(),
};

/** Opens lines that count. @param {(request: object) => Promise<import("../../load/line.js").Line>} open */
function reliably(open) {
  return (request) => {
    const query = `${request.path.includes("?") ? "&" : "?"}session=${randomUUID()}`;
    return open({ path: request.path + query, protocol: "couchwire.v1", equip: countFrames });
  };
}

/** @param {import("../../load/line.js").Line} line */
function countFrames(line) {
  const reliable = new ReliableEnd(line);
  const converse = line.onMessage;
  line.reliable = reliable;
  line.onMessage = (bytes, start, end, isText) => {
    if (reliable.take(bytes, start, end, isText)) converse(bytes, start, end, isText);
  };
}

function heard(read) {
  return (member, bytes, start, end, isText, take) => {
    const { reliable } = member.line;
    if (reliable === undefined || reliable.take(bytes, start, end, isText))
      read(member, bytes, start, end, isText, take);
  };
}
