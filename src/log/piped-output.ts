/** The log's lines on their way to a program or a file: written together, since a line by itself costs a system call. */
import { pino, type DestinationStream } from "pino";

/** Lines are written together, which is most of what a line costs (`joins` of row `idle`): so many characters, or what so long has brought. */
const TOGETHER_CHARACTERS = 32_768;
const TOGETHER_MS = 200;

/** As pino numbers its levels. */
const ERROR_LEVEL = 50;

/** What went wrong is written at once; of the rest a process that is killed loses what the last moment brought. */
export function createPipedOutput(fd: number): DestinationStream {
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
  const piped = {
    /** pino tells the level of each line, before the line; a hook for it would cost more than the line's time stamp. */
    [pino.symbols.needsMetadataGsym]: true,
    lastLevel: 0,
    write(line: string): void {
      lines.push(line);
      characters += line.length;
      if (piped.lastLevel >= ERROR_LEVEL || characters >= TOGETHER_CHARACTERS) flush();
      else flushing ??= setTimeout(flush, TOGETHER_MS).unref();
    },
  };
  return piped;
}
