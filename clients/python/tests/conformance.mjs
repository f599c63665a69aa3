// Runs checks of the conformance suite against the server at the address: `node conformance.mjs URL [RULE…]`. Prints a list of {rule, name, fault}.
import { conformanceSuite, createConformanceTarget, runConformance } from "../../../dist/testing/index.js";

const [url, ...rules] = process.argv.slice(2);
const checks = conformanceSuite.filter(({ rule }) => rules.includes(rule));
const unknown = rules.filter((rule) => !checks.some((check) => check.rule === rule));
if (unknown.length > 0) throw new Error(`The conformance suite has no check of ${unknown.join(", ")}.`);
const results = await runConformance(createConformanceTarget({ url, timeoutMs: 45_000 }), { checks });
const told = results.map(({ check: { rule, name }, skipped, fault }) => ({ rule, name, skipped, fault }));
process.stdout.write(JSON.stringify(told, (_key, value) => (value instanceof Uint8Array ? [...value] : value)));
