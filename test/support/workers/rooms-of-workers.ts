/** A server of several processes: the primary in the test's own process, and the built workers. */
import { fileURLToPath } from "node:url";
import { OptionsError, parseOptions, type OptionsInput } from "../../../src/config.ts";
import { createLogger } from "../../../src/log/logger.ts";
import { createServerOfWorkers, type ServerOfWorkers } from "../../../src/serve-with-workers.ts";
import { onTestEnd } from "../clean-up.ts";

const PROGRAM = fileURLToPath(new URL("../../../dist/worker.js", import.meta.url));

export interface WorkersUnderTest {
  readonly port: number;
  readonly url: string;
  readonly ws: string;
  readonly tcpPort: number | undefined;
  readonly adminUrl: string | undefined;
  readonly server: ServerOfWorkers;
  readonly close: () => Promise<void>;
}

export async function startWorkers(input: OptionsInput = {}, count = 2): Promise<WorkersUnderTest> {
  const parsed = parseOptions({
    port: 0,
    host: "127.0.0.1",
    drainMs: 0,
    networkRooms: 0,
    logLevel: "silent",
    ...input,
  });
  if (!parsed.ok) throw new OptionsError(parsed.failure);
  const server = createServerOfWorkers({
    options: parsed.value,
    count,
    logger: createLogger("silent"),
    hostName: "--host",
    program: PROGRAM,
  });
  const close = (): Promise<void> => server.close();
  onTestEnd(close);
  const { port, url, tcpPort, adminUrl } = await server.listen();
  return { port, url, ws: url.replace("http", "ws"), tcpPort, adminUrl, server, close };
}
