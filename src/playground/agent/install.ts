/**
 * The agent in a frame of the playground. A game's page runs it before its own scripts, in development only; the SDK loads it in pages
 * of other origins. It does nothing outside of the playground.
 */
import { FRAME_NAME, pageMessage, wrap, type AgentMessage, type NetworkDelay, type PageMessage } from "../messages.ts";
import { forgetStored, isolateStorage } from "./own-storage.ts";
import { frameOfShortcut, takeKeyboard } from "./keyboard.ts";
import { PageSleep } from "./page-sleep.ts";
import { exceptDevSockets, playgroundSocketClass, sizeOf } from "./playground-socket.ts";
import { SimulatedNetwork } from "./simulated-network.ts";
import type { NativeTimers } from "./frame-queue.ts";
import { SdkRooms } from "./sdk-rooms.ts";

/** Bytes of a frame that are shown. */
const MAX_SHOWN_BYTES = 65_536;
/** After so long in a pocket, phones let their connections die. */
export const LOCKED_LINE_DIES_MS = 5_000;

function originOf(script: Element | SVGScriptElement | null): string | undefined {
  return script instanceof HTMLScriptElement && script.src !== "" ? new URL(script.src).origin : undefined;
}

function isPlaygroundFrame(): boolean {
  return window.parent !== window && window.name.startsWith(FRAME_NAME);
}

/** Milliseconds since 1970, alike in all frames of a browser. */
function wallClock(): number {
  return performance.timeOrigin + performance.now();
}

function install(page: string): void {
  const frame = window.name;
  const nativeTimeout = window.setTimeout.bind(window);
  const timers: NativeTimers = { now: () => performance.now(), after: (ms, then) => void nativeTimeout(then, ms) };
  const tell = (message: AgentMessage): void => window.parent.postMessage(wrap(message), page);

  const sharedStorage = storageOfTab();
  // The SDK loads the agent late in a page of another origin. What such a page has stored by then stays where it is.
  if (document.readyState === "loading" && page === window.location.origin) isolateStorage(frame);
  const sleep = new PageSleep();
  let isOnline = true;
  const network = new SimulatedNetwork(timers, (isBack) => {
    isOnline = isBack;
    window.dispatchEvent(new Event(isBack ? "online" : "offline"));
  });
  Object.defineProperty(navigator, "onLine", { configurable: true, get: () => isOnline });
  const settings = new KeptDelay(sharedStorage, frame);
  network.delay = settings.read() ?? network.delay;
  const Socket = playgroundSocketClass(window.WebSocket, network, {
    socket: (change) => tell({ type: "socket", at: wallClock(), ...change }),
    frame: (socket, direction, data) => {
      const at = wallClock();
      const size = sizeOf(data);
      const show = (shown: string | ArrayBuffer): void =>
        tell({ type: "frame", socket, direction, at, data: beginningOf(shown), size });
      if (data instanceof Blob) void data.arrayBuffer().then(show);
      else show(data);
    },
  });
  Reflect.set(window, "WebSocket", exceptDevSockets(Socket, window.WebSocket));
  const rooms = new SdkRooms(tell, timers, (player) => network.askHost(JSON.stringify({ cmd: "rescue", player })));
  Object.defineProperty(window, "couchwirePlayground", { value: { add: (room: object) => rooms.add(room) } });

  let locks = 0;
  const obey = (message: PageMessage): void => {
    switch (message.type) {
      case "welcome":
        return rooms.measure(message.measureEveryMs);
      case "measure":
        return rooms.measure(message.everyMs);
      case "network": {
        const { delayMs, jitterMs, bytesPerSecond } = message;
        network.delay = { delayMs, jitterMs, bytesPerSecond };
        return settings.write(network.delay);
      }
      case "drop":
        return network.drop(message.forMs);
      case "half_open":
        return network.setHalfOpen(message.isOn);
      case "lock": {
        if (message.isOn === sleep.isAsleep) return;
        const lock = ++locks;
        if (message.isOn) {
          sleep.fallAsleep();
          network.setFrozen(true);
          timers.after(LOCKED_LINE_DIES_MS, () => {
            if (lock === locks) network.cutAll();
          });
        } else {
          sleep.wakeUp();
          network.setFrozen(false);
        }
        return;
      }
      case "reload":
        return window.location.reload();
      case "forget":
        network.leaveAll();
        if (sharedStorage !== undefined) forgetStored(frame, sharedStorage);
        return;
      case "focus":
        return takeKeyboard();
      case "rescue":
        return rooms.rescue(message.player);
      default:
        message satisfies never; // a newer page's
    }
  };
  window.addEventListener("message", ({ source, origin, data }) => {
    const message = source === window.parent && origin === page ? pageMessage(data) : undefined;
    if (message !== undefined) obey(message);
  });
  window.addEventListener(
    "keydown",
    (event) => {
      const chosen = frameOfShortcut(event);
      if (chosen === undefined) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      tell({ type: "select", frame: chosen });
    },
    true,
  );
  window.addEventListener("focus", () => tell({ type: "focused" }));
  tell({ type: "hello", url: window.location.href });
}

/** The chosen delay outlives a reload: the page's first socket needs it before the playground can answer. */
class KeptDelay {
  readonly #storage: Storage | undefined;
  readonly #key: string;

  constructor(storage: Storage | undefined, frame: string) {
    this.#storage = storage;
    this.#key = `${FRAME_NAME}:network:${frame}`;
  }

  read(): NetworkDelay | undefined {
    const [delayMs, jitterMs, bytesPerSecond] = (this.#storage?.getItem(this.#key) ?? "").split(" ").map(Number);
    if (!delayMs && !jitterMs && !bytesPerSecond) return undefined;
    return { delayMs: delayMs ?? 0, jitterMs: jitterMs ?? 0, bytesPerSecond: bytesPerSecond ?? 0 };
  }

  write({ delayMs, jitterMs, bytesPerSecond }: NetworkDelay): void {
    this.#storage?.setItem(this.#key, `${delayMs} ${jitterMs} ${bytesPerSecond}`);
  }
}

function storageOfTab(): Storage | undefined {
  try {
    return window.sessionStorage;
  } catch {
    return undefined; // The browser blocks storage.
  }
}

function beginningOf(data: string | ArrayBuffer): string | ArrayBuffer {
  return data.slice(0, MAX_SHOWN_BYTES);
}

/** Where the playground is: the origin that this script came from. */
const home = originOf(document.currentScript);
if (home !== undefined && isPlaygroundFrame() && !("couchwirePlayground" in window)) install(home);
