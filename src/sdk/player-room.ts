/** A phone's connection to a room. */
import { CLOSE_CODES, type CloseName } from "../protocol/close-codes.ts";
import { checkTtl, checkVolatile } from "./addressing.ts";
import type { ConnectFailure } from "./connect-failure.ts";
import type { CloseReason, Retry } from "./reconnecting-socket.ts";
import { closeNameOf } from "./couchwire-error.ts";
import { Emitter } from "./emitter.ts";
import type { ResumeResult } from "./reliable-session.ts";
import { checkOptions, type KnownOptions } from "./known-options.ts";
import { ReliableConnection, type ReliableConnectionPlan } from "./reliable-connection.ts";
import type { Frame } from "./outbox.ts";
import { parseJson, toFrame, type Payload } from "./payload.ts";
import type { ClaimedSession } from "./session.ts";
import type { Environment } from "./environment.ts";

/** The events of a player's room with their listeners' arguments. */
export interface PlayerRoomEvents {
  /**
   * The phone has its seat. `isReconnect`: not for the first time on this page. `isResumed`: nothing was missed; otherwise
   * it begins from nothing, and gets what the host retained for it as ordinary frames.
   */
  open: [opening: { readonly isReconnect: boolean; readonly isResumed: boolean }];
  /** The host sent a text frame. */
  text: [text: string];
  /** The host sent an object or a list as JSON. Emitted after `text`. Numbers, strings and `null` are emitted as `text` only. */
  json: [value: unknown];
  /** The host sent a binary frame. */
  binary: [bytes: Uint8Array<ArrayBuffer>];
  /** The program behind the server did not pass a message on, and says why. It happens where that program has a hook for it. */
  refused: [reason: string];
  /** The connection went down. Frames that are sent meanwhile are kept. */
  away: [];
  /** The connection is up again; `open` follows. */
  back: [];
  /** An attempt to connect failed; the failure has the cause and the server's address. The SDK tries again by itself. */
  connecting: [failure: ConnectFailure];
  /** An attempt failed, or the connection went down. The SDK tries again by itself. */
  reconnecting: [retry: Retry];
  /** `lost` frames of the host will never arrive here, and `unsent` frames from here never there: they could not be kept. */
  gap: [gap: { readonly lost: number; readonly unsent: number }];
  /**
   * It is over, and does not come back. `name` is the code's name in `CLOSE_CODES`; `replaced` says that the same seat is used
   * on another page, which may be a copy of this tab. To load the page again takes it back.
   */
  close: [close: CloseReason & { readonly name: CloseName | undefined; readonly isFinal: true }];
}

/** The parameters of a player's connection, resolved by `joinRoom`. */
export interface PlayerRoomPlan extends ReliableConnectionPlan {
  readonly code: string;
  readonly session: ClaimedSession;
  /** Called when the phone has its seat. */
  readonly opened: () => void;
}

/** Options of `send`. */
export interface PlayerSendOptions {
  /**
   * Only the newest counts: for positions, not for answers. The first goes at once; then 30 a second at most, of which the last always
   * arrives, and all names together leave room under what the server takes of a phone. A name, of 1 to 64 bytes, keeps several
   * things apart: `"pos"`, `"aim"`. @default false
   */
  readonly volatile?: boolean | string;
  /**
   * Milliseconds that the frame may wait for the connection, from 1 to 3,600,000: after them it is not sent any more, as with a buzz.
   * @default as long as it takes
   */
  readonly ttl?: number;
}

const SEND_OPTIONS: KnownOptions<PlayerSendOptions> = { volatile: true, ttl: true };

/** Close codes after which the seat is gone. `kicked` is not among them: the session is kept so that a ban still applies to it. */
const SEAT_IS_GONE: ReadonlySet<number> = new Set([
  CLOSE_CODES.normal.code,
  CLOSE_CODES.room_closed.code,
  CLOSE_CODES.room_not_found.code,
  // The server would have admitted a session with a seat.
  CLOSE_CODES.room_full.code,
  CLOSE_CODES.room_locked.code,
]);

/** A player's connection to a room, opened by `joinRoom`. */
export class PlayerRoom extends Emitter<PlayerRoomEvents> {
  /** The room code: four capitals. */
  readonly code: string;
  readonly #plan: PlayerRoomPlan;
  readonly #connection: ReliableConnection;
  #keepsSeat = false;

  /** @internal They come from `joinRoom`. */
  constructor(plan: PlayerRoomPlan, environment: Environment) {
    super({
      open: [],
      text: [],
      json: [],
      binary: [],
      refused: [],
      away: [],
      back: [],
      connecting: [],
      reconnecting: [],
      gap: [],
      close: [],
    });
    this.code = plan.code;
    this.#plan = plan;
    const owner = {
      greeted: (greeting: ResumeResult) => this.#opened(greeting),
      received: (frame: Frame) => this.#received(frame),
      refused: (reason: string) => this.emit("refused", reason),
      lost: (retry: Retry, wasUp: boolean) => this.#lost(retry, wasUp),
      connecting: (failure: ConnectFailure) => this.emit("connecting", failure),
      closed: (close: CloseReason) => this.#closed(close),
    };
    this.#connection = new ReliableConnection(plan, owner, environment);
  }

  /** Whether the connection is open now. */
  get isConnected(): boolean {
    return this.#connection.isUp;
  }

  /**
   * Sends to the host: text as text, bytes as bytes, anything else as JSON text. It arrives once and in order; while there
   * is no connection it is kept. `false` after the end: then nothing is sent any more.
   * @throws {CouchwireError} `queue_full` where more than `outboxBytes` would be kept, `invalid_argument` at data that cannot be sent.
   */
  send(data: Payload, options: PlayerSendOptions = {}): boolean {
    const frame = toFrame(data);
    checkOptions(options, SEND_OPTIONS, "send");
    const { volatile: name = false, ttl } = options;
    checkVolatile(name);
    checkTtl(ttl);
    const own = typeof frame === "string" ? frame : frame.slice(); // The game may change its bytes before they are sent.
    const sending = ttl === undefined ? {} : { ttlMs: ttl };
    if (name === false) return this.#connection.send(own, sending);
    return this.#connection.sendVolatile(name === true ? "" : name, own, sending);
  }

  /** Leaves the room for good and gives the seat up. Safe to call twice. */
  close(): void {
    // A page that never reached the server gives nothing up: a seat from before the reload is kept.
    if (!this.#connection.isClosed && !this.#connection.hasReachedServer) this.#keepsSeat = true;
    this.#connection.close(CLOSE_CODES.normal);
  }

  /**
   * Ends the connection and keeps the seat, which is away until `joinRoom` takes it again, on this page or the next one:
   * for a view that is taken down and put up again. No event follows, and nothing is sent. Safe twice.
   */
  detach(): void {
    if (this.#connection.isClosed) return;
    this.#connection.detach();
    this.#plan.session.release();
  }

  #opened({ isFirst, isResumed, frames, lost, unsent }: ResumeResult): void {
    this.#plan.opened();
    if (!isFirst) this.emit("back");
    this.emit("open", { isReconnect: !isFirst, isResumed });
    if (lost > 0 || unsent > 0) this.emit("gap", { lost, unsent });
    for (const frame of frames) this.#received(frame);
  }

  #received(frame: Frame): void {
    if (typeof frame !== "string") {
      this.emit("binary", frame);
      return;
    }
    this.emit("text", frame);
    if (!this.hasListeners("json")) return;
    const json = parseJson(frame);
    if (json !== undefined) this.emit("json", json.value);
  }

  #lost(retry: Retry, wasUp: boolean): void {
    if (wasUp) this.emit("away");
    this.emit("reconnecting", retry);
  }

  #closed({ code, reason }: CloseReason): void {
    if (SEAT_IS_GONE.has(code) && !this.#keepsSeat) this.#plan.session.forget();
    else this.#plan.session.release();
    this.emit("close", { code, name: closeNameOf(code), reason, isFinal: true });
  }
}
