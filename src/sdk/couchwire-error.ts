/** The error that the SDK throws and rejects with. */
import { CLOSE_CODES, type CloseName } from "../protocol/close-codes.ts";
import type { ErrorCode } from "../protocol/error-codes.ts";
import { hasOwn } from "../protocol/has-own.ts";

/**
 * Why: a WebSocket close code (see `CLOSE_CODES`), an error code of the server, or one of the SDK's own —
 * `invalid_argument`: what was passed in makes no sense; `queue_full`: more is waiting to be sent than is kept; `too_large`:
 * one frame is larger than the server takes; `unreachable`, `websockets_blocked`, `no_token`: no room came about within `timeoutMs`. Of `ask`: `timeout`:
 * no answer came in time; `not_answered`: nothing listens there; `answer_failed`: the listener there threw; `closed`: it is over. Of
 * `startGame`: `game_not_found`.
 */
export type CouchwireErrorCode =
  | number
  | ErrorCode
  | "invalid_argument"
  | "queue_full"
  | "unreachable"
  | "websockets_blocked"
  | "no_token"
  | "timeout"
  | "not_answered"
  | "answer_failed"
  | "closed"
  | "game_not_found"
  | (string & {});

/** An error of the SDK. `message` says what was wrong and what is allowed. */
export class CouchwireError extends Error {
  override readonly name = "CouchwireError";
  readonly code: CouchwireErrorCode;
  /** The name of the close code in `CLOSE_CODES`, if `code` is a close code. */
  readonly closeName: CloseName | undefined;

  constructor(code: CouchwireErrorCode, message: string) {
    super(message);
    this.code = code;
    this.closeName = typeof code === "number" ? closeNameOf(code) : undefined;
  }
}

/** The name of a close code in `CLOSE_CODES`; `undefined` for unknown codes. */
export function closeNameOf(code: number): CloseName | undefined {
  return Object.keys(CLOSE_CODES)
    .filter(isCloseName)
    .find((name) => CLOSE_CODES[name].code === code);
}

function isCloseName(text: string): text is CloseName {
  return hasOwn(CLOSE_CODES, text);
}
