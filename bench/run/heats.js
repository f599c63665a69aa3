/** Who stands ready beside whom, in which order: row by row, and each repetition a heat with servers of its own. */

/** Whose figures count as 1. */
export const BASE_PEER = "naive";

/**
 * @typedef {object} Entry
 * @property {string} label the peer, and the scene where that is not the row
 * @property {import("../rows/index.js").Row} scene what is run: the row, or the one that it is compared with
 * @property {import("../peers/index.js").Peer} peer
 */

/**
 * @typedef {object} Heat
 * @property {import("../rows/index.js").Row} row whose figures these will be
 * @property {number} repetition from 1
 * @property {string} base the label of the one that the others are compared with, if it is there
 * @property {Entry[]} entries
 */

/** @param {Pick<import("../command-line.js").Plan, "rows" | "peers" | "repetitions">} plan @returns {Heat[]} without peers that are not able to run a row */
export function heatsOf({ rows, peers, repetitions }) {
  return rows.flatMap((row) => {
    const able = peers.filter(({ can }) => row.needs?.every((need) => can.includes(need)) ?? true);
    if (able.length === 0) return [];
    return Array.from({ length: repetitions }, (_, index) => index + 1).flatMap((repetition) => {
      return heatsOfRow(row, able, repetition).map(({ base, entries }) => {
        return { row, repetition, base, entries: rotated(entries, (repetition - 1) / repetitions) };
      });
    });
  });
}

/**
 * The same, beginning so far into them: where a server stands may make it a little cheaper or dearer for as long as its heat goes on.
 * @template T @param {T[]} entries @param {number} share of them
 */
function rotated(entries, share) {
  const first = Math.ceil(entries.length * share);
  return [...entries.slice(first), ...entries.slice(0, first)];
}

/**
 * Who is measured after whom in a round: every second one goes back, so that nobody always comes behind the same one, and
 * is so turned that nobody comes behind itself, for whom the caches would still be warm. A B C D, C B A D, A B C D.
 * @template T @param {T[]} all @param {number} round from 0
 */
export function orderOfRound(all, round) {
  if (round % 2 === 0) return all;
  const [last, ...rest] = all.toReversed();
  return last === undefined ? [] : [...rest, last];
}

/** @param {import("../rows/index.js").Row} row @param {import("../peers/index.js").Peer[]} able @param {number} repetition */
function heatsOfRow(row, able, repetition) {
  if (row.besides !== undefined) return able.map((peer) => heatBesides(row, row.besides, peer, repetition));
  // Memory is that of a server which has the machine to itself: one that stands by is given less, or gives some back.
  if (row.isQuiet) return able.map((peer) => heatBesideAll(row, [peer], repetition));
  return [heatBesideAll(row, able, repetition)];
}

/**
 * All peers, beside each other.
 * @param {import("../rows/index.js").Row} row @param {import("../peers/index.js").Peer[]} peers @param {number} repetition
 * @returns {Heat}
 */
function heatBesideAll(row, peers, repetition) {
  const entries = peers.map((peer) => ({ label: peer.name, scene: row, peer }));
  return { row, repetition, base: BASE_PEER, entries };
}

/**
 * A peer beside itself, once in the row and once in the other.
 * @param {import("../rows/index.js").Row} row @param {import("../rows/index.js").Row} other @param {import("../peers/index.js").Peer} peer @param {number} repetition
 * @returns {Heat}
 */
function heatBesides(row, other, peer, repetition) {
  const base = besidesLabel(peer.name, other.name);
  const entries = [
    { label: peer.name, scene: row, peer },
    { label: base, scene: other, peer },
  ];
  return { row, repetition, base, entries };
}

/** What a peer is called where it runs the row that another one is compared with. @param {string} peer @param {string} scene */
export const besidesLabel = (peer, scene) => `${peer} (${scene})`;
