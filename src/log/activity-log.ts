/** Logs what happens to the server and its rooms. Each line about a room names the room, each line about a player names the player too. */
import type { Logger } from "pino";
import type { CloseName } from "../protocol/close-codes.ts";
import type { CompleteObserver } from "../server-observer.ts";

/** How often the log says that the memory is used up. */
const MEMORY_LOG_MS = 10_000;

/** The refused frames of one room, or of all hosts that have no room yet, by error code. */
type RefusalCounts = Map<string, number>;

/**
 * Writes one line per happening. A host that sends garbage, or a crowd before a full house, must not fill the disk: of each kind of refusal the first,
 * the tenth, the hundredth … is a warning, and at `debug` every one is written. The line that closes a room has the sums. `now` is in milliseconds.
 */
export function createActivityLog(logger: Logger, now: () => number): CompleteObserver {
  const refusalsByRoom = new Map<string | undefined, RefusalCounts>();
  const refusedConnections = new Map<CloseName, number>();
  const memory = { saidAt: -Infinity, cuts: 0, largest: 0 };

  return {
    roomOpened({ room, name }) {
      logger.info({ room, game: name }, "room opened");
    },
    gameChanged({ room, name }) {
      logger.info({ room, game: name }, "room is another game's");
    },
    playerJoined({ room, player }) {
      logger.info({ room, player }, "player joined");
    },
    playerAway({ room, player, why }) {
      logger.info({ room, player, why }, "player away");
    },
    playerBack({ room, player, missed }) {
      logger.info({ room, player, missed }, "player back");
    },
    playerLeft({ room, player, why }) {
      logger.info({ room, player, why }, "player left");
    },
    playerGap({ room, player, lost }) {
      logger.debug({ room, player, lost }, "player lost frames before they were sent");
    },
    joinRefused({ room, why }) {
      logger.debug({ room, why }, "join refused");
    },
    frameRefused({ room, code }) {
      const counts: RefusalCounts = refusalsByRoom.get(room) ?? new Map<string, number>();
      refusalsByRoom.set(room, counts);
      const count = (counts.get(code) ?? 0) + 1;
      counts.set(code, count);
      logger[isPowerOfTen(count) ? "warn" : "debug"]({ room, code, count }, "frame of the host refused");
    },
    hostAway({ room }) {
      logger.info({ room }, "host away");
    },
    hostBack({ room, missed }) {
      logger.info({ room, missed }, "host back");
    },
    hostCongested({ room, isCongested }) {
      logger.debug({ room }, isCongested ? "host is slow, its players wait" : "host has caught up");
    },
    roomClosed({ room, why }) {
      const refusals = refusalsByRoom.get(room);
      refusalsByRoom.delete(room);
      const refusedFrames = refusals && Object.fromEntries(refusals);
      logger.info({ room, why, refusedFrames }, "room closed");
    },
    connectionRefused({ why, requestId }) {
      const count = (refusedConnections.get(why) ?? 0) + 1;
      refusedConnections.set(why, count);
      logger[isPowerOfTen(count) ? "warn" : "debug"]({ requestId, why, count }, "connection turned away");
    },
    memoryCut({ bytes, limit }) {
      memory.cuts += 1;
      memory.largest = Math.max(memory.largest, bytes);
      if (now() - memory.saidAt < MEMORY_LOG_MS) return;
      const { cuts, largest } = memory;
      logger.warn({ limit, cuts, largest }, "the memory is used up; the largest holders are cut");
      Object.assign(memory, { saidAt: now(), cuts: 0, largest: 0 });
    },
  };
}

function isPowerOfTen(count: number): boolean {
  return /^10*$/.test(String(count));
}
