/** The log's lines on their way to a program or a file: written together, since a line by itself costs a system call. */
import { pino, type DestinationStream } from "pino";

/** Lines are written together, which is most of what a line costs (`joins` of row `idle`): so many characters, or what so long has brought. */
const TOGETHER_CHARACTERS = 32_768;
const TOGETHER_MS = 200;

export interface PipedOutput extends DestinationStream {
  /** Writes what waits. */
  flush(): void;
}

/** What waits when the process ends is written then. */
export function createPipedOutput(fd: number): PipedOutput {
  const output = pino.destination({ fd, sync: true });
  let lines: string[] = [];
  let characters = 0;
  let flushing: NodeJS.Timeout | undefined; // none while nothing is logged: it would be left over by a server that has closed
  const flush = (): void => {
    clearTimeout(flushing);
    flushing = undefined;
    const text = lines.join("");
    lines = [];
    characters = 0;
    if (text !== "") output.write(text);
  };
  process.on("exit", flush);
  return {
    flush,
    write(line) {
      lines.push(line);
      characters += line.length;
      if (characters >= TOGETHER_CHARACTERS) flush();
      else flushing ??= setTimeout(flush, TOGETHER_MS).unref();
    },
  };
}
