/** What a client over TCP is told, and the queue in which it waits to be read. */

/** Something that happened, as `for await (const event of client)` gives it. Ids are UUIDs. */
export type TcpEvent =
  /** A member said something. `text` is `data` read as UTF-8; what members on WebSockets say as text is JSON there. */
  | { readonly type: "message"; readonly from: string; readonly data: Uint8Array; readonly text: string }
  /** Another member is in the room from now on. */
  | { readonly type: "join"; readonly id: string }
  /** Another member is not in the room any more. */
  | { readonly type: "leave"; readonly id: string }
  /** The server's words about what it refused, or why it is about to end the connection. */
  | { readonly type: "error"; readonly text: string }
  /** The connection is gone. The client tries again after so many milliseconds. */
  | { readonly type: "disconnected"; readonly reason: string; readonly retryMs: number }
  /** There is a new connection, with a new id in the room where the client was in one. What was said in between never arrives. */
  | { readonly type: "reconnected"; readonly id: string | undefined; readonly room: string | undefined }
  /** So many events were dropped, because they were not read in time. */
  | { readonly type: "gap"; readonly lost: number };

/** What waits at most. */
const MAX_EVENTS = 10_000;
const MAX_EVENT_BYTES = 16_777_216;
/** What an event takes up besides its bytes, about. */
const EVENT_BYTES = 64;

export class TcpEvents {
  #events: TcpEvent[] = [];
  #bytes = 0;
  #lost = 0;
  #isOver = false;
  #readers: ((result: IteratorResult<TcpEvent, undefined>) => void)[] = [];

  /** Past the limits the oldest events go, and a `gap` tells of them. */
  push(event: TcpEvent): void {
    const reader = this.#readers.shift();
    if (reader !== undefined) return reader({ done: false, value: event });
    this.#events.push(event);
    this.#bytes += sizeOf(event);
    while (this.#events.length > MAX_EVENTS || this.#bytes > MAX_EVENT_BYTES) {
      this.#take();
      this.#lost += 1;
    }
  }

  /** Nothing more happens. What waits can still be read. */
  end(): void {
    this.#isOver = true;
    for (const reader of this.#readers.splice(0)) reader({ done: true, value: undefined });
  }

  next(): Promise<IteratorResult<TcpEvent, undefined>> {
    if (this.#lost > 0) {
      const lost = this.#lost;
      this.#lost = 0;
      return Promise.resolve({ done: false, value: { type: "gap", lost } });
    }
    const event = this.#take();
    if (event !== undefined) return Promise.resolve({ done: false, value: event });
    if (this.#isOver) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve) => this.#readers.push(resolve));
  }

  #take(): TcpEvent | undefined {
    const event = this.#events.shift();
    if (event !== undefined) this.#bytes -= sizeOf(event);
    return event;
  }
}

function sizeOf(event: TcpEvent): number {
  return EVENT_BYTES + (event.type === "message" ? event.data.length : 0);
}
