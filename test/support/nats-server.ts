import { startBusServer, type BusServer, type BusServerOptions } from "./bus-server.ts";

/** Debian's NATS with JetStream on a free port of loopback. Its streams are on disk, so that they are there after a `kill` too. */
export function startNats(options?: BusServerOptions): Promise<BusServer> {
  const words = (port: number, folder: string): string[] => [
    ...["--port", String(port), "--addr", "127.0.0.1", "--jetstream", "--store_dir", folder],
  ];
  return startBusServer(
    { program: "nats-server", debianPackage: "nats-server", scheme: "nats", words, readyLine: "Server is ready" },
    options,
  );
}
