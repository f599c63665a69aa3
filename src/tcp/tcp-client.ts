/** A client of open rooms over TCP that stays connected: it comes back after a lost connection, and into its room. */
import { MAX_DELAY_MS, retryDelayMs } from "../sdk/retry-delay.ts";
import { TcpError } from "./tcp-error.ts";
import { TcpEvents, type TcpEvent } from "./tcp-events.ts";
import { openSocket, TcpLine, type LineMessage } from "./tcp-line.ts";

/** Where the server is, and how the client behaves. */
export interface TcpClientOptions {
  /** @default "127.0.0.1" */
  readonly host?: string;
  /** The server's `COUCHWIRE_TCP_PORT`. */
  readonly port: number;
  /** Bytes in one frame, both ways, with the few that the wire adds. @default 262144 */
  readonly maxPayload?: number;
  /** Bytes that may wait for the server before `broadcast` throws. @default 1048576 */
  readonly maxQueue?: number;
  /** Milliseconds that one attempt to connect may take. @default 10000 */
  readonly timeoutMs?: number;
  /** Milliseconds between the client's own pings. @default 13000 */
  readonly pingMs?: number;
  /** Milliseconds without a byte of the server after which the connection counts as lost. @default 31000 */
  readonly idleMs?: number;
  /** Whether to connect again when the connection is lost, and to join the room again. Otherwise the events end there. @default true */
  readonly reconnect?: boolean;
}

/** What is shown for a place in a room. */
export interface TcpJoinOptions {
  /** A token for this room, or a function that gets one: it is asked again for each join after a lost connection. */
  readonly token?: string | (() => string | Promise<string>);
  /** The room's PIN, where it has one. */
  readonly pin?: string;
  /** The display name. @default the id */
  readonly name?: string;
}

interface Wanted {
  readonly room: string;
  readonly options: TcpJoinOptions;
}

/** A join that was asked for. Without a promise it is the client's own: it goes back into its room. */
interface PendingJoin extends Wanted {
  readonly promise: { readonly resolve: (id: string) => void; readonly reject: (error: TcpError) => void } | undefined;
}

const DEFAULTS = {
  host: "127.0.0.1",
  maxPayload: 262_144,
  maxQueue: 1_048_576,
  timeoutMs: 10_000,
  pingMs: 13_000,
  idleMs: 31_000,
  reconnect: true,
};
/** Joins that may wait. */
const MAX_JOINS = 64;
/** What a broadcast has besides its data: its variant and its length. */
const BROADCAST_BYTES = 12;
/** A connection that lasts this long counts as a good one: the next attempt begins with the shortest delay. */
const STEADY_MS = 5_000;
/** Any code that is no reason to be patient: this wire has none. */
const LOST = 1006;
const NOT_IN_A_ROOM = "not in a room";

const utf8 = new TextEncoder();
const fromUtf8 = new TextDecoder();

/** What `connect` returns. It is the list of its own events: `for await (const event of client)`. */
export class TcpClient implements AsyncIterable<TcpEvent> {
  readonly #options: Required<TcpClientOptions>;
  readonly #events = new TcpEvents();
  #line: TcpLine | undefined;
  #connectedAt = 0;
  #attempt = 0;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;
  #onClosed: (() => void) | undefined;
  /** The room that the client is in, or goes back to. */
  #wanted: Wanted | undefined;
  #id: string | undefined;
  #joins: PendingJoin[] = [];
  /** The join that the server was asked for and has not answered. */
  #asked: PendingJoin | undefined;
  /** What is to be said in the room once the client is back in it. */
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;

  private constructor(options: Required<TcpClientOptions>) {
    this.#options = options;
  }

  /** Connects. @internal Programs call `connect`. */
  static async connect(given: TcpClientOptions): Promise<TcpClient> {
    const options = checked(given);
    const client = new TcpClient(options);
    client.#begin(new TcpLine(await openSocket(options, options.timeoutMs), options, client.#listener()));
    return client;
  }

  /** The client's id in its room; `undefined` while it is in none. A new connection has a new one. */
  get id(): string | undefined {
    return this.#id;
  }

  /** The room that the client is in, or comes back to. */
  get room(): string | undefined {
    return this.#wanted?.room;
  }

  /** Whether there is a connection now. */
  get isConnected(): boolean {
    return this.#line !== undefined;
  }

  /** Bytes that wait for the server. */
  get queued(): number {
    return this.#waitingBytes + (this.#line?.queued ?? 0);
  }

  /**
   * Joins a room, by its name or its code, and leaves the one that the client is in. Resolves with the client's id there. Rejects with a `TcpError` where the
   * server does not let it in; then it stays where it is.
   */
  async join(room: string, options: TcpJoinOptions = {}): Promise<string> {
    if (typeof room !== "string" || room === "") {
      throw new TcpError("invalid_argument", `The room has to be a name or a code, not ${JSON.stringify(room)}.`);
    }
    if (this.#isClosed) throw closed();
    if (this.#joins.length >= MAX_JOINS) throw new TcpError("queue_full", `${MAX_JOINS} joins wait already.`);
    return new Promise((resolve, reject) => {
      this.#joins.push({ room, options, promise: { resolve, reject } });
      this.#askNext();
    });
  }

  /** Leaves the room. Safe where the client is in none. */
  leave(): void {
    const wasIn = this.#id !== undefined;
    this.#forgetRoom();
    if (wasIn) this.#line?.send({ say: "leave_room" });
  }

  /**
   * Says something to all others in the room: bytes as they are, text as UTF-8. Members on WebSockets get a binary frame. While the client is on its way back
   * into its room it waits. Throws a `TcpError` where the client is in no room, the message is too large, or too much waits already.
   */
  broadcast(data: Uint8Array | string): void {
    if (this.#isClosed) throw closed();
    if (this.#wanted === undefined) throw new TcpError("not_in_a_room", "The client is in no room: join one first.");
    const bytes = typeof data === "string" ? utf8.encode(data) : data;
    const { maxPayload, maxQueue } = this.#options;
    if (bytes.length + BROADCAST_BYTES > maxPayload) {
      throw new TcpError(
        "too_large",
        `The message has ${bytes.length} bytes; ${maxPayload - BROADCAST_BYTES} are allowed.`,
      );
    }
    if (this.queued > 0 && this.queued + bytes.length > maxQueue) {
      throw new TcpError("queue_full", `${this.queued} bytes wait for the server; ${maxQueue} may.`);
    }
    if (this.#id !== undefined) return this.#line?.send({ say: "broadcast", data: bytes });
    this.#waiting.push(new Uint8Array(bytes));
    this.#waitingBytes += bytes.length;
  }

  /** Leaves, hangs up, and ends the events. Safe twice. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.leave();
    this.#finish();
    const line = this.#line;
    if (line === undefined) return;
    await new Promise<void>((resolve) => {
      this.#onClosed = resolve;
      line.end();
    });
  }

  /** What happens, from where it was last read. Several loops share the events among them. A loop that is left can be begun again. */
  [Symbol.asyncIterator](): AsyncIterator<TcpEvent, undefined> {
    return {
      next: () => this.#events.next(),
      return: () => Promise.resolve({ done: true, value: undefined }),
    };
  }

  #listener() {
    return { onMessage: (message: LineMessage) => this.#take(message), onEnd: (reason: string) => this.#onEnd(reason) };
  }

  #begin(line: TcpLine): void {
    this.#line = line;
    this.#connectedAt = performance.now();
    this.#askNext();
  }

  #take(message: LineMessage): void {
    switch (message.say) {
      case "joined":
        return this.#onJoined(message.client);
      case "player_joined":
        return this.#events.push({ type: "join", id: message.client });
      case "player_left":
        return this.#events.push({ type: "leave", id: message.client });
      case "broadcast": {
        const data = new Uint8Array(message.data);
        return this.#events.push({ type: "message", from: message.sender, data, text: fromUtf8.decode(data) });
      }
      case "error":
        return this.#onError(message.text);
      default:
        message satisfies never;
    }
  }

  #onJoined(id: string): void {
    const asked = this.#asked;
    this.#asked = undefined;
    if (asked === undefined) return;
    if (asked.promise === undefined && this.#wanted === undefined) {
      this.#line?.send({ say: "leave_room" }); // the program has left meanwhile
    } else {
      this.#wanted = { room: asked.room, options: asked.options };
      this.#id = id;
      if (asked.promise === undefined) this.#events.push({ type: "reconnected", id, room: asked.room });
      asked.promise?.resolve(id);
      this.#sendWaiting();
    }
    this.#askNext();
  }

  #onError(text: string): void {
    const asked = this.#asked;
    const isAnswer = asked !== undefined && text !== NOT_IN_A_ROOM;
    if (!isAnswer || asked.promise === undefined) this.#events.push({ type: "error", text });
    if (!isAnswer) return this.#noteOutside(text);
    this.#asked = undefined;
    asked.promise?.reject(new TcpError("refused", text));
    if (asked.promise === undefined) this.#comeBackLater();
    this.#askNext();
  }

  /** Where the server says that the client is in no room, it goes back into its own. */
  #noteOutside(text: string): void {
    if (text !== NOT_IN_A_ROOM || this.#id === undefined) return;
    this.#id = undefined;
    this.#comeBackLater();
  }

  /** The room does not let the client back in now: it may be made again, or a seat may become free. */
  #comeBackLater(): void {
    this.#attempt += 1;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#comeBack(), this.#retryMs());
  }

  /** Goes back into the room. */
  #comeBack(): void {
    if (this.#wanted === undefined || this.#id !== undefined || this.#line === undefined) return;
    this.#joins.unshift({ ...this.#wanted, promise: undefined });
    this.#askNext();
  }

  #askNext(): void {
    const line = this.#line;
    if (line === undefined || this.#asked !== undefined || this.#isClosed) return;
    let next = this.#joins.shift();
    while (next !== undefined && this.#isOutdated(next)) next = this.#joins.shift();
    if (next === undefined) return;
    this.#asked = next;
    void this.#ask(next, line);
  }

  /** A return of the client's own that the program has overtaken: it is in a room, has joined another or has left. */
  #isOutdated({ promise, room }: PendingJoin): boolean {
    return promise === undefined && (this.#id !== undefined || this.#wanted?.room !== room);
  }

  async #ask(join: PendingJoin, line: TcpLine): Promise<void> {
    let room: string;
    try {
      room = await addressOf(join);
    } catch (error) {
      if (this.#asked !== join) return;
      this.#onError(`The token could not be had: ${error instanceof Error ? error.message : String(error)}`);
      return;
    }
    if (this.#asked === join && this.#line === line) line.send({ say: "join_room", room });
  }

  #sendWaiting(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#waitingBytes = 0;
    for (const data of waiting) this.#line?.send({ say: "broadcast", data });
  }

  #forgetRoom(): void {
    this.#wanted = undefined;
    this.#id = undefined;
    this.#waiting = [];
    this.#waitingBytes = 0;
  }

  #onEnd(reason: string): void {
    this.#line = undefined;
    this.#id = undefined;
    if (this.#isClosed) return this.#onClosed?.();
    const asked = this.#asked;
    this.#asked = undefined;
    if (asked?.promise !== undefined) this.#joins.unshift(asked);
    if (performance.now() - this.#connectedAt >= STEADY_MS) this.#attempt = 0;
    this.#attempt += 1;
    const retryMs = this.#retryMs();
    this.#events.push({ type: "disconnected", reason, retryMs });
    if (this.#options.reconnect) this.#retry(retryMs);
    else this.#finish();
  }

  #retry(delayMs: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#reconnect(), delayMs);
  }

  async #reconnect(): Promise<void> {
    const options = this.#options;
    try {
      const socket = await openSocket(options, options.timeoutMs);
      if (this.#isClosed) {
        socket.destroy();
        return;
      }
      const line = new TcpLine(socket, options, this.#listener());
      if (this.#wanted === undefined) this.#events.push({ type: "reconnected", id: undefined, room: undefined });
      else this.#joins.unshift({ ...this.#wanted, promise: undefined });
      this.#begin(line);
    } catch {
      // Nothing answers yet, which the events have told: the next attempt follows.
      if (this.#isClosed) return;
      this.#attempt += 1;
      this.#retry(this.#retryMs());
    }
  }

  #retryMs(): number {
    return Math.min(MAX_DELAY_MS, retryDelayMs(this.#attempt, LOST, Math.random()));
  }

  #finish(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#forgetRoom();
    const joins = this.#asked === undefined ? this.#joins : [this.#asked, ...this.#joins];
    this.#asked = undefined;
    this.#joins = [];
    for (const { promise } of joins) promise?.reject(closed());
    this.#events.end();
  }
}

function closed(): TcpError {
  return new TcpError("closed", "The client is closed.");
}

/** What stands in `JoinRoom`: the room, and behind a question mark what is shown for it. */
async function addressOf({ room, options: { token, pin, name } }: Wanted): Promise<string> {
  const query = new URLSearchParams();
  if (token !== undefined) query.set("token", typeof token === "string" ? token : await token());
  if (pin !== undefined) query.set("pin", pin);
  if (name !== undefined) query.set("name", name);
  return query.size === 0 ? room : `${room}?${query.toString()}`;
}

function checked(given: TcpClientOptions): Required<TcpClientOptions> {
  if (typeof given !== "object" || given === null) {
    throw new TcpError("invalid_argument", "connect needs options, such as { port: 7777 }.");
  }
  const known = new Set(["port", ...Object.keys(DEFAULTS)]);
  for (const key of Object.keys(given)) {
    if (!known.has(key))
      throw new TcpError("invalid_argument", `There is no option ${key}. There are: ${[...known].join(", ")}.`);
  }
  const defined = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  const options = { ...DEFAULTS, ...given, ...defined };
  const { port, host } = options;
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new TcpError("invalid_argument", `port is ${String(port)}, but has to be a whole number from 1 to 65535.`);
  }
  if (typeof host !== "string" || host === "")
    throw new TcpError("invalid_argument", "host has to be a host name or an address.");
  for (const name of ["maxPayload", "maxQueue", "timeoutMs", "pingMs", "idleMs"] as const) {
    const value = options[name];
    if (!Number.isFinite(value) || value < 1) {
      throw new TcpError("invalid_argument", `${name} is ${String(value)}, but has to be a number from 1 up.`);
    }
  }
  return options;
}
