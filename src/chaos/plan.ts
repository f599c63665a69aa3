/** What a run of the chaos kit is to do, and what it tells of itself. */
import type { Action } from "./misbehaviour.ts";
import type { RunReport } from "./report.ts";

export interface ChaosPlan {
  /** The server, as an http or https address without a slash at the end. */
  readonly server: string;
  /** The room to join; without one the kit opens a room of its own. */
  readonly code: string | undefined;
  readonly phones: number;
  readonly minutes: number;
  readonly seed: number;
  /** What the phones say now and then in another's game; without it they are silent. */
  readonly send: string | undefined;
  /** What another's game wants of newcomers, if it does. */
  readonly pin: string | undefined;
}

/** How far a run has come. */
export interface Progress {
  readonly seconds: number;
  readonly deeds: number;
  readonly framesUp: number;
  readonly framesDown: number;
}

export interface ChaosResult extends RunReport {
  readonly deeds: Readonly<Partial<Record<Action, number>>>;
  /** Worth knowing, and no fault. */
  readonly notes: readonly string[];
  /** It was stopped before its end: what was still under way then is not judged. */
  readonly isStopped: boolean;
}
