/** The client's side of Couchwire's own wire: the shared one, and sessions where a row has them. */
import { randomUUID } from "node:crypto";
import { createWmbpDialect } from "../wmbp/dialect.js";
import { ExactEnd } from "./exact-end.js";

const plain = createWmbpDialect({ isVolatileKnown: true });

export const dialect = {
  ...plain,
  openRoom: (open, row) => plain.openRoom(row.isExact ? exactly(open) : open, row),
  joinRoom: (open, room, row) => plain.joinRoom(row.isExact ? exactly(open) : open, room, row),
  readAtHost: heard(plain.readAtHost),
  readAtPhone: heard(plain.readAtPhone),
  /** What a client does once its line is quiet. */
  rest: ({ line }) => line.exact?.rest(),
};

/** Opens lines that count. @param {(request: object) => Promise<import("../../load/line.js").Line>} open */
function exactly(open) {
  return (request) => {
    const query = `${request.path.includes("?") ? "&" : "?"}session=${randomUUID()}`;
    return open({ path: request.path + query, protocol: "couchwire.v1", equip: countFrames });
  };
}

/** @param {import("../../load/line.js").Line} line */
function countFrames(line) {
  const exact = new ExactEnd(line);
  const converse = line.onMessage;
  line.exact = exact;
  line.onMessage = (bytes, start, end, isText) => {
    if (exact.take(bytes, start, end, isText)) converse(bytes, start, end, isText);
  };
}

function heard(read) {
  return (member, bytes, start, end, isText, take) => {
    const { exact } = member.line;
    if (exact === undefined || exact.take(bytes, start, end, isText)) read(member, bytes, start, end, isText, take);
  };
}
