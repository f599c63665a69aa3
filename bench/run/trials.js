/** The trials of a plan in their order: scenario by scenario, each repetition with its own servers. */

const BASE_PEER = "naive";

/** The peer whose figures count as 1. @param {{ base?: string | undefined }} scenario */
export const basePeerOf = ({ base = BASE_PEER }) => base;

/** @param {Pick<import("../peers/index.js").Peer, "can" | "isHostless">} peer @param {Pick<import("../scenarios/index.js").Scenario, "needs" | "relay">} scenario */
export const isAble = ({ can, isHostless = false }, { needs = [], relay }) =>
  needs.every((need) => can.includes(need)) && (relay !== undefined || !isHostless);

/**
 * @typedef {object} Entry
 * @property {string} label the peer, and the scenario where that is not the scenario
 * @property {import("../scenarios/index.js").Scenario} scenario what is run: the scenario, or the one that it is compared with
 * @property {import("../peers/index.js").Peer} peer
 */

/**
 * @typedef {object} Trial
 * @property {import("../scenarios/index.js").Scenario} scenario whose figures these will be
 * @property {number} repetition from 1
 * @property {string} base the label of the one that the others are compared with, if it is there
 * @property {Entry[]} entries
 */

/** @param {Pick<import("../command-line.js").Plan, "scenarios" | "peers" | "repetitions">} plan @returns {Trial[]} without peers that are not able to run a scenario */
export function trialsOf({ scenarios, peers, repetitions }) {
  return scenarios.flatMap((scenario) => {
    const able = peers.filter((peer) => isAble(peer, scenario));
    if (able.length === 0) return [];
    return Array.from({ length: repetitions }, (_, index) => index + 1).flatMap((repetition) => {
      return trialsOfScenario(scenario, able, repetition).map(({ base, entries }) => {
        return { scenario, repetition, base, entries: rotated(entries, (repetition - 1) / repetitions) };
      });
    });
  });
}

/**
 * The same, beginning so far into them: where a server stands may make it a little cheaper or dearer for as long as its trial goes on.
 * @template T @param {T[]} entries @param {number} share of them
 */
function rotated(entries, share) {
  const first = Math.ceil(entries.length * share);
  return [...entries.slice(first), ...entries.slice(0, first)];
}

/**
 * The order of the targets in a round. Every second round runs backwards, so that no target always follows the same other one, and is
 * rotated so that no target follows itself with warm caches: A B C D, C B A D, A B C D.
 * @template T @param {T[]} all @param {number} round from 0
 */
export function orderOfRound(all, round) {
  if (round % 2 === 0) return all;
  const [last, ...rest] = all.toReversed();
  return last === undefined ? [] : [...rest, last];
}

/** @param {import("../scenarios/index.js").Scenario} scenario @param {import("../peers/index.js").Peer[]} able @param {number} repetition */
function trialsOfScenario(scenario, able, repetition) {
  if (scenario.besides !== undefined)
    return able.map((peer) => trialBesides(scenario, scenario.besides, peer, repetition));
  // Memory is that of a server which has the machine to itself: one that stands by is given less, or gives some back.
  if (scenario.isQuiet) return able.map((peer) => trialBesideAll(scenario, [peer], repetition));
  return [trialBesideAll(scenario, able, repetition)];
}

/**
 * All peers, beside each other.
 * @param {import("../scenarios/index.js").Scenario} scenario @param {import("../peers/index.js").Peer[]} peers @param {number} repetition
 * @returns {Trial}
 */
function trialBesideAll(scenario, peers, repetition) {
  const entries = peers.map((peer) => ({ label: peer.name, scenario: scenario, peer }));
  return { scenario, repetition, base: basePeerOf(scenario), entries };
}

/**
 * A peer beside itself, once in the scenario and once in the other.
 * @param {import("../scenarios/index.js").Scenario} scenario @param {import("../scenarios/index.js").Scenario} other @param {import("../peers/index.js").Peer} peer @param {number} repetition
 * @returns {Trial}
 */
function trialBesides(scenario, other, peer, repetition) {
  const base = besidesLabel(peer.name, other.name);
  const entries = [
    { label: peer.name, scenario: scenario, peer },
    { label: base, scenario: other, peer },
  ];
  return { scenario, repetition, base, entries };
}

/** What a peer is called where it runs the scenario that another one is compared with. @param {string} peer @param {string} scenario */
export const besidesLabel = (peer, scenario) => `${peer} (${scenario})`;
