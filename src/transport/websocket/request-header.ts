/** A request's headers as they came: Node would sort all of them for the first that is asked for (joins of row `idle`). */
import type { IncomingMessage } from "node:http";

/** The value of the header of this name, in lower case; of several, all of them (RFC 9110, section 5.2). */
export function headerOf({ rawHeaders }: Pick<IncomingMessage, "rawHeaders">, name: string): string | undefined {
  let value: string | undefined;
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const given = rawHeaders[at] ?? "";
    if (given.length !== name.length || given.toLowerCase() !== name) continue;
    const content = rawHeaders[at + 1] ?? "";
    value = value === undefined ? content : `${value}, ${content}`;
  }
  return value;
}
