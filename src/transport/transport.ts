/** What every transport offers the server: WebSockets today; TCP, a Unix socket or a link in this process can stand beside them. */

/**
 * Accepts connections, makes each a `Connection`, and gives that to the `ConnectionManager` together with what the peer asks for. All that
 * the connections of all transports share — limits, heartbeat, memory, admission, how they end — is the manager's.
 */
export interface Transport {
  /** Accepts connections from now on. Rejects where the transport cannot, with the reason of the operating system. */
  listen(): Promise<void>;
  /**
   * Accepts no more, and lets go of what is no connection yet. The server calls this after `ConnectionManager.drain`, which ends
   * the connections and turns away those that come meanwhile. Safe twice.
   */
  drain(): Promise<void>;
}
