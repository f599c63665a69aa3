/**
 * A TCP proxy on loopback that injects faults into its connections: drawn from a seed, or on command. The proxy reads no
 * byte of what it passes on, so it works for every protocol over TCP.
 */
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { FaultyConnection, type LineDelay } from "./faulty-connection.ts";
import { createRandom } from "./random.ts";
import { isCut, NO_FAULTS, type Fault, type FaultCounts, type Side, type FaultProfile } from "./fault-profile.ts";

export interface CuttingProxyOptions {
  /** Where the connections go. */
  readonly target: { readonly host: string; readonly port: number };
  /** The same seed draws the same faults for the first connection, the second, and so on. */
  readonly seed: number;
  /** The faults that are drawn. @default none */
  readonly faultProfile?: FaultProfile;
  /** What the network itself takes, faults or not. @default nothing */
  readonly lineDelay?: LineDelay;
}

export interface CuttingProxy {
  readonly host: string;
  readonly port: number;
  /** Counts the faults that were drawn so far. */
  readonly counts: FaultCounts;
  /** Counts the connections that were cut so far, by a drawn fault or on command. */
  readonly cuts: number;
  /** Counts the connections with an open socket on either side. */
  readonly openConnections: number;
  /** Replaces the faults to draw, on existing and new connections; `undefined` draws none. */
  setFaultProfile(faultProfile: FaultProfile | undefined): void;
  /** Holds all bytes back, on existing and new connections, until `recover`: like a phone that sleeps. */
  stopReading(): void;
  /** Cuts all connections on both sides, by RST or by FIN. */
  cutNow(how?: "reset" | "end"): void;
  /** Cuts all connections on one side; the `deaf` side gets no FIN and no RST. New connections work. */
  goHalfOpen(deaf: Side): void;
  /** Stops all faults and passes on what was held back. Connections that were cut stay cut. */
  recover(): void;
  /** Frees the port and every socket. A second call does nothing. */
  close(): Promise<void>;
}

const LOOPBACK = "127.0.0.1";

/** Resolves once the proxy listens, on a free port. */
export async function createCuttingProxy(options: CuttingProxyOptions): Promise<CuttingProxy> {
  const { target, seed, lineDelay } = options;
  const random = createRandom(seed);
  const connections = new Set<FaultyConnection>();
  const counts: Record<Fault, number> = { ...NO_FAULTS };
  let { faultProfile } = options;
  let isReading = true;
  let cuts = 0;
  let accepted = 0;

  const accept = (client: Socket): void => {
    const connection = new FaultyConnection({
      client,
      server: connect({ ...target, noDelay: true, allowHalfOpen: true }),
      random: random.fork(accepted++),
      faultProfile,
      lineDelay,
      onFault: (fault) => {
        counts[fault] += 1;
        if (isCut(fault)) cuts += 1;
      },
      onOver: () => connections.delete(connection),
    });
    connections.add(connection);
    if (!isReading) connection.hold();
  };

  const server = createServer({ noDelay: true, allowHalfOpen: true }, accept);
  server.listen(0, LOOPBACK);
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("A TCP server that listens has a port.");

  return {
    host: LOOPBACK,
    port: address.port,
    counts,
    get cuts() {
      return cuts;
    },
    get openConnections() {
      return connections.size;
    },
    setFaultProfile(next) {
      faultProfile = next;
      for (const connection of connections) connection.setFaultProfile(next);
    },
    stopReading() {
      isReading = false;
      for (const connection of connections) connection.hold();
    },
    cutNow(how = "reset") {
      for (const connection of connections) if (connection.cut(how)) cuts += 1;
    },
    goHalfOpen(deaf) {
      for (const connection of connections) if (connection.goHalfOpen(deaf)) cuts += 1;
    },
    recover() {
      faultProfile = undefined;
      isReading = true;
      for (const connection of connections) connection.recover();
    },
    async close() {
      for (const connection of connections) connection.close();
      if (!server.listening) return;
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
