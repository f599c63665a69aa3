/** docs/METRICS.md, docs/OPERATING.md and the dashboard against the metrics that a server has. */
import { readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { z } from "zod";
import { createMetrics } from "../../../src/metrics/metrics.ts";
import { parseMetrics } from "../../support/metrics-text.ts";

interface MetricRow {
  readonly name: string;
  readonly type: string;
  readonly labels: readonly string[];
}

/** Every metric with a sample, so that its labels can be seen. */
async function metricsOfServer(): Promise<MetricRow[]> {
  const metrics = createMetrics({
    census: () => ({ rooms: 1, hostsAway: 0, players: 0, spectators: 0, audience: 0, waiting: 0, away: 0 }),
    openRooms: () => new Map([["relay", 1]]),
    connections: () => ({ websocket: 0, tcp: 0, queuedBytes: 0 }),
    budget: () => ({ used: 0, limit: 1, cuts: 0 }),
    channels: () => ({ channels: 2, subscriptions: 5 }),
    isDraining: () => false,
    bus: () => "none",
    version: "1.2.3",
    engine: "codec",
  });
  const { observer } = metrics;
  const traffic = { framesIn: 0, bytesIn: 0, framesOut: 0, bytesOut: 0 };
  const someone = { room: "BCDF", player: 1 };
  observer.roomClosed({ room: "BCDF", why: "room_closed", traffic });
  observer.playerAway({ ...someone, why: "cut" });
  observer.playerBack({ ...someone, missed: 1 });
  observer.playerLeft({ ...someone, why: "left" });
  observer.connectionRefused({ why: "room_full" });
  metrics.countApiRequest("/api/rooms", 200);
  metrics.countPing(1);
  const families = parseMetrics(await metrics.read());
  metrics.close();
  return families.map(({ name, type, metrics: [sample] }) => ({
    name,
    type,
    labels: Object.keys(sample?.labels ?? {}),
  }));
}

function read(path: string): string {
  return readFileSync(new URL(`../../../${path}`, import.meta.url), "utf8");
}

function rowsOfPage(): MetricRow[] {
  const rows = read("docs/METRICS.md").matchAll(/^\| `(\w+)` \| (\w+) \| ([^|]*)\|/gm);
  return [...rows].map(([, name = "", type = "", labels = ""]) => ({
    name,
    type,
    labels: [...labels.matchAll(/`(\w+)`/g)].map(([, label = ""]) => label),
  }));
}

const byName = (one: MetricRow, other: MetricRow): number => one.name.localeCompare(other.name);

test("row 96: docs/METRICS.md lists each metric with its type and labels, and no other", async () => {
  expect(rowsOfPage().toSorted(byName)).toEqual((await metricsOfServer()).toSorted(byName));
});

const PANEL = z.object({ targets: z.array(z.object({ expr: z.string() })).optional() });
const DASHBOARD = z.object({
  panels: z.array(PANEL),
  templating: z.object({ list: z.array(z.object({ definition: z.string() })) }),
});

/** The names of metrics in a query, without what a histogram adds to its own. */
function namesIn(query: string): string[] {
  const names = query.replaceAll(/"(?:[^"\\]|\\.)*"/g, '""').match(/\b(?:couchwire|process|nodejs)_\w+/g) ?? [];
  return names.map((name) => name.replace(/_(?:bucket|sum|count)$/, ""));
}

test("the dashboard asks for metrics of that page alone, and for all of them", () => {
  const known = new Map(rowsOfPage().map((row) => [row.name, row]));
  const { panels, templating } = DASHBOARD.parse(JSON.parse(read("deploy/grafana-dashboard.json")));
  const queries = [
    ...panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr)),
    ...templating.list.map(({ definition }) => definition),
  ];
  const asked = new Set(queries.flatMap(namesIn));
  for (const query of queries) expect(namesIn(query)).not.toEqual([]);
  expect([...asked].filter((name) => !known.has(name))).toEqual([]);
  expect([...known.keys()].filter((name) => !asked.has(name))).toEqual(["nodejs_heap_size_total_bytes"]);
  for (const query of queries) {
    for (const [, labels = ""] of query.matchAll(/\bby \(([^)]*)\)/g)) {
      const ofMetric = namesIn(query).flatMap((name) => known.get(name)?.labels ?? []);
      const allowed = [...ofMetric, "instance", "le"];
      for (const label of labels.split(",")) expect(allowed).toContain(label.trim());
    }
  }
});

test("docs/OPERATING.md alerts on metrics of that page", () => {
  const known = new Set(rowsOfPage().map(({ name }) => name));
  const names = [...read("docs/OPERATING.md").matchAll(/`([^`]*couchwire_[^`]*)`/g)].flatMap(([, query = ""]) =>
    namesIn(query),
  );
  expect(names.length).toBeGreaterThan(4);
  expect(names.filter((name) => !known.has(name))).toEqual([]);
});
