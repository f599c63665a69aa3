/** The result that was kept, as the documents show it. */

const DASH = "–";

/** Before the first result was kept. */
export const NOT_MEASURED = "Not measured yet: `npm run bench -- --keep`, then `node scripts/docs.js`.";

/** @typedef {ReturnType<typeof import("./summary.js").summarize>} Summary */

/** @param {string[]} head @param {string[][]} rows */
export function table(head, rows) {
  return [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

/** @param {number | undefined} value three digits, as text that has no exponent */
export const number = (value) => (value === undefined ? DASH : String(value));

/** @param {number | undefined} share @param {number} [digits] behind the point */
export const percent = (share, digits = 0) => (share === undefined ? DASH : `${(share * 100).toFixed(digits)} %`);

/** @param {object | undefined} line @param {string} name */
export const ratio = (line, name) => line?.ratios[name]?.ratio.toFixed(2) ?? DASH;

/** @param {object} scenario @param {string} peer */
const lineOf = ({ lines }, peer) => lines.find((line) => line.peer === peer);

/** Scenarios whose peers are compared with the base peer in what a frame costs. @param {Summary} summary */
export const costScenarios = ({ scenarios }) =>
  scenarios.filter(
    ({ isQuiet, isAssembling, isRelay, besides }) => !isQuiet && !isAssembling && !isRelay && besides === undefined,
  );

/** @param {number} ms */
const seconds = (ms) => `${ms / 1000} seconds`;

/** How a result came about. @param {Summary} summary */
function methodOf({ how: { repetitions, measureMs, sampleMs } }) {
  return {
    in: `${repetitions} repetitions of at least ${seconds(measureMs)}, peers side by side in samples of ${seconds(sampleMs)}.`,
    ratio:
      "the median of the repetitions' medians of ratios that are each of one round, of samples that are seconds apart",
  };
}

/** What was measured on, when, and how. @param {Summary} summary */
export function circumstances(summary) {
  const { startedAt, machine, absent } = summary;
  const { processor, cores, memoryGiB, system, node, couchwire } = machine;
  return [
    `Measured on ${startedAt.slice(0, 10)}: ${processor}, ${cores} cores, ${memoryGiB} GiB, ${system}, Node ${node}, Couchwire ${couchwire};`,
    methodOf(summary).in,
    ...absent.map(({ name, why }) => `Without ${name}: ${why}.`),
  ].join(" ");
}

/** @param {Summary} summary @param {string[]} peers @param {(line: object | undefined) => string} cell */
function costTable(summary, peers, cell) {
  const rows = costScenarios(summary).map((scenario) =>
    [`\`${scenario.name}\``].concat(peers.map((peer) => cell(lineOf(scenario, peer)))),
  );
  return table(["scenario", ...peers], rows);
}

/** What makes a figure less than it seems. @param {object} line */
export const marks = (line) => (line.isNoisy ? " ≈" : "") + warning(line);

/** @param {{ lost: number, wrong: number, failed: number }} line */
const warning = ({ lost, wrong, failed }) => (lost > 0 || wrong > 0 || failed > 0 ? " ⚠" : "");

/** @param {object | undefined} line */
function costCell(line) {
  if (line === undefined) return DASH;
  return `${number(line.figures.usPerFrame)} (${ratio(line, "usPerFrame")})${marks(line)}`;
}

/** @param {object | undefined} line */
function latencyCell(line) {
  return line === undefined ? DASH : `${number(line.figures.p50Ms)} / ${number(line.figures.p99Ms)}${marks(line)}`;
}

/** Scenarios that are compared with another one, each peer with itself. @param {Summary} summary */
function besidesTable({ scenarios, peers }) {
  const cells = scenarios
    .filter(({ besides, sharesCores }) => besides !== undefined && !sharesCores)
    .flatMap((scenario) =>
      peers.flatMap(({ name }) => {
        const line = lineOf(scenario, name);
        if (line === undefined) return [];
        const base = lineOf(scenario, line.base);
        const figures = [number(line.figures.usPerFrame), number(base?.figures.usPerFrame), ratio(line, "usPerFrame")];
        return [[`\`${scenario.name}\``, `\`${scenario.besides}\``, name, ...figures]];
      }),
    );
  return table(["scenario", "beside", "peer", "µs a frame", "beside it", "×"], cells);
}

/** Nothing where no such scenario was run. @param {Summary} summary @returns {string[]} */
function joinsPart({ scenarios }) {
  const lines = scenarios.filter(({ isAssembling }) => isAssembling).flatMap((scenario) => scenario.lines);
  const cells = lines.map((line) => [
    line.peer,
    `${number(line.figures.joinsPerSecond)} (${ratio(line, "joinsPerSecond")})${warning(line)}`,
    `${number(line.figures.usPerJoin)} (${ratio(line, "usPerJoin")})${warning(line)}`,
  ]);
  if (cells.length === 0) return [];
  return [
    "Rooms that assemble and part again, a party a sample, side by side; in brackets as a multiple of naive's.",
    table(["peer", "joins a second", "µs of processor a join"], cells),
  ];
}

/** Nothing where no such scenario was run. @param {Summary} summary @returns {string[]} */
function relayPart({ scenarios }) {
  const lines = scenarios.filter(({ isRelay }) => isRelay).flatMap((scenario) => scenario.lines);
  if (lines.length === 0) return [];
  const cells = lines.map((line) => {
    const { figures } = line;
    return [
      line.peer,
      costCell(line),
      `${number(figures.p50Ms)} / ${number(figures.p99Ms)}`,
      `${number(figures.growthMiB)} (${ratio(line, "growthMiB")})`,
      number(figures.talkingGrowthMiB),
      String(line.lostInStall),
    ];
  });
  return [
    `Open rooms without a host; in brackets as a multiple of ${lines[0].base}'s. Memory is what 320 members added to the server when they had joined, and when they had talked.`,
    table(
      ["peer", "µs a frame", "p50 / p99 ms", "MiB more, joined", "MiB more, talking", "frames lost in a stall of 1 s"],
      cells,
    ),
  ];
}

/** Nothing where no such scenario was run. @param {Summary} summary @returns {string[]} */
function nodesPart({ scenarios, peers }) {
  const cells = scenarios
    .filter(({ sharesCores }) => sharesCores)
    .flatMap((scenario) =>
      peers.flatMap(({ name }) => {
        const line = lineOf(scenario, name);
        if (line === undefined) return [];
        const base = lineOf(scenario, line.base);
        const parts = Object.entries(line.usPerFrameOf ?? {}).map(([part, us]) => `${part} ${us}`);
        return [
          [
            `\`${scenario.name}\``,
            name,
            number(line.figures.usPerFrame) + warning(line),
            parts.join(", ") || DASH,
            number(base?.figures.usPerFrame),
            ratio(line, "usPerFrame"),
            `${number(line.figures.p50Ms)} / ${number(line.figures.p99Ms)}`,
            `${number(base?.figures.p50Ms)} / ${number(base?.figures.p99Ms)}`,
            `${number(line.figures.framesPerSecond)} (${ratio(line, "framesPerSecond")})`,
          ],
        ];
      }),
    );
  if (cells.length === 0) return [];
  return [
    "Several processes, beside one with the same rooms and the same load; all of them, and the load, share the cores.",
    table(
      ["scenario", "peer", "µs a frame", "of it", "beside it", "×", "p50 / p99 ms", "beside it", "frames a second (×)"],
      cells,
    ),
  ];
}

/** @param {Summary} summary */
function idleTable({ scenarios }) {
  const lines = scenarios.filter(({ isQuiet }) => isQuiet).flatMap((scenario) => scenario.lines);
  const cells = lines.map((line) => {
    const { figures } = line;
    return [
      line.peer,
      `${number(figures.kibPerConnection)} (${ratio(line, "kibPerConnection")})`,
      number(figures.heapKibPerConnection),
      `${number(figures.joinsPerSecond)} (${ratio(line, "joinsPerSecond")})`,
      `${number(figures.usPerJoin)} (${ratio(line, "usPerJoin")})`,
      percent(figures.cpuShare, 1),
    ];
  });
  return table(
    ["peer", "KiB a connection", "of it heap", "joins a second", "µs of processor a join", "processor at rest"],
    cells,
  );
}

/** @param {Summary} summary */
function legend({ scenarios, peers }) {
  const scenarioTable = table(
    ["scenario", "what happens"],
    scenarios.filter(({ lines }) => lines.length > 0).map(({ name, what }) => [`\`${name}\``, what]),
  );
  const peerTable = table(
    ["peer", "what it is", "versions"],
    peers.map(({ name, what, versions = "" }) => [name, what, versions]),
  );
  return [scenarioTable, peerTable];
}

/** All of it, for docs/PERFORMANCE.md. @param {Summary | undefined} summary @param {string} chart its address @returns {string} */
export function performanceSection(summary, chart) {
  if (summary === undefined) return NOT_MEASURED;
  const peers = summary.peers.map(({ name }) => name);
  const { ratio: ratioIs } = methodOf(summary);
  return [
    circumstances(summary),
    `![Processor time of the server for each delivered frame, by scenario and peer](${chart})`,
    `Microseconds of the server's processor time for each delivered frame, and in brackets as a multiple of naive's (${ratioIs}). ≈: others, V8's own helpers among them, needed the processors in all repetitions. ⚠: frames were lost or repetitions failed.`,
    costTable(summary, peers, costCell),
    "Latency in milliseconds, p50 / p99, of the whole way: with an echo, there and back. It is that of the quiet samples; with ≈, of all.",
    costTable(summary, peers, latencyCell),
    "Peak of the server's memory, in MiB.",
    costTable(summary, peers, (line) => number(line?.figures.peakMiB)),
    "What something costs over something else, each peer beside itself.",
    besidesTable(summary),
    ...joinsPart(summary),
    ...relayPart(summary),
    ...nodesPart(summary),
    "10,000 idle sockets, of a server each that has just been started; in brackets as a multiple of naive's.",
    idleTable(summary),
    ...legend(summary),
  ].join("\n\n");
}

/** In short, for the README. @param {Summary | undefined} summary @param {string} chart its address @returns {string} */
export function shortSection(summary, chart) {
  if (summary === undefined) return NOT_MEASURED;
  const peers = summary.peers.map(({ name }) => name);
  return [
    `![Processor time of the server for each delivered frame, by scenario and peer](${chart})`,
    "The server's processor time for each delivered frame, as a multiple of naive's:",
    costTable(summary, peers, (line) => ratio(line, "usPerFrame") + (line === undefined ? "" : marks(line))),
    circumstances(summary),
  ].join("\n\n");
}
