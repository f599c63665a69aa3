import { startBusServer, type BusServer, type BusServerOptions } from "./bus-server.ts";

/** Debian's Redis on a free port of loopback. It writes down what it has, so that it has it after a `kill` too. */
export function startRedis(options?: BusServerOptions): Promise<BusServer> {
  const words = (port: number, folder: string): string[] => [
    ...["--port", String(port), "--bind", "127.0.0.1", "--dir", folder],
    ...["--appendonly", "yes", "--appendfsync", "no", "--save", "", "--daemonize", "no", "--logfile", ""],
  ];
  const readyLine = "Ready to accept connections";
  return startBusServer(
    { program: "redis-server", debianPackage: "redis-server", scheme: "redis", words, readyLine },
    options,
  );
}
