/**
 * The load generator, a process of its own. Its first message is its task; each one after that is a command, which is
 * answered when it is done. It does nothing of its own accord.
 */
import { once } from "node:events";
import { createLoad } from "./load.js";

process.on("disconnect", () => process.exit()); // without its parent the load generator has no purpose
// A frame that cannot be read ends this peer's trial, not the benchmark.
process.on("uncaughtException", fail);

const [task] = await once(process, "message");
try {
  const load = await createLoad(task);
  process.on("message", ({ command, argument }) => load[command](argument).then(answer, fail));
  answer();
} catch (error) {
  fail(error);
}

/** @param {unknown} [result] */
function answer(result) {
  process.send?.({ result });
}

/** @param {unknown} error */
function fail(error) {
  process.send?.({ failure: error instanceof Error ? (error.stack ?? error.message) : String(error) });
}
