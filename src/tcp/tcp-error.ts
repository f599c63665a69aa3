/** What can go wrong over TCP, as one closed list of codes. */

/** Why a call of a `TcpClient` failed. */
export type TcpErrorCode =
  /** The server could not be reached, or not in time. */
  | "cannot_connect"
  /** An argument is wrong; the sentence says which, and what is allowed. */
  | "invalid_argument"
  /** The server did not let the client into the room; the sentence is the server's. */
  | "refused"
  /** The client is in no room. */
  | "not_in_a_room"
  /** The message is larger than `maxPayload`. */
  | "too_large"
  /** More waits for the server than `maxQueue`, or too many joins wait. */
  | "queue_full"
  /** The client was closed. */
  | "closed";

/** An error of `couchwire/tcp`, with a code for programs and a sentence for people. */
export class TcpError extends Error {
  override readonly name = "TcpError";
  /** Which error it is. */
  readonly code: TcpErrorCode;

  constructor(code: TcpErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
