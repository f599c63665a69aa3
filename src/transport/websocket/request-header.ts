/**
 * The head of an HTTP request, as far as it says who wants a WebSocket. Its headers are as they came: Node would sort all of them for the first that is
 * asked for (joins of row `idle`).
 */
import type { Socket } from "node:net";

/** Node's messages are such ones, too. */
export interface RequestHead {
  readonly method?: string | undefined;
  /** The path, and the query where there is one. */
  readonly url?: string | undefined;
  /** Names and values in turn. */
  readonly rawHeaders: readonly string[];
  /** Where it came from. */
  readonly socket: Socket;
}

/** The value of the header of this name, in lower case; of several, all of them (RFC 9110, section 5.2). */
export function headerOf({ rawHeaders }: Pick<RequestHead, "rawHeaders">, name: string): string | undefined {
  let value: string | undefined;
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const given = rawHeaders[at] ?? "";
    if (given.length !== name.length || given.toLowerCase() !== name) continue;
    const content = rawHeaders[at + 1] ?? "";
    value = value === undefined ? content : `${value}, ${content}`;
  }
  return value;
}
