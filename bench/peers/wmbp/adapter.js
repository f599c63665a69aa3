/** The client's side of the wire that Couchwire and the naive server share (docs/PROTOCOL.md, parts 1 to 3). */
import { Encoder } from "cbor-x";
import { websocketWire } from "../../load/websocket-wire.js";
import { readFrom } from "./read-from.js";

const cbor = new Encoder({ useRecords: false, tagUint8Array: false, variableMapSize: true });

/** @param {{ isVolatileKnown: boolean }} abilities */
export function createWmbpAdapter({ isVolatileKnown }) {
  const volatility = (isVolatile) => (isVolatile && isVolatileKnown ? { volatile: true } : {});
  return {
    wire: websocketWire,
    payload: "binary",

    async openRoom(open, scenario) {
      const connection = await open({ path: `/CREATE?format=cbor&bytes=${scenario.hostBytes ?? "string"}` });
      connection.say({ bytes: cbor.encode({ cmd: "prepare", name: "bench", max_players: scenario.phones }) });
      return {
        connection,
        code: await said(connection, ({ cmd, key }) => (cmd === "prepare_reply" ? key : undefined)),
      };
    },

    async joinRoom(open, room) {
      const connection = await open({ path: `/${room.code}` });
      return {
        connection,
        id: await said(room.connection, ({ cmd, player }) => (cmd === "player_joined" ? player : undefined)),
      };
    },

    input: (_phone, payload) => [{ bytes: payload }],
    toOne: (_room, { id }, payload) => [{ bytes: cbor.encode({ cmd: "to", to: [id], data: payload }) }],
    toAll: (_room, payload, { isVolatile }) => [
      { bytes: cbor.encode({ cmd: "to", to: [], data: payload, ...volatility(isVolatile) }) },
    ],

    readAtHost: (_room, bytes, start, end, _isText, take) => readFrom(bytes, start, end, take),
    readAtPhone: (_phone, bytes, start, end, _isText, take) => take(bytes, start, end),
  };
}

/** @param {import("../../load/load-connection.js").LoadConnection} connection @param {(event: Record<string, unknown>) => unknown} read */
function said(connection, read) {
  return connection.conversation.until(({ bytes }) => read(cbor.decode(bytes)));
}
