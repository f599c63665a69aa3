/** The client's side of an audience (docs/PROTOCOL.md, 5.6): watchers, whose votes the server counts. */
import { Encoder } from "cbor-x";

const cbor = new Encoder({ useRecords: false, tagUint8Array: false, variableMapSize: true });

/** @type {import("../../load/stage.js").CrowdAdapter} */
export const crowd = {
  async openRoom(open, { players, watchers }) {
    const connection = await open({ path: "/CREATE?format=cbor&bytes=string" });
    connection.say({ bytes: cbor.encode({ cmd: "prepare", name: "bench", max_players: players, audience: watchers }) });
    return {
      connection,
      code: await said(connection, ({ cmd, key }) => (cmd === "prepare_reply" ? key : undefined)),
    };
  },

  async joinPlayer(open, host) {
    const connection = await open({ path: `/${host.code}` });
    return {
      connection,
      id: await said(host.connection, ({ cmd, player }) => (cmd === "player_joined" ? player : undefined)),
    };
  },

  joinWatcher: async (open, code) => ({ connection: await open({ path: `/${code}?role=audience` }) }),

  vote: (_code, text) => [{ bytes: Buffer.from(text), isText: true }],
  toCrowd: (_room, payload) => [{ bytes: cbor.encode({ cmd: "to_audience", data: payload }) }],

  /** Decodes all of it, as a host does. */
  readAtHost(_host, bytes, start, end, _isText, { votes, input, other }) {
    const { cmd, tally, other: others = 0, from, data } = cbor.decode(bytes.subarray(start, end));
    if (cmd === "audience") votes(Object.values(tally).reduce((sum, count) => sum + count, others));
    else if (cmd === "from") input(data, 0, data.length, from);
    else other();
  },
  readAtWatcher: (_watcher, bytes, start, end, _isText, take) => take(bytes, start, end),
};

/** @param {import("../../load/load-connection.js").LoadConnection} connection @param {(event: Record<string, unknown>) => unknown} read */
function said(connection, read) {
  return connection.conversation.until(({ bytes }) => read(cbor.decode(bytes)));
}
