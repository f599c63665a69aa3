/** Frames that need not arrive if they have to wait (P5.3.4, P5.9.1), and when they need not. */
import type { ToCommand, ToStrCommand } from "../protocol/commands.ts";

export interface PassingTerms {
  /** A newer frame of this name takes its place for as long as the peer cannot take it. */
  readonly name: string | undefined;
  /** When it is dropped, unless it was written before, in milliseconds of the room's clock; `Infinity` for never. */
  readonly expiresAt: number;
}

/** How often frames that have waited too long are looked for while so much waits that each new frame asks for it. */
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
