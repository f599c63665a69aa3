/** What the benchmark can be told. Wrong words get a sentence that says which ones are right. */
import { parseArgs } from "node:util";
import { couchwireFrom } from "./peers/couchwire/peer.js";
import { PEERS } from "./peers/index.js";
import { readEarlier } from "./report/earlier-run.js";
import { SAMPLE_MS } from "./run/target.js";
import { chooseNode } from "./run/runtime.js";
import { whyNoStrace } from "./run/system-calls.js";
import { SCENARIOS } from "./scenarios/index.js";

const QUICK = {
  scenarios: ["input", "echo", "tick", "audience", "flood-batching", "flood-single"],
  peers: ["couchwire", "naive", "couchwire-bun", "naive-bun"],
  repetitions: 1,
  seconds: 1.6,
  "warm-up": 1,
  patience: 0,
};
const FULL = { repetitions: 3, seconds: 4, "warm-up": 5, patience: 2 };

const MAX_REPETITIONS = 99;
const MAX_SECONDS = 600;

const FLAGS = {
  scenarios: { type: "string" },
  peers: { type: "string" },
  node: { type: "string" },
  runtime: { type: "string" },
  variant: { type: "string", multiple: true, default: [] },
  repetitions: { type: "string" },
  seconds: { type: "string" },
  "warm-up": { type: "string" },
  patience: { type: "string" },
  results: { type: "string" },
  resume: { type: "string" },
  keep: { type: "boolean", default: false },
  strace: { type: "boolean", default: false },
  quick: { type: "boolean", default: false },
  help: { type: "boolean", default: false },
};

export const HELP = `Measures what one frame costs the server: Couchwire beside its peers.

  --scenarios A,B    runs only these: ${SCENARIOS.map(({ name }) => name).join(", ")}
  --peers A,B        runs only these: ${PEERS.map(({ name }) => name).join(", ")}
  --variant NAME=X   adds a peer: Couchwire as built in the checkout X, or the peer called X a second time
  --runtime NAME     runs the Node servers on node20, node22, node24 or node26 (default: the Node that runs this)
  --node PATH        runs the Node servers on this binary
  --repetitions N    trials of each scenario; each trial starts its own servers (${FULL.repetitions})
  --seconds N        measured seconds for each peer in a trial, in samples of ${SAMPLE_MS / 1000} seconds (${FULL.seconds})
  --warm-up N        seconds of traffic before that (${FULL["warm-up"]})
  --patience N       while too few rounds are quiet, adds up to N times as many rounds (${FULL.patience})
  --results FOLDER   writes the result there as JSON (bench/results)
  --resume FILE      continues the run of that result: measures what it lacks; scenarios and peers may be added
  --keep             makes the result the one that the documents show
  --strace           counts system calls for each frame; all other figures are then worthless
  --quick            runs a few scenarios once and briefly: about two minutes, with rough figures
  --help             prints this text
`;

/**
 * @typedef {object} Plan
 * @property {import("./scenarios/index.js").Scenario[]} scenarios
 * @property {import("./peers/index.js").Peer[]} peers
 * @property {string} node the binary of Node servers
 * @property {number} repetitions
 * @property {number} measureMs
 * @property {number} warmUpMs
 * @property {boolean} isQuick
 * @property {boolean} isTraced
 * @property {boolean} isKept
 * @property {number} patience
 * @property {string} [folder] for the result
 * @property {{ file: string, results: import("./report/earlier-run.js").Results }} [earlier] the run that this one goes on with
 */

/**
 * @param {string[]} words
 * @returns {{ run: "help" } | { run: "wrong", sentence: string } | { run: "bench", plan: Plan }}
 */
export function readCommandLine(words) {
  try {
    const { values } = parseArgs({ args: words, options: FLAGS });
    if (values.help) return { run: "help" };
    return { run: "bench", plan: planOf(values) };
  } catch (error) {
    const isUnknown = error.code?.startsWith("ERR_PARSE_ARGS");
    return {
      run: "wrong",
      sentence: isUnknown
        ? `${error.message}. There are ${Object.keys(FLAGS)
            .map((flag) => `--${flag}`)
            .join(", ")}.`
        : error.message,
    };
  }
}

function planOf({ scenarios, peers, node, runtime, variant, quick, strace, keep, results, resume, ...numbers }) {
  const usual = quick ? QUICK : FULL;
  const number = (flag, minimum, maximum, isWhole) => {
    const value = numbers[flag] === undefined ? usual[flag] : Number(numbers[flag]);
    const isRight = value >= minimum && value <= maximum && (!isWhole || Number.isInteger(value));
    if (isRight) return value;
    const kind = isWhole ? "a whole number" : "a number";
    throw new Error(`--${flag} is ${numbers[flag]}, but has to be ${kind} from ${minimum} to ${maximum}.`);
  };
  const whyNot = strace ? whyNoStrace() : undefined;
  if (whyNot !== undefined) throw new Error(whyNot);
  const variants = variant.map(readVariant);
  const chosen = chosenFrom(PEERS, "peers", peers?.split(",") ?? usual.peers);
  const taken = new Set(PEERS.map(({ name }) => name));
  for (const { name } of variants) {
    if (taken.has(name)) throw new Error(`--variant ${name}=… needs a name that no other peer has.`);
    taken.add(name);
  }
  return {
    scenarios: chosenFrom(SCENARIOS, "scenarios", scenarios?.split(",") ?? usual.scenarios),
    peers: [...chosen, ...variants],
    node: chooseNode({ node, runtime }),
    repetitions: number("repetitions", 1, MAX_REPETITIONS, true),
    measureMs: number("seconds", 0.5, MAX_SECONDS, false) * 1000,
    warmUpMs: number("warm-up", 0, MAX_SECONDS, false) * 1000,
    isQuick: quick,
    isTraced: strace,
    isKept: keep,
    folder: results,
    earlier: resume === undefined ? undefined : { file: resume, results: readEarlier(resume) },
    patience: number("patience", 0, MAX_REPETITIONS, true),
  };
}

/** @template {{ name: string }} T @param {readonly T[]} all @param {string} flag @param {string[] | undefined} names @returns {T[]} */
function chosenFrom(all, flag, names) {
  if (names === undefined) return [...all];
  const unknown = names.filter((wanted) => !all.some(({ name }) => name === wanted));
  if (unknown.length > 0) {
    const known = all.map(({ name }) => name).join(", ");
    throw new Error(`--${flag} has ${unknown.join(", ")}, which there is not. There are ${known}.`);
  }
  return all.filter(({ name }) => names.includes(name));
}

/** @param {string} text @returns {import("./peers/index.js").Peer} */
function readVariant(text) {
  const [, name, from] = /^([\w-]+)=(.+)$/.exec(text) ?? [];
  if (name === undefined) throw new Error(`--variant is ${text}, but has to be NAME=FOLDER or NAME=PEER.`);
  const again = PEERS.find((peer) => peer.name === from);
  if (again !== undefined) return { ...again, name, what: `${from}, once again.` };
  return couchwireFrom(name, from, `Couchwire as built elsewhere (${name}).`);
}
