/**
 * The load generator, a process of its own, or the stage of a crowd, which is another. Its first message is its task; each one after that is a command, which is
 * answered when it is done. It does nothing of its own accord.
 */
import { once } from "node:events";

process.on("disconnect", () => process.exit()); // without its parent it has no purpose
// A frame that cannot be read ends this peer's trial, not the benchmark.
process.on("uncaughtException", fail);

const [task] = await once(process, "message");
try {
  const player = await (task.isStage ? stage() : load());
  process.on("message", ({ command, argument }) => player[command](argument).then(answer, fail));
  answer();
} catch (error) {
  fail(error);
}

async function stage() {
  const { createStage } = await import("./stage.js");
  return createStage(task);
}

async function load() {
  const { createLoad } = await import("./load.js");
  return createLoad(task);
}

/** @param {unknown} [result] */
function answer(result) {
  process.send?.({ result });
}

/** @param {unknown} error */
function fail(error) {
  process.send?.({ failure: error instanceof Error ? (error.stack ?? error.message) : String(error) });
}
