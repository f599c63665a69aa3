import { pino, type Logger } from "pino";

/** A logger that keeps its lines. */
export function keepingLog(): { readonly log: Logger; readonly lines: string[] } {
  const lines: string[] = [];
  return { lines, log: pino({ level: "info" }, { write: (line: string) => void lines.push(line) }) };
}
