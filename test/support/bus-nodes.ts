/** Buses as nodes have them, of each kind, on servers that the test file shares. */
import { pino, type Logger } from "pino";
import { openNats } from "../../src/cluster/nats/nats-connection.ts";
import { NatsBus } from "../../src/cluster/nats/nats-bus.ts";
import type { Bus } from "../../src/cluster/ports.ts";
import { openRedis } from "../../src/cluster/redis/redis-connection.ts";
import { RedisBus } from "../../src/cluster/redis/redis-bus.ts";
import type { BusServer, BusServerOptions } from "./bus-server.ts";
import { onTestEnd } from "./clean-up.ts";
import { startNats } from "./nats-server.ts";
import { startRedis } from "./redis-server.ts";

/** A bus over a server, which says whether it is there. */
export type ServerBus = RedisBus | NatsBus;
export type ServerKind = "redis" | "nats";

export const SERVER_KINDS: readonly ServerKind[] = ["redis", "nats"];

export interface NodeBusOptions {
  /** @default 5_000: a machine that is busy with other tests is not taken for a server that is gone */
  readonly pingMs?: number;
  readonly log?: Logger;
}

export const SILENT = pino({ level: "silent" });

export function startServer(kind: ServerKind, options?: BusServerOptions): Promise<BusServer> {
  return kind === "redis" ? startRedis(options) : startNats(options);
}

/** The bus of one node, on a connection of its own. It is closed when the test ends. */
export async function nodeBus(url: string, { pingMs = 5_000, log = SILENT }: NodeBusOptions = {}): Promise<ServerBus> {
  const bus = url.startsWith("redis")
    ? new RedisBus(await openRedis(url, { log, pingMs }), log)
    : new NatsBus(await openNats(url, { log, pingMs }), log);
  onTestEnd(() => bus.close());
  return bus;
}

/** Resolves when the bus is up, or down. */
export function whenBus(bus: Required<Pick<Bus, "isUp" | "onStatus">>, state: "up" | "down"): Promise<void> {
  const isWanted = (isUp: boolean): boolean => isUp === (state === "up");
  if (isWanted(bus.isUp)) return Promise.resolve();
  return new Promise((resolve) => bus.onStatus((isUp) => void (isWanted(isUp) && resolve())));
}

/** What a bus has brought to one subject, and a wait for the next of it. */
export class Heard {
  readonly messages: Uint8Array[] = [];
  #wake: () => void = () => {};

  readonly listener = (data: Uint8Array): void => {
    this.messages.push(data);
    this.#wake();
  };

  get texts(): string[] {
    return this.messages.map((data) => Buffer.from(data).toString());
  }

  /** Resolves when there are so many messages. */
  async atLeast(count: number): Promise<void> {
    while (this.messages.length < count) await new Promise<void>((resolve) => (this.#wake = resolve));
  }
}

/** Asks again and again until it is so. A test that has failed meanwhile ends the wait. */
export async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  let hasEnded = false;
  onTestEnd(() => (hasEnded = true));
  while (!(await isSo())) {
    if (hasEnded) throw new Error("The test ended before it was so.");
    await new Promise((resolve) => setImmediate(resolve));
  }
}
