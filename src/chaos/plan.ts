/** The input and the output of a chaos run. */
import type { Action } from "./misbehaviour.ts";
import type { RunReport } from "./report.ts";

export interface ChaosPlan {
  /** The server, as an http or https address without a slash at the end. */
  readonly server: string;
  /** The room to join; without a code the run opens a room of its own. */
  readonly code: string | undefined;
  readonly phones: number;
  readonly minutes: number;
  readonly seed: number;
  /** The text that the phones send in a foreign game; without it they send nothing. */
  readonly send: string | undefined;
  /** The PIN of a foreign game, if it has one. */
  readonly pin: string | undefined;
}

/** The state of a run so far. */
export interface Progress {
  readonly seconds: number;
  readonly actions: number;
  readonly framesUp: number;
  readonly framesDown: number;
}

export interface ChaosResult extends RunReport {
  readonly actions: Readonly<Partial<Record<Action, number>>>;
  /** Observations that are not faults. */
  readonly notes: readonly string[];
  /** The run was stopped early; frames that were under way are not checked. */
  readonly isStopped: boolean;
}
