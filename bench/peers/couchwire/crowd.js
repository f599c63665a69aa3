/** The client's side of Couchwire's audience (docs/PROTOCOL.md, 5.6): phones are watchers, and the server counts their votes. */
import { Encoder } from "cbor-x";

const cbor = new Encoder({ useRecords: false, tagUint8Array: false, variableMapSize: true });
const PLAYERS = 8;

export const crowd = {
  async openRoom(open, { phones }) {
    const connection = await open({ path: "/CREATE?format=cbor&bytes=string" });
    connection.say({ bytes: cbor.encode({ cmd: "prepare", name: "bench", max_players: PLAYERS, audience: phones }) });
    const code = await connection.conversation.until(({ bytes }) => {
      const { cmd, key } = cbor.decode(bytes);
      return cmd === "prepare_reply" ? key : undefined;
    });
    for (let player = 0; player < PLAYERS; player += 1) await open({ path: `/${code}` });
    return { connection, code };
  },

  async joinRoom(open, { code }) {
    return { connection: await open({ path: `/${code}?role=audience` }) };
  },

  vote: (text) => ({ bytes: Buffer.from(text), isText: true }),
  toAll: (_room, payload) => [{ bytes: cbor.encode({ cmd: "to_audience", data: payload }) }],

  /** Calls `told` with how many votes a frame of the host tells of. */
  readVotes(bytes, start, end, told) {
    const { cmd, tally, other = 0 } = cbor.decode(bytes.subarray(start, end));
    if (cmd === "audience") told(Object.values(tally).reduce((sum, votes) => sum + votes, other));
  },
};
