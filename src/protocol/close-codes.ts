/**
 * The one table of close codes (P4). The numbers below 4000 are RFC 6455's (section 7.4.1) and IANA's registry;
 * 4000–4499 mean "come back", 4500–4999 are final.
 */

/** What a reconnecting client does after a close: come back by itself, or stop. */
export type AfterClose = "retry" | "final";

/** One close code: its number, what comes after it, and what people read. */
export interface CloseCodeEntry {
  /** As on the wire: 1000 to 1015 are the WebSocket protocol's, 4000 to 4999 are Couchwire's. */
  readonly code: number;
  /** Whether a client comes back by itself. */
  readonly after: AfterClose;
  /** The sentence sent where the closer has nothing more exact to say: for people, at most 123 bytes of UTF-8. */
  readonly reason: string;
}

/** Every close code that the server uses, by name. */
export const CLOSE_CODES = {
  normal: { code: 1000, after: "final", reason: "" },
  room_closed: { code: 1001, after: "final", reason: "The game is done." },
  protocol_error: { code: 1002, after: "final", reason: "That was not a WebSocket frame." },
  invalid_text: { code: 1007, after: "final", reason: "Text frames have to be valid UTF-8." },
  too_many_fragments: { code: 1008, after: "final", reason: "That message came in too many fragments." },
  frame_too_large: { code: 1009, after: "final", reason: "That frame is over the size limit." },
  internal_error: { code: 1011, after: "retry", reason: "The server made a mistake. Please try again." },
  restarting: { code: 1012, after: "retry", reason: "The server is restarting. Come back in a moment." },
  overloaded: { code: 1013, after: "retry", reason: "The server is full. Come back later." },
  timeout: { code: 4008, after: "retry", reason: "Nothing was heard from you for too long." },
  rate_limited: { code: 4029, after: "retry", reason: "Too much at once. Come back later." },
  slow_consumer: { code: 4031, after: "retry", reason: "Your connection could not keep up." },
  token_expired: { code: 4401, after: "retry", reason: "Your token has expired." },
  bad_request: { code: 4500, after: "final", reason: "The request was not understood." },
  unauthorized: { code: 4501, after: "final", reason: "You are not allowed in here." },
  kicked: { code: 4503, after: "final", reason: "The host removed you from the game." },
  room_not_found: { code: 4504, after: "final", reason: "Game not found" },
  replaced: { code: 4509, after: "final", reason: "You are connected somewhere else." },
  room_full: { code: 4510, after: "final", reason: "The room is full." },
  room_locked: { code: 4523, after: "final", reason: "The game has started." },
} as const satisfies Record<string, CloseCodeEntry>;

/** The name of a close code of the table. */
export type CloseName = keyof typeof CLOSE_CODES;

/** RFC 6455, section 5.5.1: a control frame carries 125 bytes, two of which are the code. */
export const MAX_CLOSE_REASON_BYTES = 123;

const utf8 = new TextEncoder();

/** `reason`, cut at a character's border so that it fits into a Close frame. */
export function fitCloseReason(reason: string): string {
  if (reason.length * 3 <= MAX_CLOSE_REASON_BYTES) return reason;
  let fitted = "";
  let bytes = 0;
  for (const character of reason) {
    bytes += utf8.encode(character).length;
    if (bytes > MAX_CLOSE_REASON_BYTES) break;
    fitted += character;
  }
  return fitted;
}

const FINAL_STANDARD_CODES: ReadonlySet<number> = new Set([1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010]);

/**
 * What P4.1 asks of a reconnecting client: 4500–4999 and those standard codes that would only happen again are
 * final; everything else (a cut line is 1006, a restart 1012) means "come back".
 */
export function afterClose(code: number): AfterClose {
  if (code >= 4500 && code <= 4999) return "final";
  return FINAL_STANDARD_CODES.has(code) ? "final" : "retry";
}
