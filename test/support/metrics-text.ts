/** What `/metrics` says, read by a parser that is not ours, once each line has been held against the format's grammar. */
import { createRequire } from "node:module";
import { z } from "zod";

const require = createRequire(import.meta.url);
const parser: unknown = require("parse-prometheus-text-format");

/** The text format 0.0.4: https://prometheus.io/docs/instrumenting/exposition_formats/ */
const LABEL = String.raw`[a-zA-Z_]\w*="(?:[^"\\\n]|\\[\\"n])*"`;
const SAMPLE = new RegExp(
  String.raw`^[a-zA-Z_:][\w:]*(?:\{${LABEL}(?:,${LABEL})*\})? (?:[+-]?(?:\d+(?:\.\d+)?(?:e[+-]?\d+)?|Inf)|NaN)$`,
);
const COMMENT = /^# (?:HELP [a-zA-Z_:][\w:]* .+|TYPE [a-zA-Z_:][\w:]* (?:counter|gauge|histogram|summary|untyped))$/;

const FAMILIES = z.array(
  z.object({
    name: z.string(),
    help: z.string(),
    type: z.string().transform((type) => type.toLowerCase()),
    metrics: z.array(
      z.object({
        labels: z.record(z.string(), z.string()).default({}),
        value: z.coerce.number().optional(),
        buckets: z.record(z.string(), z.coerce.number()).optional(),
        count: z.coerce.number().optional(),
        sum: z.coerce.number().optional(),
      }),
    ),
  }),
);

export type MetricFamily = z.infer<typeof FAMILIES>[number];

/** Throws where the text is not in the format. */
export function parseMetrics(text: string): MetricFamily[] {
  if (!text.endsWith("\n")) throw new Error("The last line does not end.");
  for (const line of text.split("\n")) {
    if (line !== "" && !COMMENT.test(line) && !SAMPLE.test(line))
      throw new Error(`This is no line of metrics: ${line}`);
  }
  if (typeof parser !== "function") throw new Error("The parser is no function.");
  const families = FAMILIES.parse(parser(text));
  const names = families.map(({ name }) => name);
  if (new Set(names).size !== names.length) throw new Error(`A metric comes twice: ${names.join(", ")}`);
  return families;
}

/** The sum of a metric's samples that have these labels, or 0 where there are none. Throws where there is no such metric. */
export function valueOf(
  families: readonly MetricFamily[],
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number {
  const family = families.find((each) => each.name === name);
  if (family === undefined) throw new Error(`There is no metric ${name}.`);
  return family.metrics
    .filter((metric) => Object.entries(labels).every(([label, value]) => metric.labels[label] === value))
    .reduce((sum, { value = Number.NaN }) => sum + value, 0);
}
