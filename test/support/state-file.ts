/** Servers of the real command that keep their rooms in a file, one after another at one port. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RoomRecord } from "../../src/hub/room-record.ts";
import { readStateFile } from "../../src/state-file/state-file-format.ts";
import { onTestEnd } from "./clean-up.ts";
import { startCli, type CliProcess } from "./cli-process.ts";
import { eventually } from "./inbox.ts";
import type { TestServer } from "./server.ts";

export interface RestartableServer extends Pick<TestServer, "url" | "ws"> {
  readonly file: string;
  /** What stands in the file now. */
  records(): readonly RoomRecord[];
  /** Resolves when the file says so. */
  written(what: string, isSo: (records: readonly RoomRecord[]) => boolean): Promise<void>;
  /** Ends the process, and starts the next one at the same port. */
  restart(how: "SIGTERM" | "SIGKILL"): Promise<void>;
  /** The process of now. */
  process(): CliProcess;
}

/** A folder that is gone when the test ends. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "couchwire-state-"));
  onTestEnd(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export async function startRestartable(environment: Readonly<Record<string, string>> = {}): Promise<RestartableServer> {
  const file = join(temporaryFolder(), "rooms");
  const start = (port: number): CliProcess =>
    startCli(["--host", "127.0.0.1", "--port", String(port)], {
      COUCHWIRE_STATE_FILE: file,
      COUCHWIRE_DRAIN_MS: "0",
      ...environment,
    });
  let cli = start(0);
  onTestEnd(async () => {
    cli.kill("SIGKILL");
    await cli.ended;
  });
  const { port } = await cli.listening;
  const records = (): readonly RoomRecord[] => {
    const read = existsSync(file) ? readStateFile(readFileSync(file)) : undefined;
    if (read?.ok === false) throw new Error(`the file ${read.failure}`);
    return read?.value ?? [];
  };
  return {
    url: `http://127.0.0.1:${port}`,
    ws: `ws://127.0.0.1:${port}`,
    file,
    records,
    written: (what, isSo) => eventually(what, () => isSo(records())),
    process: () => cli,
    async restart(how) {
      cli.kill(how);
      await cli.ended;
      cli = start(port);
      await cli.listening;
    },
  };
}
