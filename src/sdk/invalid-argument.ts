import { CouchwireError } from "./couchwire-error.ts";

/** The error for what a caller passed in; the message says what is allowed. */
export function invalid(message: string): CouchwireError {
  return new CouchwireError("invalid_argument", message);
}
