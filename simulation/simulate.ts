/** `npm run simulate`: figures of a cluster that no machine here could run, as tables in Markdown. The same seed gives the same figures. */
import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { countBusTraffic, placeAtRandom, type BusTraffic } from "./bus-traffic.ts";
import { countCodeCost, usableCodes } from "./code-costs.ts";
import type { DirectoryCallName, DirectoryMeter } from "./directory-server.ts";
import { rounded, tableOf } from "./figures.ts";
import type { Recovery } from "./loss.ts";
import { DEFAULTS, withNodes, type WorldParameters } from "./parameters.ts";
import { World } from "./world.ts";

const FLAGS = {
  seed: { type: "string" },
  nodes: { type: "string" },
  rooms: { type: "string" },
  phones: { type: "string" },
  lease: { type: "string" },
  seconds: { type: "string" },
  redis: { type: "string" },
  write: { type: "string" },
  help: { type: "boolean", default: false },
} as const;

const HELP = `npm run simulate -- [--seed 21] [--nodes 100] [--rooms 70000] [--phones 600000] [--lease 5000] [--seconds 20]
  --write FILE   puts the tables between <!-- simulation --> and <!-- /simulation --> of that file
  --redis URL    measures what calls cost the Redis there, and simulates nothing`;

const NOT_UNDERSTOOD = 2;
/** A server that works more than this share of its time makes others wait. */
const FULL = 0.7;
const LOSSES = [0.01, 0.3];
const SHARDS = 4;
const TURNS_MS = [0.2, 1, 5, 20];
const IN_USE = [10_000, 35_000, 60_000, 70_000, 72_500, 75_000, 78_000];

export async function main(words: readonly string[]): Promise<number> {
  let parameters: WorldParameters;
  let flags;
  try {
    flags = parseArgs({ args: [...words], options: FLAGS }).values;
    parameters = {
      ...DEFAULTS,
      seed: numberIn("seed", flags.seed, DEFAULTS.seed, 0xffff_ffff),
      nodes: numberIn("nodes", flags.nodes, DEFAULTS.nodes, 1_000),
      rooms: numberIn("rooms", flags.rooms, DEFAULTS.rooms, 74_000),
      phones: numberIn("phones", flags.phones, DEFAULTS.phones, 5_000_000),
      leaseMs: numberIn("lease", flags.lease, DEFAULTS.leaseMs, 60_000),
    };
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    console.error(HELP);
    return NOT_UNDERSTOOD;
  }
  if (flags.help) {
    console.log(HELP);
    return 0;
  }
  if (flags.redis !== undefined) {
    const { measureRedis } = await import("./measure-redis.ts");
    console.log(JSON.stringify(await measureRedis(flags.redis, parameters.recordBytes), undefined, 2));
    return 0;
  }
  const text = await simulate(parameters, 1_000 * numberIn("seconds", flags.seconds, 20, 600), (line) =>
    console.error(line),
  );
  console.log(text);
  if (flags.write !== undefined) writeInto(flags.write, text);
  return 0;
}

/** Runs all that the document shows. */
async function simulate(
  parameters: WorldParameters,
  windowMs: number,
  progress: (line: string) => void,
): Promise<string> {
  const sizes = [...new Set([3, 10, 30, parameters.nodes])].filter((nodes) => nodes <= parameters.nodes);
  const plays: Play[] = [];
  for (const nodes of sizes) {
    progress(`${nodes} nodes: a while of play`);
    plays.push(await play(withNodes(parameters, nodes), windowMs));
  }
  const recoveries: (readonly [string, Recovery])[] = [];
  for (const [shards, share] of [...LOSSES.map((loss) => [1, loss] as const), [SHARDS, LOSSES.at(-1) ?? 0] as const]) {
    const count = Math.max(1, Math.round(share * parameters.nodes));
    progress(`${count} of ${parameters.nodes} nodes are lost, ${shards} directory servers`);
    const name = `${count} of ${parameters.nodes}${shards > 1 ? `, ${shards} directory servers` : ""}`;
    recoveries.push([name, await loseSome({ ...parameters, shards }, count)]);
  }
  const codes = [];
  for (const inUse of IN_USE) codes.push(await countCodeCost(parameters, inUse));
  const last = plays.at(-1);
  return [
    `Seed ${parameters.seed}, a lease of ${rounded(parameters.leaseMs / 1_000)} seconds.`,
    "### A second of play",
    tableOf(
      [
        "nodes",
        "rooms",
        "phones",
        "linked phones",
        "bus messages",
        "of them pulses",
        "bus MB",
        "bus, % of one thread",
        "directory calls",
        "directory MB",
        "directory, % of one thread",
        "answer ms, p99",
      ],
      plays.map((one) => rowOf(one, parameters)),
    ),
    last === undefined ? "" : callsOf(last),
    "### Turns",
    tableOf(
      ["milliseconds of a turn", "bus messages a second", "bus MB a second"],
      TURNS_MS.map((turnMs) => {
        const { messages, bytes } = countBusTraffic({ ...parameters, turnMs }, placeAtRandom(parameters));
        return [turnMs, rounded(messages), rounded(bytes / 1e6)];
      }),
    ),
    "### Losing nodes",
    tableOf(
      ["nodes lost", ...recoveries.map(([name]) => name)],
      RECOVERY_ROWS.map(([what, figure]) => [what].concat(recoveries.map(([, recovery]) => figure(recovery)))),
    ),
    "### Codes",
    tableOf(
      [
        "codes in use",
        "claims for each room",
        "codes asked for",
        "let go again",
        "rooms without a code, of 300",
        "µs of the directory",
      ],
      codes.map(({ inUse, claims, asked, released, without, us }) => [
        inUse.toLocaleString("en-US"),
        rounded(claims),
        rounded(asked),
        rounded(released),
        without,
        rounded(us),
      ]),
    ),
    `Codes of four letters: ${usableCodes(4).length.toLocaleString("en-US")}; of five: ${usableCodes(5).length.toLocaleString("en-US")}.`,
    "### Where one server ends",
    endsOf(parameters, plays),
  ].join("\n\n");
}

interface Play {
  readonly parameters: WorldParameters;
  readonly windowMs: number;
  readonly bus: BusTraffic;
  readonly directory: DirectoryMeter;
  readonly world: World;
}

async function play(parameters: WorldParameters, windowMs: number): Promise<Play> {
  const world = new World(parameters);
  await world.fill();
  const bus = countBusTraffic(parameters, world);
  world.live();
  await world.watch(parameters.leaseMs);
  return { parameters, windowMs, bus, directory: await world.watch(windowMs), world };
}

async function loseSome(parameters: WorldParameters, count: number): Promise<Recovery> {
  const world = new World(parameters);
  await world.fill();
  world.live();
  await world.watch(parameters.leaseMs);
  return world.loseNodes(count);
}

function rowOf({ parameters, windowMs, bus, directory }: Play, { publishUs }: WorldParameters): string[] {
  const seconds = windowMs / 1_000;
  return [
    String(parameters.nodes),
    parameters.rooms.toLocaleString("en-US"),
    parameters.phones.toLocaleString("en-US"),
    bus.linkedPhones.toLocaleString("en-US"),
    rounded(bus.messages),
    rounded(bus.pulses),
    rounded(bus.bytes / 1e6),
    rounded((bus.messages * publishUs) / 1e4),
    rounded(directory.all.count / seconds),
    rounded(directory.bytes.count / seconds / 1e6),
    rounded((directory.busyMs / windowMs) * 100),
    rounded(directory.answerMs.quantile(0.99)),
  ];
}

function callsOf({ parameters, windowMs, directory, world }: Play): string {
  const calls = [...directory.calls].toSorted(([, one], [, other]) => other - one);
  const wait = world.codeWaitMs.spread;
  return [
    `What ${parameters.nodes} nodes ask of the directory each second:`,
    tableOf(
      ["call", "a second", "% of one thread"],
      calls.map(([name, count]) => {
        const units = name === "claim" ? directory.claimedCodes : count;
        return [
          `\`${name}\``,
          rounded((count * 1_000) / windowMs),
          rounded(shareOf(parameters, name, units, windowMs)),
        ];
      }),
    ),
    `${wait.count} rooms were opened; they waited ${rounded(wait.p50)} ms for their codes (p99 ${rounded(wait.p99)}, most ${rounded(wait.max)}), and ${world.codeless} got none.`,
  ].join("\n\n");
}

function shareOf({ callUs }: WorldParameters, name: DirectoryCallName, units: number, windowMs: number): number {
  return ((units * callUs[name]) / 1_000 / windowMs) * 100;
}

const seconds = (ms: number): string => rounded(ms / 1_000);
const RECOVERY_ROWS: readonly (readonly [string, (recovery: Recovery) => string])[] = [
  ["rooms that lost their home", ({ lostRooms }) => lostRooms.toLocaleString("en-US")],
  ["phones that were cut off", ({ phones, stillAway }) => (phones.count + stillAway).toLocaleString("en-US")],
  ["seconds until a room is open again: p50 / p99 / most", ({ rooms }) => spreadOf(rooms)],
  ["until its host is back", ({ hosts }) => spreadOf(hosts)],
  ["until a phone is back", ({ phones }) => spreadOf(phones)],
  ["until all of a room are back", ({ wholeRooms }) => spreadOf(wholeRooms)],
  ["rooms that a survivor takes: mean / most", (one) => `${rounded(one.takenMean)} / ${one.takenMost}`],
  ["directory calls a second, in the busiest tenth of one", ({ load }) => rounded(load.all.peak)],
  ["directory MB a second, in the busiest tenth of one", ({ load }) => rounded(load.bytes.peak / 1e6)],
  ["ms until the directory answers: p50 / p99 / most", ({ load }) => spreadMs(load)],
  ["calls without an answer in time", ({ load }) => load.unanswered.toLocaleString("en-US")],
  ["leases of survivors that ended", ({ lapsedLeases }) => String(lapsedLeases)],
  ["peers that were not back after three minutes", ({ stillAway }) => stillAway.toLocaleString("en-US")],
  ["peers that were told that there is no such room", ({ turnedAway }) => turnedAway.toLocaleString("en-US")],
];

function spreadOf({ p50, p99, max }: Recovery["rooms"]): string {
  return `${seconds(p50)} / ${seconds(p99)} / ${seconds(max)}`;
}

function spreadMs({ answerMs }: DirectoryMeter): string {
  const { p50, p99, max } = answerMs.spread;
  return `${rounded(p50)} / ${rounded(p99)} / ${rounded(max)}`;
}

/** At how many nodes, of the size of these, one thread is full. */
function endsOf(parameters: WorldParameters, plays: readonly Play[]): string {
  const { publishUs } = parameters;
  const points = plays.map(({ parameters: { nodes }, bus, directory, windowMs }) => ({
    nodes,
    bus: (bus.messages * publishUs) / 1e6,
    directory: directory.busyMs / windowMs,
  }));
  const rows = (["bus", "directory"] as const).map((what) => {
    const nodes = nodesAt(
      FULL,
      points.map((point) => ({ nodes: point.nodes, share: point[what] })),
    );
    const each = parameters.phones / parameters.nodes;
    return [what, rounded(nodes), Math.round(nodes * each).toLocaleString("en-US")];
  });
  return tableOf([`${FULL * 100} % of one thread are reached by the`, "at so many nodes", "with so many phones"], rows);
}

/** Between two sizes the share grows evenly; past the last it goes on as between the last two. */
function nodesAt(share: number, points: readonly { readonly nodes: number; readonly share: number }[]): number {
  let before = { nodes: 0, share: 0 };
  for (const point of points) {
    if (point.share >= share)
      return before.nodes + (point.nodes - before.nodes) * ((share - before.share) / (point.share - before.share));
    before = point;
  }
  return before.share === 0 ? 0 : (before.nodes * share) / before.share;
}

function numberIn(name: string, text: string | undefined, byDefault: number, most: number): number {
  if (text === undefined) return byDefault;
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= most) return value;
  throw new RangeError(`--${name} is a whole number from 1 to ${most}, not ${JSON.stringify(text)}.`);
}

function writeInto(file: string, text: string): void {
  const document = readFileSync(file, "utf8");
  const begin = document.indexOf(BEGIN);
  const end = document.indexOf(END);
  if (begin < 0 || end < begin) throw new Error(`${file} has no place for the tables: ${BEGIN} and ${END}.`);
  writeFileSync(file, `${document.slice(0, begin + BEGIN.length)}\n\n${text}\n\n${document.slice(end)}`);
}

const BEGIN = "<!-- simulation -->";
const END = "<!-- /simulation -->";
