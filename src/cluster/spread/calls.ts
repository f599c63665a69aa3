/** The calls between nodes, as far as what spreads over them needs them. */
import type { Eventually } from "../../protocol/eventually.ts";
import type { Result } from "../../protocol/result.ts";
import type { NodeId } from "../ports.ts";

/** Why a call had no answer: the node is gone, took too long, or its handler threw. */
export type CallFailure = "lost" | "timeout" | "failed";

/** Asks other nodes, and tells them things. What is said and answered is JSON. */
export interface Calls {
  /** Answers what other nodes ask by this name. The handler checks what was said; where it throws, the asker hears `failed`. */
  handle(name: string, handler: (body: unknown, from: NodeId) => Eventually<unknown>): void;
  call(to: NodeId, name: string, body: unknown, timeoutMs?: number): Promise<Result<unknown, CallFailure>>;
  /** Tells all other nodes; what of them hears it is not known. */
  tellAll(name: string, body: unknown): void;
  /** Asks all other nodes; those that answered in time are in the map. */
  askAll(name: string, body: unknown, timeoutMs?: number): Promise<ReadonlyMap<NodeId, unknown>>;
}
