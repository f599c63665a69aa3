/** `GET /readyz` (P9.10): whether a load balancer should send newcomers here. */
import type { RequestHandler } from "express";

/** The state of the bus that joins many nodes; `none`: this node is by itself. */
export type BusState = "up" | "down" | "none";

export interface Readiness {
  readonly bus: BusState;
  /** The server was told to stop, and opens no more rooms. */
  readonly draining: boolean;
}

export function readyRoute(readiness: () => Readiness): RequestHandler {
  return (_request, response) => {
    const { bus, draining } = readiness();
    const ready = !draining && bus !== "down";
    response
      .set("Cache-Control", "no-store")
      .status(ready ? 200 : 503)
      .json({ ready, bus, draining });
  };
}
