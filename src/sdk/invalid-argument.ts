import { CouchwireError } from "./couchwire-error.ts";

/** A value in an error's message: text in quotes, so that `"1"` is told from `1`. */
export function quote(value: unknown): string {
  return typeof value === "string" ? JSON.stringify(value.slice(0, MAX_QUOTED_CHARACTERS)) : String(value);
}

const MAX_QUOTED_CHARACTERS = 64;

/** The error for what a caller passed in; the message says what is allowed. */
export function invalid(message: string): CouchwireError {
  return new CouchwireError("invalid_argument", message);
}
