/** Collects the log's lines for a program or a file and writes them together, since each write costs a system call. */
import { pino, type DestinationStream } from "pino";

/** Lines are written once they have so many characters, or after so long. */
const TOGETHER_CHARACTERS = 32_768;
const TOGETHER_MS = 200;
/** As pino numbers its levels. */
const ERROR_LEVEL = 50;
/** Characters that wait while nothing can be written, as on a full disk. Later lines are lost. */
const MAX_WAITING_CHARACTERS = 8_388_608;
const NOTHING = {};

/** Errors are written at once. A process that is killed loses its other lines of the last moment. */
export class PipedOutput implements DestinationStream {
  /** Makes pino set `lastLevel` and `lastObj` before each line. A hook would be slower. */
  readonly [pino.symbols.needsMetadataGsym] = true;
  lastLevel = 0;
  lastObj: object = NOTHING;
  readonly #output: DestinationStream;
  #lines: string[] = [];
  #characters = 0;
  #flushing: NodeJS.Timeout | undefined; // runs only while lines wait, so that a closed server leaves no timer

  /** Calls `warn` once if nothing can be written. */
  constructor(fd: number, warn = warnOfProcess) {
    const output = pino.destination({ fd, sync: true, maxLength: MAX_WAITING_CHARACTERS });
    let isBroken = false;
    output.on("error", (error: Error) => {
      if (!isBroken) warn(`The log cannot be written, and the games go on without it: ${error.message}`);
      isBroken = true;
    });
    this.#output = output;
    process.on("exit", () => this.#write());
  }

  write(line: string): void {
    this.lastObj = NOTHING; // it may contain secrets that the line omits
    this.#lines.push(line);
    this.#characters += line.length;
    if (this.lastLevel >= ERROR_LEVEL || this.#characters >= TOGETHER_CHARACTERS) this.#write();
    else this.#flushing ??= setTimeout(() => this.#write(), TOGETHER_MS).unref();
  }

  /** pino's `logger.flush`. */
  flush(done?: () => void): void {
    this.#write();
    done?.();
  }

  #write(): void {
    clearTimeout(this.#flushing);
    this.#flushing = undefined;
    const text = this.#lines.join("");
    this.#lines = [];
    this.#characters = 0;
    if (text !== "") this.#output.write(text);
  }
}

function warnOfProcess(sentence: string): void {
  process.emitWarning(sentence);
}
