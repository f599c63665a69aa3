/** Who runs what, and in which order: row by row, and within a row A B C A B C, so that what drifts meets all of them. */

/**
 * @typedef {object} Turn
 * @property {import("../rows/index.js").Row} row whose figures these will be
 * @property {import("../rows/index.js").Row} scene what is run: the row, or the one that it is compared with
 * @property {import("../peers/index.js").Peer} peer
 * @property {string} label the peer, and the scene where that is not the row
 * @property {number} repetition from 1
 */

/** @param {Pick<import("../command-line.js").Plan, "rows" | "peers" | "repetitions">} plan @returns {Turn[]} none for a peer that is not able to run a row */
export function turnsOf({ rows, peers, repetitions }) {
  return rows.flatMap((row) =>
    Array.from({ length: repetitions }, (_, index) => index + 1).flatMap((repetition) =>
      peers.flatMap((peer) => {
        if (row.needs?.some((need) => !peer.can.includes(need))) return [];
        const scenes = row.besides === undefined ? [row] : [row, row.besides];
        return scenes.map((scene) => ({ row, scene, peer, label: labelOf(peer.name, row, scene), repetition }));
      }),
    ),
  );
}

/** @param {string} peer @param {import("../rows/index.js").Row} row @param {import("../rows/index.js").Row} scene */
const labelOf = (peer, row, scene) => (scene === row ? peer : besidesLabel(peer, scene.name));

/** What a peer is called where it runs the row that another one is compared with. @param {string} peer @param {string} scene */
export const besidesLabel = (peer, scene) => `${peer} (${scene})`;
