/** The log's lines on their way to a program or a file: written together, since a line by itself costs a system call. */
import { pino, type DestinationStream } from "pino";

/** Lines are written together, since the system call is most of what a line costs: so many characters, or what so long has brought. */
const TOGETHER_CHARACTERS = 32_768;
const TOGETHER_MS = 200;
/** As pino numbers its levels. */
const ERROR_LEVEL = 50;
/** While nothing can be written, as on a full disk, so many characters wait; what comes then is lost. */
const MAX_WAITING_CHARACTERS = 8_388_608;
const NOTHING = {};

/** What went wrong is written at once; of the rest a process that is killed loses what the last moment brought. */
export class PipedOutput implements DestinationStream {
  /** pino says of each line what it is about, just before the line itself; a hook for it takes longer. */
  readonly [pino.symbols.needsMetadataGsym] = true;
  lastLevel = 0;
  lastObj: object = NOTHING;
  readonly #output: DestinationStream;
  #lines: string[] = [];
  #characters = 0;
  #flushing: NodeJS.Timeout | undefined; // none while nothing is logged: it would be left over by a server that has closed

  /** `warn` is told, once, that nothing can be written. */
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
    this.lastObj = NOTHING; // it may have what the line does not show
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
