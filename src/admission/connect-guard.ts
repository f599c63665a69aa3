/** Asked of every connection before anything else: whether it may come in at all. */
import type { Eventually } from "../protocol/eventually.ts";
import type { ConnectRequest, Rejection } from "./connect-request.ts";

/** What is known of a connection before it is looked at what it asks for. */
export type ConnectDetails = Pick<ConnectRequest, "address" | "headers" | "transport" | "path">;

export interface ConnectGuard {
  /** `undefined` lets the connection go on. A promise is never rejected, and settles within five seconds. */
  admit(connection: ConnectDetails): Eventually<Rejection | undefined>;
}
