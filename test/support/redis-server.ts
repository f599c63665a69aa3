import { startBusServer, type BusProgram, type BusServer, type BusServerOptions } from "./bus-server.ts";

/** It writes down what it has, so that it has it after a `kill` too. */
const PROGRAM: BusProgram = {
  program: "redis-server",
  debianPackage: "redis-server",
  scheme: "redis",
  words: (port, folder) =>
    [
      ["--port", String(port), "--bind", "127.0.0.1", "--dir", folder, "--daemonize", "no", "--logfile", ""],
      ["--appendonly", "yes", "--appendfsync", "no", "--save", ""],
    ].flat(),
  readyLine: "Ready to accept connections",
};

/** Debian's Redis on a free port of loopback. */
export function startRedis(options?: BusServerOptions): Promise<BusServer> {
  return startBusServer(PROGRAM, options);
}
