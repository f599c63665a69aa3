/** What a server tells its observers: the log, metrics, your own code. No event contains a payload, a name, a PIN, a session or a token. */
import { inspect } from "node:util";
import type { CloseName } from "./protocol/close-codes.ts";
import type { RoomActivity } from "./room/room-observer.ts";

/** The events of a server and its rooms, and the fields of each. */
export interface ServerActivity extends RoomActivity {
  /** A connection was turned away when it arrived, or an idle one was closed to make place for another. A phone that got no seat causes `joinRefused` too. */
  readonly connectionRefused: {
    readonly why: CloseName;
    /** What log lines call the connection. */
    readonly requestId?: string | undefined;
  };
  /** The memory for all queues and buffers (`limit` bytes) is used up, and the room or phone that held the most of it (`bytes`) had to free it. */
  readonly memoryCut: { readonly bytes: number; readonly limit: number };
}

/**
 * Functions for the events that you want to hear. The server calls them in the order of the events, after it has finished what it was doing, so they
 * may call the server. If one throws or its promise is rejected, the server goes on and logs the first error of that observer. All rooms wait while they
 * run, so keep them short.
 */
export type ServerObserver = {
  readonly [Name in keyof ServerActivity]?: (event: ServerActivity[Name]) => void | Promise<void>;
};

/** An observer with a function for every event. */
export type CompleteObserver = {
  readonly [Name in keyof ServerActivity]: (event: ServerActivity[Name]) => void;
};

export interface ObserversOptions {
  /** Called at once, so that its lines are in order with all other lines of the log. Never throws. */
  readonly log: Partial<CompleteObserver>;
  /** The server's own others, called at once too, so that their figures are right as soon as they can be asked for. They never throw. @default none */
  readonly own?: readonly Partial<CompleteObserver>[];
  readonly observers: readonly ServerObserver[];
  /** Called with the first error of each observer. */
  readonly onBug: (error: unknown) => void;
}

/** Returns one observer that calls all of them. Throws where one of them is none. */
export function combineObservers({ log, own = [], observers, onBug }: ObserversOptions): CompleteObserver {
  if (!Array.isArray(observers)) {
    throw new TypeError(`observers is ${inspect(observers, { depth: 0 })}, but has to be an array of objects.`);
  }
  for (const [index, observer] of observers.entries()) {
    if (typeof observer === "object" && observer !== null) continue;
    throw new TypeError(
      `observers[${index}] is ${String(observer)}, but has to be an object with functions such as playerJoined.`,
    );
  }
  const broken = new Set<ServerObserver>();

  function met(error: unknown, observer: ServerObserver): void {
    if (!broken.has(observer)) onBug(error);
    broken.add(observer);
  }

  function tell<Name extends keyof ServerActivity>(
    observer: ServerObserver,
    name: Name,
    event: ServerActivity[Name],
  ): void {
    try {
      const answer: unknown = observer[name]?.(event);
      if (answer instanceof Promise) answer.catch((error: unknown) => met(error, observer));
    } catch (error) {
      met(error, observer);
    }
  }

  function to<Name extends keyof ServerActivity>(name: Name): (event: ServerActivity[Name]) => void {
    const listening = observers.filter((observer) => observer[name] !== undefined);
    const wrong = listening.find((observer) => typeof observer[name] !== "function");
    if (wrong !== undefined)
      throw new TypeError(`${name} of observers[${observers.indexOf(wrong)}] has to be a function.`);
    const tellOwn = (event: ServerActivity[Name]): void => {
      log[name]?.(event);
      for (const observer of own) observer[name]?.(event);
    };
    if (listening.length === 0) return tellOwn;
    return (event) => {
      tellOwn(event);
      // The room that reports the event is in the middle of its work, so observers that call it have to run later.
      queueMicrotask(() => {
        for (const observer of listening) tell(observer, name, event);
      });
    };
  }

  return {
    roomOpened: to("roomOpened"),
    gameChanged: to("gameChanged"),
    roomClosed: to("roomClosed"),
    playerJoined: to("playerJoined"),
    playerAway: to("playerAway"),
    playerBack: to("playerBack"),
    playerLeft: to("playerLeft"),
    playerGap: to("playerGap"),
    joinRefused: to("joinRefused"),
    frameRefused: to("frameRefused"),
    hostAway: to("hostAway"),
    hostBack: to("hostBack"),
    hostCongested: to("hostCongested"),
    connectionRefused: to("connectionRefused"),
    memoryCut: to("memoryCut"),
  };
}
