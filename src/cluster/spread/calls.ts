/** The calls between nodes, as far as what spreads over them needs them. */
import type { NodeCalls } from "../mail/node-calls.ts";

export type Calls = Pick<NodeCalls, "handle" | "call" | "tellAll" | "askAll">;
