/** The terms of frames that need not arrive when they have to wait: volatile frames, and frames with a time to live (P5.3.4, P5.9.1). */
import type { ToCommand, ToStrCommand } from "../protocol/commands.ts";

export interface PassingTerms {
  /** While the frame waits, a newer frame of this name replaces it. */
  readonly name: string | undefined;
  /** When the frame is dropped unless it was written before, in milliseconds of the room's clock; `Infinity` for never. */
  readonly expiresAt: number;
}

/** Expired frames are looked for at most this often, even while each new frame finds the queue full. */
export const EXPIRE_EVERY_MS = 100;

/** `undefined` for a frame that has to arrive. `now` is in milliseconds. */
export function passingTerms(command: ToCommand | ToStrCommand, now: () => number): PassingTerms | undefined {
  const { volatile: name = false, ttl } = command;
  if (name === false && ttl === undefined) return undefined;
  return {
    name: name === true ? "" : name === false ? undefined : name,
    expiresAt: ttl === undefined ? Infinity : now() + ttl,
  };
}
