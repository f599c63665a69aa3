/** The client's side of a crowd on Socket.IO: `42["vote","…"]`, and at the host `42["tally",{"…":17}]`. */

const TALLY = Buffer.from('42["tally",');
const EVENT_BYTES = "42".length;

/**
 * @param {object} common what all of this parser have (`engine.js`)
 * @returns {import("../../load/stage.js").CrowdAdapter}
 */
export function createSocketIoCrowd({ connect, say, said, event, openRoom, joinRoom, hear }) {
  return {
    openRoom: (open) => openRoom(open),
    joinPlayer: joinRoom,

    async joinWatcher(open, code) {
      const connection = await connect(open);
      say(connection, "watch", code);
      await said(connection, "watching");
      return { connection };
    },

    openBare: async (open) => ({ connection: await connect(open) }),

    vote: (_code, text) => event(["vote", text]),
    toCrowd: (_room, payload) => event(["to_crowd", payload]),

    readAtHost(host, bytes, start, end, isText, { votes, input }) {
      if (!isText || bytes.compare(TALLY, 0, TALLY.length, start, Math.min(end, start + TALLY.length)) !== 0) {
        hear(host, bytes, start, end, isText, input);
        return;
      }
      const [, tally] = JSON.parse(bytes.toString("utf8", start + EVENT_BYTES, end));
      votes(Object.values(tally).reduce((sum, count) => sum + count, 0));
    },
    readAtWatcher: hear,
  };
}
