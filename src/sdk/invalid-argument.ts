import { CouchwireError } from "./couchwire-error.ts";

/** Formats a value for an error message. Text is quoted, which distinguishes `"1"` from `1`. */
export function quote(value: unknown): string {
  return typeof value === "string" ? JSON.stringify(value.slice(0, MAX_QUOTED_CHARACTERS)) : String(value);
}

const MAX_QUOTED_CHARACTERS = 64;

/** Creates the error for an invalid argument. The message says what is allowed. */
export function invalid(message: string): CouchwireError {
  return new CouchwireError("invalid_argument", message);
}
