/** The phone's side: one player's line to the room. */
import { CLOSE_CODES, type CloseName } from "../protocol/close-codes.ts";
import { Connection, type CloseReason, type ConnectionSurroundings, type Retry } from "./connection.ts";
import { closeNameOf } from "./couchwire-error.ts";
import { Emitter } from "./emitter.ts";
import { parseJson, toFrame, type Payload } from "./payload.ts";
import { SendQueue } from "./send-queue.ts";

/** What happens on a phone, and what the listeners are called with. */
export interface PlayerRoomEvents {
  /** The line is open. A room that is full, locked or not there says so by a `close` right after it. */
  open: [opening: { readonly isReconnect: boolean }];
  /** The host sent a text frame. */
  text: [text: string];
  /** The host sent a text frame that is JSON; told after `text`, and only where somebody listens. */
  json: [value: unknown];
  /** The host sent a binary frame. */
  binary: [bytes: Uint8Array<ArrayBuffer>];
  /** The connection was lost; it is tried again by itself. */
  reconnecting: [retry: Retry];
  /** It is over, and does not come back. `name` is the code's name in `CLOSE_CODES`. */
  close: [close: CloseReason & { readonly name: CloseName | undefined; readonly isFinal: true }];
}

/** A player's line to the room, as `joinRoom` opens it. */
export class PlayerRoom extends Emitter<PlayerRoomEvents> {
  /** The room code: four capitals. */
  readonly code: string;
  readonly #connection: Connection;
  readonly #queue = new SendQueue();

  /** @internal They come from `joinRoom`. */
  constructor(code: string, address: () => string, surroundings: ConnectionSurroundings) {
    super({ open: [], text: [], json: [], binary: [], reconnecting: [], close: [] });
    this.code = code;
    const owner = {
      opened: (isReconnect: boolean) => this.#opened(isReconnect),
      received: (data: string | Uint8Array<ArrayBuffer>) => this.#received(data),
      lost: (retry: Retry) => this.emit("reconnecting", retry),
      closed: (close: CloseReason) => this.#closed(close),
    };
    this.#connection = new Connection(address, owner, surroundings);
  }

  /** Whether the line is open now. */
  get isConnected(): boolean {
    return this.#connection.isOpen;
  }

  /**
   * Sends to the host: text as text, bytes as bytes, anything else as JSON text. While there is no connection it is
   * kept and sent when there is, in order. `false` after the end: then nothing is sent any more.
   * @throws {CouchwireError} `queue_full` where more than 1 MiB would be kept, `invalid_argument` at data that cannot be sent.
   */
  send(data: Payload): boolean {
    const frame = toFrame(data);
    if (this.#connection.isClosed) return false;
    if (!this.#connection.send(frame)) this.#queue.add(frame);
    return true;
  }

  /** Leaves the room for good. Safe twice. */
  close(): void {
    this.#connection.close(CLOSE_CODES.normal);
  }

  #opened(isReconnect: boolean): void {
    for (const frame of this.#queue.take()) this.#connection.send(frame);
    this.emit("open", { isReconnect });
  }

  #received(data: string | Uint8Array<ArrayBuffer>): void {
    this.#connection.settle();
    if (typeof data !== "string") {
      this.emit("binary", data);
      return;
    }
    this.emit("text", data);
    if (!this.hasListeners("json")) return;
    const json = parseJson(data);
    if (json !== undefined) this.emit("json", json.value);
  }

  #closed({ code, reason }: CloseReason): void {
    this.#queue.take();
    this.emit("close", { code, name: closeNameOf(code), reason, isFinal: true });
  }
}
