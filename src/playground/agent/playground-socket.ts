/** Stands in for the page's `WebSocket`: a real one behind a simulated network, whose frames are shown. */
import type { Direction, SocketChange } from "../messages.ts";
import { FrameQueue } from "./frame-queue.ts";
import type { NetworkSocket, SimulatedNetwork } from "./simulated-network.ts";

/** Is told what passes. */
export interface SocketWatcher {
  socket(change: Omit<SocketChange, "type" | "at">): void;
  frame(socket: number, direction: Direction, data: string | ArrayBuffer | Blob): void;
}

/** What a page calls: `new WebSocket(url, protocols)`. */
export type SocketClass = new (url: string, protocols?: string | string[]) => EventTarget;

type SocketData = string | ArrayBuffer | ArrayBufferView | Blob;

const [CONNECTING, OPEN, CLOSING, CLOSED] = [0, 1, 2, 3];
/** How long a browser waits for the other end's Close frame. */
const CLOSING_MS = 10_000;
const EVENTS = ["open", "message", "error", "close"] as const;
/** The subprotocol that counts frames: one that the page has not sent would spoil its counts. */
const RELIABLE = "couchwire.v1";
/** Below it are the sockets of `couchwire dev`, which no fault meets. */
const DEV_PATH = /^[^?#]*\/dev\/[^/]*$/;
const utf8 = new TextEncoder();
const fromUtf8 = new TextDecoder();

/** The class that a page finds as `WebSocket` from now on. */
export function playgroundSocketClass(
  Native: typeof WebSocket,
  network: SimulatedNetwork,
  watcher: SocketWatcher,
): SocketClass {
  let count = 0;

  class PlaygroundSocket extends EventTarget implements NetworkSocket {
    static readonly CONNECTING = CONNECTING;
    static readonly OPEN = OPEN;
    static readonly CLOSING = CLOSING;
    static readonly CLOSED = CLOSED;
    readonly CONNECTING = CONNECTING;
    readonly OPEN = OPEN;
    readonly CLOSING = CLOSING;
    readonly CLOSED = CLOSED;
    readonly url: string;
    binaryType: BinaryType = "blob";
    protocol = "";
    extensions = "";
    readonly #number = ++count;
    readonly #up = new FrameQueue(
      network.timers,
      () => network.delay,
      () => this.cut(),
    );
    readonly #down = new FrameQueue(
      network.timers,
      () => network.delay,
      () => this.cut(),
    );
    readonly #holds = new Set<"stalled" | "frozen">();
    #socket: WebSocket | undefined;
    #state = CONNECTING;
    /** Answers to come that are not the page's. */
    #answersKept = 0;

    constructor(url: string | URL, protocols?: string | string[]) {
      super();
      const address = new URL(url, document.baseURI);
      if (address.protocol === "http:" || address.protocol === "https:") {
        address.protocol = address.protocol.replace("http", "ws");
      }
      this.url = address.href;
      const connect = (): WebSocket => (protocols === undefined ? new Native(url) : new Native(url, protocols));
      network.add(this);
      watcher.socket({ socket: this.#number, is: "connecting", url: this.url });
      if (network.isOffline) network.timers.after(0, () => this.cut());
      else if (network.isHalfOpen) network.whenPassing(() => this.connectLate(connect));
      else this.attach(connect());
    }

    /** The server's Close frame shows at once, before the `close` event, unless the network holds it. */
    get readyState(): number {
      const isClosing = this.#state === OPEN && this.#holds.size === 0 && (this.#socket?.readyState ?? OPEN) >= CLOSING;
      return isClosing ? CLOSING : this.#state;
    }

    get bufferedAmount(): number {
      return this.#up.heldBytes + (this.#socket?.bufferedAmount ?? 0);
    }

    send(data: SocketData): void {
      if (this.readyState === CONNECTING) {
        throw new DOMException("Still in CONNECTING state.", "InvalidStateError");
      }
      if (this.readyState !== OPEN) return;
      const copy = typeof data === "string" || data instanceof Blob ? data : copyOf(data);
      watcher.frame(this.#number, "up", copy);
      this.#up.add(sizeOf(copy), () => {
        if (this.#socket?.readyState === OPEN) this.#socket.send(copy);
      });
    }

    close(code?: number, reason?: string): void {
      if (code !== undefined && code !== 1_000 && !(code >= 3_000 && code <= 4_999)) {
        throw new DOMException(`The code must be 1000, or between 3000 and 4999: ${code}.`, "InvalidAccessError");
      }
      if (reason !== undefined && utf8.encode(reason).length > 123) {
        throw new DOMException("The reason must not be greater than 123 bytes.", "SyntaxError");
      }
      if (this.readyState >= CLOSING) return;
      const wasOpen = this.readyState === OPEN;
      this.#state = CLOSING;
      const closeNow = (): void => {
        if (this.#socket === undefined) this.ended(1_006, "", false);
        else if (code === undefined) this.#socket.close();
        else this.#socket.close(code, reason);
      };
      if (wasOpen) this.#up.add(0, closeNow);
      else closeNow();
      network.timers.after(CLOSING_MS, () => {
        if (this.#holds.has("stalled")) this.ended(1_006, "", false, "keeps the server's end");
      });
    }

    cut(): void {
      if (this.readyState === CLOSED) return;
      this.#socket?.close(); // without a code: 1000 would say that the page leaves for good
      this.#up.end();
      if (!network.isFrozen) this.ended(1_006, "", false);
      else this.#down.add(0, () => this.ended(1_006, "", false)); // a frozen page hears of it when it wakes up
    }

    leave(): void {
      this.#socket?.close(1_000);
    }

    askHost(command: string): boolean {
      const isHost = /\/CREATE(?:[?#]|$)/.test(this.url) && this.protocol !== RELIABLE;
      if (!isHost || this.readyState !== OPEN) return false;
      watcher.frame(this.#number, "up", command);
      this.#up.add(sizeOf(command), () => this.#socket?.send(command));
      this.#answersKept += 1;
      return true;
    }

    stall(): void {
      this.setHold("stalled", true);
    }

    resume(): void {
      this.setHold("stalled", false);
    }

    freeze(): void {
      this.setHold("frozen", true);
    }

    thaw(): void {
      this.setHold("frozen", false);
    }

    private setHold(why: "stalled" | "frozen", isOn: boolean): void {
      if (isOn) this.#holds.add(why);
      else this.#holds.delete(why);
      if (this.#holds.size > 0) this.#down.hold();
      else this.#down.release();
      if (this.#holds.has("stalled")) this.#up.hold();
      else this.#up.release();
    }

    private connectLate(connect: () => WebSocket): void {
      if (this.readyState !== CONNECTING) return;
      try {
        this.attach(connect());
      } catch {
        this.ended(1_006, "", false); // the constructor has returned long ago
      }
    }

    private attach(socket: WebSocket): void {
      this.#socket = socket;
      socket.binaryType = "arraybuffer";
      socket.addEventListener("open", () => {
        this.#down.add(0, () => {
          if (this.readyState !== CONNECTING) return;
          this.#state = OPEN;
          this.protocol = socket.protocol;
          this.extensions = socket.extensions;
          watcher.socket({ socket: this.#number, is: "open", url: this.url });
          this.dispatchEvent(new Event("open"));
        });
      });
      socket.addEventListener("message", ({ data, origin }: MessageEvent<string | ArrayBuffer>) => {
        this.#down.add(sizeOf(data), () => {
          if (this.readyState === CLOSED) return;
          watcher.frame(this.#number, "down", data);
          if (this.#answersKept > 0 && isRescueReply(data)) {
            this.#answersKept -= 1;
            return;
          }
          const shown = typeof data === "string" || this.binaryType === "arraybuffer" ? data : new Blob([data]);
          this.dispatchEvent(new MessageEvent("message", { data: shown, origin }));
        });
      });
      socket.addEventListener("close", ({ code, reason, wasClean }) => {
        this.#down.add(0, () => {
          this.ended(code, reason, wasClean);
          network.delete(this);
        });
      });
    }

    private ended(code: number, reason: string, wasClean: boolean, isKept?: "keeps the server's end"): void {
      if (this.readyState === CLOSED) return;
      this.#state = CLOSED;
      if (isKept === undefined) {
        network.delete(this);
        this.#down.end();
      }
      watcher.socket({ socket: this.#number, is: "closed", url: this.url, code, reason });
      if (!wasClean) this.dispatchEvent(new Event("error"));
      this.dispatchEvent(new CloseEvent("close", { code, reason, wasClean }));
    }
  }

  for (const event of EVENTS) addHandlerProperty(PlaygroundSocket.prototype, event);
  Object.defineProperty(PlaygroundSocket, "name", { value: "WebSocket" });
  Object.defineProperty(PlaygroundSocket.prototype, Symbol.toStringTag, { value: "WebSocket" });
  return PlaygroundSocket;
}

/** The same class, which leaves sockets of `couchwire dev` as they are. */
export function exceptDevSockets(Socket: SocketClass, Native: typeof WebSocket): SocketClass {
  return new Proxy(Socket, {
    construct(target, [url, ...rest]: [unknown, ...unknown[]], newTarget): object {
      const isDev = DEV_PATH.test(new URL(String(url), document.baseURI).pathname);
      return isDev ? Reflect.construct(Native, [url, ...rest]) : Reflect.construct(target, [url, ...rest], newTarget);
    },
  });
}

/** `onopen` and its like: one listener each, which a new one replaces. */
function addHandlerProperty(prototype: EventTarget, event: (typeof EVENTS)[number]): void {
  const handlers = new WeakMap<EventTarget, { handler: unknown }>();
  Object.defineProperty(prototype, `on${event}`, {
    configurable: true,
    enumerable: true,
    get(this: EventTarget) {
      return handlers.get(this)?.handler ?? null;
    },
    set(this: EventTarget, handler: unknown) {
      const known = handlers.get(this);
      const isFunction = typeof handler === "function";
      if (known !== undefined) known.handler = isFunction ? handler : null;
      if (known !== undefined || !isFunction) return;
      const entry: { handler: unknown } = { handler };
      handlers.set(this, entry);
      this.addEventListener(event, (told) => {
        if (typeof entry.handler === "function") Reflect.apply(entry.handler, this, [told]);
      });
    },
  });
}

function isRescueReply(data: string | ArrayBuffer): boolean {
  return (typeof data === "string" ? data : fromUtf8.decode(data)).includes("rescue_reply");
}

function copyOf(data: ArrayBuffer | ArrayBufferView): ArrayBuffer {
  if (data instanceof ArrayBuffer) return data.slice(0);
  const copy = new Uint8Array(data.byteLength);
  copy.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  return copy.buffer;
}

/** Bytes of a frame's payload. */
export function sizeOf(data: string | ArrayBuffer | Blob): number {
  if (typeof data === "string") return utf8.encode(data).length;
  return data instanceof ArrayBuffer ? data.byteLength : data.size;
}
