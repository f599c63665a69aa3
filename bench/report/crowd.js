/** What a run has found about crowds, as docs/PERFORMANCE.md shows it. */
import { circumstances, marks, NOT_MEASURED, number, percent, ratio, table } from "./markdown.js";

/** Of its core: with less than that left, a load generator is behind at times, and what is late may be its own. */
const BUSY_SHARE = 0.8;

/** @typedef {import("./markdown.js").Summary} Summary */

/** @param {object} line */
const loadCell = ({ figures: { loadCpuShare } }) => percent(loadCpuShare) + (loadCpuShare > BUSY_SHARE ? " ‡" : "");

/** What a broadcast and a vote cost, when a broadcast is heard, and what the host has to do. @param {object[]} scenarios */
function costTable(scenarios) {
  const rows = scenarios.flatMap(({ watchers, lines }) =>
    lines.map((line) => {
      const { figures } = line;
      return [
        watchers.toLocaleString("en"),
        line.peer + marks(line),
        `${number(figures.usPerFrame)} (${ratio(line, "usPerFrame")})`,
        percent(figures.cpuShare),
        `${number(figures.p50Ms)} / ${number(figures.p99Ms)}`,
        number(figures.hostMessagesPerSecond),
        percent(figures.hostCpuShare, 2),
        loadCell(line),
      ];
    }),
  );
  const head = ["watchers", "peer", "µs a frame (× naive)", "server's processor", "broadcast p50 / p99 ms"];
  return table([...head, "messages a second that the host hears", "host's processor", "load's processor"], rows);
}

/** What each further watcher takes, from the smallest crowd to the largest: what a server takes by itself, and has compiled by then, is in both. @param {object[]} scenarios */
function memoryTable(scenarios) {
  const [few, many] = [scenarios[0], scenarios.at(-1)];
  const more = many.watchers - few.watchers;
  const each = (line, figure) => {
    const less = few.lines.find(({ peer }) => peer === line.peer)?.figures[figure];
    const kib = ((line.figures[figure] - less) * 1024) / more;
    return number(Number.isFinite(kib) ? Number(kib.toFixed(1)) : undefined);
  };
  const rows = many.lines.map((line) => [
    line.peer,
    each(line, "crowdResidentMiB"),
    each(line, "crowdInUseMiB"),
    number(line.figures.heapKibPerBareConnection),
  ]);
  return [
    `What each watcher past ${few.watchers} takes of the server's memory once all have voted and heard, in KiB: resident, and in use by JavaScript (its heap and its buffers, after a collection). Beside it, a connection of the same server that is in no room; for naive that is a bare socket of \`ws\`. Couchwire has no such connection: what its watchers take beside their socket is the difference to a bare socket of \`ws\`.`,
    table(["peer", "resident", "in use", "a connection in no room, in use"], rows),
  ];
}

/** @param {object} line */
const playersCell = ({ figures }) => `${number(figures.playersP50Ms)} / ${number(figures.playersP99Ms)}`;

/** What players feel of watchers that come and go. @param {object[]} scenarios */
function churnTable(scenarios) {
  const rows = scenarios.flatMap(({ name, lines }) =>
    lines
      .filter(({ peer, base }) => peer !== base)
      .map((line) => {
        const base = lines.find(({ peer }) => peer === line.base);
        return [
          `\`${name}\``,
          line.peer + marks(line),
          number(line.figures.watcherJoinsPerSecond),
          playersCell(line),
          base === undefined ? number(undefined) : playersCell(base),
          `${ratio(line, "playersP50Ms")} / ${ratio(line, "playersP99Ms")}`,
          `${percent(line.figures.cpuShare)}, ${percent(base?.figures.cpuShare)}`,
          loadCell(line),
        ];
      }),
  );
  const head = ["scenario", "peer", "joins a second", "players' p50 / p99 ms", "without", "×"];
  return table([...head, "server's processor, and without", "load's processor"], rows);
}

/** All of it. @param {Summary | undefined} summary @returns {string} */
export function crowdSection(summary) {
  if (summary === undefined) return NOT_MEASURED;
  const scenarios = summary.scenarios.filter(({ lines }) => lines.length > 0);
  const sizes = scenarios.filter(({ joinsPerSecond }) => joinsPerSecond === undefined);
  const churns = scenarios.filter(({ joinsPerSecond }) => joinsPerSecond !== undefined);
  const isBusy = scenarios.some(({ lines }) => lines.some(({ figures }) => figures.loadCpuShare > BUSY_SHARE));
  const what = scenarios.map((scenario) => [`\`${scenario.name}\``, scenario.what]);
  return [
    `${circumstances(summary)} ≈: others needed the processors, too. ⚠: frames were lost, or repetitions failed.`,
    table(["scenario", "what happens"], what),
    ...(sizes.length > 0 ? [costTable(sizes)] : []),
    ...(sizes.length > 1 ? memoryTable(sizes) : []),
    ...(churns.length > 0
      ? [
          "The same room in turns with watchers that come and go and without them, which is what × compares: the way of a player's frame to the host and back.",
          churnTable(churns),
        ]
      : []),
    ...(isBusy
      ? ["‡: the load generator had less than a fifth of its core left. What is late may be late there."]
      : []),
  ].join("\n\n");
}
