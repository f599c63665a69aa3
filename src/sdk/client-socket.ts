/** The little of a WebSocket that the SDK needs: a browser's, Node's own and the one of `ws` all have it. */
export interface WebSocketPort {
  binaryType: string;
  /** 0 connecting, 1 open, 2 closing, 3 closed. */
  readonly readyState: number;
  /** What the server selected of the subprotocols that were offered; empty before it is open. */
  readonly protocol: string;
  /** Takes one frame; the caller may change the bytes as soon as it returns. */
  send(data: string | Uint8Array<ArrayBuffer>): void;
  close(code?: number): void;
  addEventListener(type: "open" | "error", listener: () => void): void;
  addEventListener(type: "message", listener: (event: { readonly data: unknown }) => void): void;
  addEventListener(type: "close", listener: (event: { readonly code: number; readonly reason: string }) => void): void;
}

/** A WebSocket class. */
export type WebSocketClass = new (url: string, protocols: string[]) => WebSocketPort;
