/**
 * What the server writes about itself: JSON lines for machines, short coloured ones in a terminal. Every line about
 * a room says which one, every line about a player says who. Tokens, sessions and payloads are never written; that
 * is the duty of the code that logs, and the redaction is the second line of defence.
 */
import { pino } from "pino";
import type { DestinationStream, Logger, LoggerOptions } from "pino";
import { PinoPretty } from "pino-pretty";
import type { Options } from "./config.ts";
import type { CloseName } from "./protocol/close-codes.ts";
import { PipedOutput } from "./log/piped-output.ts";
import { redacted } from "./log/redacted.ts";
import { printableJsonLine, safeJsonLine } from "./log/safe-text.ts";
import type { RoomObserver } from "./room/ports.ts";

/** For machines. One for all loggers of this process, whose lines it puts in order. */
let pipedOutput: PipedOutput | undefined;

/** A logger on standard output, or on `destination`, which then gets JSON lines. */
export function createLogger(level: Options["logLevel"], destination?: DestinationStream): Logger {
  if (destination !== undefined) return pino(loggerOptions(level, safeJsonLine), destination);
  const { stdout } = process;
  if (!stdout.isTTY) return pino(loggerOptions(level, safeJsonLine), (pipedOutput ??= new PipedOutput(stdout.fd)));
  // Written at once: a person is watching.
  return createTerminalLogger(level, pino.destination({ fd: stdout.fd, sync: true }), stdout.hasColors());
}

/** A logger for people: short lines, in which nothing that a stranger sent moves the cursor or turns the direction of writing. */
export function createTerminalLogger(
  level: Options["logLevel"],
  destination: DestinationStream,
  hasColors: boolean,
): Logger {
  const pretty = PinoPretty({
    colorize: hasColors,
    singleLine: true,
    ignore: "pid,hostname",
    translateTime: "SYS:HH:MM:ss",
    destination,
  });
  return pino(loggerOptions(level, printableJsonLine), pretty);
}

function loggerOptions(level: Options["logLevel"], streamWrite: (line: string) => string): LoggerOptions {
  return {
    level,
    formatters: { log: redacted },
    serializers: { err: describeError },
    hooks: { streamWrite },
  };
}

function describeError(error: unknown): unknown {
  return error instanceof Error ? redacted({ ...pino.stdSerializers.err(error) }) : error;
}

/** The refused frames of one room, or of all hosts that have no room yet, by error code. */
type RefusalCounts = Map<string, number>;

/**
 * Writes one line per happening. A host that sends garbage must not fill the disk: of each kind of refusal in a room
 * the first, the tenth, the hundredth … is a warning, and the closing line tells them all. At `debug` every one is
 * written. The reason of a refusal is not, since it quotes the frame; the host got it on its own connection.
 */
export function createRoomObserver(logger: Logger): RoomObserver {
  const refusalsByRoom = new Map<string | undefined, RefusalCounts>();

  return {
    roomOpened(room, name) {
      logger.info({ room, game: name }, "room opened");
    },
    playerJoined(room, player) {
      logger.info({ room, player }, "player joined");
    },
    playerAway(room, player, why) {
      logger.info({ room, player, why }, "player away");
    },
    playerBack(room, player, missed) {
      logger.info({ room, player, missed }, "player back");
    },
    playerLeft(room, player, why) {
      logger.info({ room, player, why }, "player left");
    },
    joinRefused(room, why) {
      logger.debug({ room, why }, "join refused");
    },
    frameRefused(room, code) {
      const counts: RefusalCounts = refusalsByRoom.get(room) ?? new Map<string, number>();
      refusalsByRoom.set(room, counts);
      const count = (counts.get(code) ?? 0) + 1;
      counts.set(code, count);
      logger[isPowerOfTen(count) ? "warn" : "debug"]({ room, code, count }, "frame of the host refused");
    },
    hostAway(room) {
      logger.info({ room }, "host away");
    },
    hostBack(room, missed) {
      logger.info({ room, missed }, "host back");
    },
    hostCongested(room, isCongested) {
      logger.debug({ room }, isCongested ? "host is slow, its players wait" : "host has caught up");
    },
    roomClosed(room, why) {
      const refusals = refusalsByRoom.get(room);
      refusalsByRoom.delete(room);
      const refusedFrames = refusals && Object.fromEntries(refusals);
      logger.info({ room, why, refusedFrames }, "room closed");
    },
  };
}

/**
 * Logs connections that are turned away when they arrive: the first, the tenth, the hundredth … of each kind. An
 * operator has to see that a limit is reached, and a crowd before the door must not fill the disk.
 */
export function createRefusalLog(logger: Logger): (why: CloseName) => void {
  const counts = new Map<CloseName, number>();
  return (why) => {
    const count = (counts.get(why) ?? 0) + 1;
    counts.set(why, count);
    logger[isPowerOfTen(count) ? "warn" : "debug"]({ why, count }, "connection turned away");
  };
}

/** Says that the memory budget is used up: the first time, and then once in ten seconds, with how many holders were cut since. */
export function createMemoryLog(logger: Logger, now: () => number): (bytes: number, limit: number) => void {
  let saidAt = -Infinity;
  let cuts = 0;
  let largest = 0;
  return (bytes, limit) => {
    cuts += 1;
    largest = Math.max(largest, bytes);
    if (now() - saidAt < MEMORY_LOG_MS) return;
    saidAt = now();
    logger.warn({ limit, cuts, largest }, "the memory is used up; the largest holders are cut");
    [cuts, largest] = [0, 0];
  };
}

const MEMORY_LOG_MS = 10_000;

/** Says a sentence about an address: once a minute each, and about so many addresses at a time. */
export function createAddressLog(logger: Logger, now: () => number, sentence: string): (address: string) => void {
  const saidAt = new Map<string, number>();
  return (address) => {
    const last = saidAt.get(address);
    if (last !== undefined && now() - last < ADDRESS_LOG_MS) return;
    saidAt.delete(address);
    saidAt.set(address, now());
    const [oldest] = saidAt.keys();
    if (saidAt.size > MAX_LOGGED_ADDRESSES && oldest !== undefined) saidAt.delete(oldest);
    logger.warn({ address }, sentence);
  };
}

const ADDRESS_LOG_MS = 60_000;
const MAX_LOGGED_ADDRESSES = 1_000;

function isPowerOfTen(count: number): boolean {
  return /^10*$/.test(String(count));
}
