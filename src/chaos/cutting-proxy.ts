/**
 * A TCP proxy on loopback that treats its connections badly: by itself, drawn from a seed, or when told to. It looks
 * at no byte, so it serves whatever is spoken over TCP.
 */
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { FaultyConnection } from "./faulty-connection.ts";
import { createRandom } from "./random.ts";
import { isCut, NO_FAULTS, type Fault, type FaultCounts, type Side, type FaultProfile } from "./fault-profile.ts";

export interface CuttingProxyOptions {
  /** Where the connections go. */
  readonly target: { readonly host: string; readonly port: number };
  /** The same seed draws the same mishaps for the first connection, the second, and so on. */
  readonly seed: number;
  /** What goes wrong by itself. @default nothing */
  readonly faultProfile?: FaultProfile;
}

export interface CuttingProxy {
  readonly host: string;
  readonly port: number;
  /** What went wrong by itself so far. */
  readonly counts: FaultCounts;
  /** How many connections were made useless so far, by themselves or by command. */
  readonly cuts: number;
  /** Connections of which a socket is still open, on either side. */
  readonly openLines: number;
  /** From now on these mishaps, on old and new lines, or none. */
  setFaultProfile(faultProfile: FaultProfile | undefined): void;
  /** Nothing passes on any line, old or new, until `beWell`: a phone that sleeps reads nothing. */
  stopReading(): void;
  /** Ends all lines, by RST or by FIN. */
  cutNow(how?: "reset" | "end"): void;
  /** Ends all lines for one side; the other, which is `deaf`, never hears of it. New lines are well. */
  goHalfOpen(deaf: Side): void;
  /** No mishaps any more, and what was held back passes. Lines that were cut stay so. */
  beWell(): void;
  /** Frees the port and every socket. Safe twice. */
  close(): Promise<void>;
}

const LOOPBACK = "127.0.0.1";

/** Resolves once the proxy listens, on a free port. */
export async function createCuttingProxy(options: CuttingProxyOptions): Promise<CuttingProxy> {
  const { target, seed } = options;
  const random = createRandom(seed);
  const lines = new Set<FaultyConnection>();
  const counts: Record<Fault, number> = { ...NO_FAULTS };
  let { faultProfile } = options;
  let isReading = true;
  let cuts = 0;
  let accepted = 0;

  const accept = (client: Socket): void => {
    const line = new FaultyConnection({
      client,
      server: connect({ ...target, noDelay: true, allowHalfOpen: true }),
      random: random.fork(accepted++),
      faultProfile,
      onFault: (fault) => {
        counts[fault] += 1;
        if (isCut(fault)) cuts += 1;
      },
      onOver: () => lines.delete(line),
    });
    lines.add(line);
    if (!isReading) line.hold();
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
    get openLines() {
      return lines.size;
    },
    setFaultProfile(next) {
      faultProfile = next;
      for (const line of lines) line.setFaultProfile(next);
    },
    stopReading() {
      isReading = false;
      for (const line of lines) line.hold();
    },
    cutNow(how = "reset") {
      for (const line of lines) if (line.cut(how)) cuts += 1;
    },
    goHalfOpen(deaf) {
      for (const line of lines) if (line.goHalfOpen(deaf)) cuts += 1;
    },
    beWell() {
      faultProfile = undefined;
      isReading = true;
      for (const line of lines) line.beWell();
    },
    async close() {
      for (const line of lines) line.close();
      if (!server.listening) return;
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
