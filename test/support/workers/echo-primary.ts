/** A real primary, whose workers are processes of `echo-worker.js`. */
import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { MemoryDirectory } from "../../../src/cluster/memory/memory-directory.ts";
import { Primary } from "../../../src/cluster/workers/primary.ts";
import { onTestEnd } from "../clean-up.ts";

const WORKER = fileURLToPath(new URL("echo-worker.js", import.meta.url));

export interface EchoPrimary {
  readonly primary: Primary;
  readonly port: number;
  /** What it has logged. */
  readonly log: readonly string[];
  /** From now on it cannot be asked which worker has a room. */
  readonly cutDirectory: () => void;
}

const now = (): number => performance.now();

/** The codes of the workers, in their order. */
export const CODE_OF_WORKER = ["BBBB", "CCCC", "DDDD"] as const;

class CutDirectory extends MemoryDirectory {
  isCut = false;

  override async find(...given: Parameters<MemoryDirectory["find"]>) {
    if (this.isCut) throw new Error("The directory cannot be reached.");
    return super.find(...given);
  }
}

export async function startEchoPrimary(count = 2): Promise<EchoPrimary> {
  const directory = new CutDirectory({ leaseMs: 60_000, keepMs: 600_000 }, { now });
  const log: string[] = [];
  const keep = (_about: object, sentence: string): void => void log.push(sentence);
  const primary = new Primary({
    count,
    fork: () => fork(WORKER, [], { serialization: "advanced", execArgv: [] }),
    planOf: () => ({}),
    port: 0,
    host: "127.0.0.1",
    backlog: 511,
    directory,
    withoutBasePath: (url) => url,
    hasTokens: false,
    now,
    log: { info: keep, warn: keep, error: keep },
  });
  onTestEnd(() => primary.close({ drainMs: 0 }));
  await primary.start();
  return { primary, port: primary.address?.port ?? 0, log, cutDirectory: () => void (directory.isCut = true) };
}
