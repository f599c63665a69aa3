/** What a server tells those that watch it: the log, metrics, your own code. Never a payload, a name, a PIN, a session or a token. */
import type { CloseName } from "./protocol/close-codes.ts";
import type { RoomActivity } from "./room/room-observer.ts";

/** What happens to a server and its rooms, by name, with what is told of it. */
export interface ServerActivity extends RoomActivity {
  /** A connection was turned away when it arrived, or gave its place to another. A phone that got no seat is told of as `joinRefused` too. */
  readonly connectionRefused: { readonly why: CloseName };
  /** The memory of all queues and buffers is used up (`limit`), and the largest holder was made to let go of what it holds (`bytes`). */
  readonly memoryCut: { readonly bytes: number; readonly limit: number };
}

/**
 * Functions for those things that you want to hear of. They are called in the order in which things happened, right after the server has
 * finished what it was doing, so they may call the server. One that throws, or whose promise is rejected, disturbs nothing: its first error is
 * logged. They run between the frames of all rooms, so keep them short.
 */
export type ServerObserver = {
  readonly [Name in keyof ServerActivity]?: (event: ServerActivity[Name]) => void | Promise<void>;
};

/** Listens to everything. */
export type CompleteObserver = {
  readonly [Name in keyof ServerActivity]: (event: ServerActivity[Name]) => void;
};

export interface ObserversOptions {
  /** Told at once, so that its lines stand where they belong. Never throws. */
  readonly log: Partial<CompleteObserver>;
  readonly observers: readonly ServerObserver[];
  /** An observer has thrown; called once for each observer. */
  readonly onBug: (error: unknown) => void;
}

/** One observer that tells all of them. What no observer listens to costs one call. */
export function combineObservers({ log, observers, onBug }: ObserversOptions): CompleteObserver {
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
    if (listening.length === 0) return (event) => log[name]?.(event);
    return (event) => {
      log[name]?.(event);
      // A room is at work now, and must not be called back before it is done.
      queueMicrotask(() => {
        for (const observer of listening) tell(observer, name, event);
      });
    };
  }

  return {
    roomOpened: to("roomOpened"),
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
