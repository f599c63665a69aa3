/**
 * Wrong tries that all nodes count: codes, tokens, keys. Each node tells the others of the tries that it counts, a few milliseconds of them in one message, and of
 * none past the limit. So a guesser that spreads over nodes has one limit, but for what is under way, and cannot make the nodes say much.
 */
import type { SharedTries } from "../../hub/shared-tries.ts";
import type { Clock } from "../../room/ports.ts";
import type { NodeId } from "../ports.ts";
import type { Calls } from "./calls.ts";

export interface TryCountsOptions {
  readonly calls: Calls;
  readonly clock: Pick<Clock, "after">;
  /** Told what is wrong with what another node has said. */
  readonly onWrong: (problem: string, from: NodeId) => void;
}

/** Milliseconds of tries that leave together. */
const GATHER_MS = 10;
/** Addresses in one message. */
const MAX_ADDRESSES = 2_000;
const MAX_ADDRESS_LENGTH = 128;
/** Tries of one address in one message: more than any limit allows. */
const MAX_TRIES = 10_000;

export class TryCounts {
  readonly #options: TryCountsOptions;
  readonly #counters = new Map<string, SharedTries>();
  /** By counter, the tries of each address that are not told yet. */
  #waiting = new Map<string, Map<string, number>>();
  #waitingAddresses = 0;
  #stopGathering: (() => void) | undefined;
  /** Whether other nodes may hear of it. */
  isJoined = false;

  constructor(options: TryCountsOptions) {
    this.#options = options;
    options.calls.handle("tries", (body, from) => this.#take(body, from));
  }

  /** Counts these over all nodes, which know them by this name. */
  add(name: string, tries: SharedTries): void {
    this.#counters.set(name, tries);
    tries.onCounted((address) => this.#gather(name, address));
  }

  close(): void {
    this.#stopGathering?.();
    this.#stopGathering = undefined;
  }

  #gather(name: string, address: string): void {
    if (!this.isJoined) return;
    const tries = this.#waiting.get(name) ?? new Map<string, number>();
    this.#waiting.set(name, tries);
    if (!tries.has(address)) this.#waitingAddresses += 1;
    tries.set(address, (tries.get(address) ?? 0) + 1);
    if (this.#waitingAddresses >= MAX_ADDRESSES) this.#flush();
    else this.#stopGathering ??= this.#options.clock.after(GATHER_MS, () => this.#flush());
  }

  #flush(): void {
    this.#stopGathering?.();
    this.#stopGathering = undefined;
    const waiting = this.#waiting;
    this.#waiting = new Map();
    this.#waitingAddresses = 0;
    for (const [name, tries] of waiting) this.#options.calls.tellAll("tries", { name, tries: [...tries] });
  }

  #take(body: unknown, from: NodeId): void {
    const { name, tries }: Readonly<Record<string, unknown>> =
      typeof body === "object" && body !== null ? { ...body } : {};
    const { onWrong } = this.#options;
    const counter = this.#counters.get(String(name));
    if (counter === undefined || !Array.isArray(tries) || tries.length > MAX_ADDRESSES)
      return onWrong("tries of nothing that is counted here", from);
    for (const each of tries) if (!countedIn(each, counter)) onWrong("a wrong count of tries", from);
  }
}

function countedIn(value: unknown, counter: SharedTries): boolean {
  if (!Array.isArray(value)) return false;
  const [address, count]: readonly unknown[] = value;
  if (typeof address !== "string" || address.length > MAX_ADDRESS_LENGTH) return false;
  if (typeof count !== "number" || !Number.isInteger(count) || count < 1) return false;
  counter.countFromElsewhere(address, Math.min(count, MAX_TRIES));
  return true;
}
