/** The client's side of Couchwire's own wire: the shared one, and sessions where a scenario has them. */
import { randomUUID } from "node:crypto";
import { members } from "../tapaculo/members.js";
import { channels } from "./channel-lines.js";
import { createWmbpAdapter } from "../wmbp/adapter.js";
import { crowd } from "../wmbp/crowd.js";
import { ReliableEnd } from "./reliable-end.js";

const plain = createWmbpAdapter({ isVolatileKnown: true });

/** Of the processes of a scenario with two nodes: the one of the hosts and the one of the phones (`peer.js`). */
const HOME = 1;
const EDGE = 2;

export const adapter = {
  ...plain,
  members,
  channels,
  crowd,
  openRoom: (open, scenario, ports) => plain.openRoom(opening(open, scenario, ports[HOME]), scenario),
  joinRoom: (open, room, scenario, ports) => plain.joinRoom(opening(open, scenario, ports[EDGE]), room, scenario),
  readAtHost: heard(plain.readAtHost),
  readAtPhone: heard(plain.readAtPhone),
  /** What a client does once its connection is quiet. */
  rest: ({ connection }) => connection.reliable?.rest(),
};

/** Opens connections as the scenario has them. @param {Function} open @param {import("../../scenarios/index.js").Scenario} scenario @param {number | undefined} port of the node where they arrive, where there are two */
function opening(open, { between, isReliable }, port) {
  const there = between === undefined ? open : (request) => open({ ...request, port });
  return isReliable ? reliably(there) : there;
}

/** Opens connections that count. @param {(request: object) => Promise<import("../../load/load-connection.js").LoadConnection>} open */
function reliably(open) {
  return (request) => {
    const query = `${request.path.includes("?") ? "&" : "?"}session=${randomUUID()}`;
    return open({ path: request.path + query, protocol: "couchwire.v1", equip: countFrames });
  };
}

/** @param {import("../../load/load-connection.js").LoadConnection} connection */
function countFrames(connection) {
  const reliable = new ReliableEnd(connection);
  const converse = connection.onMessage;
  connection.reliable = reliable;
  connection.onMessage = (bytes, start, end, isText) => {
    if (reliable.take(bytes, start, end, isText)) converse(bytes, start, end, isText);
  };
}

function heard(read) {
  return (member, bytes, start, end, isText, take) => {
    const { reliable } = member.connection;
    if (reliable === undefined || reliable.take(bytes, start, end, isText))
      read(member, bytes, start, end, isText, take);
  };
}
