import { startBusServer, type BusProgram, type BusServer, type BusServerOptions } from "./bus-server.ts";

/** Its streams are on disk, so that they are there after a `kill` too. */
const PROGRAM: BusProgram = {
  program: "nats-server",
  debianPackage: "nats-server",
  scheme: "nats",
  words: (port, folder) => ["--port", String(port), "--addr", "127.0.0.1", "--jetstream", "--store_dir", folder],
  readyLine: "Server is ready",
};

/** Debian's NATS with JetStream on a free port of loopback. */
export function startNats(options?: BusServerOptions): Promise<BusServer> {
  return startBusServer(PROGRAM, options);
}
