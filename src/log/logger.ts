/**
 * The loggers: JSON lines for machines, short coloured lines in a terminal and of a developer's server. The code that logs never hands over a token, a session or a
 * payload; the redaction here is the second line of defence.
 */
import { pino } from "pino";
import type { DestinationStream, Logger, LoggerOptions } from "pino";
import { PinoPretty } from "pino-pretty";
import type { Options } from "../config.ts";
import { PipedOutput } from "./piped-output.ts";
import { redacted } from "./redacted.ts";
import { printableJsonLine, safeJsonLine } from "./safe-text.ts";

/** Standard output that is no terminal. All loggers of this process share it, or their lines would overtake each other. */
let pipedOutput: PipedOutput | undefined;

/** A logger on standard output, or on `destination`, which then gets JSON lines. */
export function createLogger(level: Options["logLevel"], destination?: DestinationStream): Logger {
  if (destination !== undefined) return pino(loggerOptions(level, safeJsonLine), destination);
  const { stdout } = process;
  if (stdout.isTTY) return createPersonLogger(level);
  return pino(loggerOptions(level, safeJsonLine), (pipedOutput ??= new PipedOutput(stdout.fd)));
}

/** A logger for people on standard output, also where that is no terminal, as of a developer's server that a program starts. */
export function createPersonLogger(level: Options["logLevel"]): Logger {
  const { stdout } = process;
  const output = pino.destination({ fd: stdout.fd, sync: true }); // written at once: a person is watching
  output.on("error", () => {}); // the reader has gone, and the games go on
  return createTerminalLogger(level, output, stdout.isTTY && stdout.hasColors());
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
