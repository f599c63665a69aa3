/** Reads the head of an HTTP request as far as it decides which worker gets it. The worker's own HTTP server judges the request. */

/** What is read of a head. What is no head of a request has none. */
export interface RequestHead {
  readonly url: string;
  /** Names in lower case; what comes more than once is joined by commas. */
  readonly headers: ReadonlyMap<string, string>;
  /** After it the connection carries no requests any more. */
  readonly isUpgrade: boolean;
}

const REQUEST_LINE = /^([A-Z]+) (\S+) HTTP\/\d\.\d$/;
const HEADER_LINE = /^([^\s:]+):[\t ]*(.*?)[\t ]*$/;
const HEAD_END = "\r\n\r\n";

/** Where the head of the first request ends in these bytes; -1 where it is not whole. `from`: the bytes before have been looked at. */
export function endOfHead(bytes: Buffer, from = 0): number {
  const at = bytes.indexOf(HEAD_END, Math.max(0, from - HEAD_END.length + 1), "latin1");
  return at === -1 ? -1 : at + HEAD_END.length;
}

/** `undefined` where the bytes do not begin with a whole head. */
export function readRequestHead(bytes: Buffer): RequestHead | undefined {
  const end = endOfHead(bytes);
  if (end === -1) return undefined;
  const [requestLine = "", ...lines] = bytes.toString("latin1", 0, end - HEAD_END.length).split("\r\n");
  const [, method, url] = REQUEST_LINE.exec(requestLine) ?? [];
  if (url === undefined) return undefined;
  const headers = new Map<string, string>();
  for (const line of lines) {
    const [, name = "", value = ""] = HEADER_LINE.exec(line) ?? [];
    const key = name.toLowerCase();
    const before = headers.get(key);
    headers.set(key, before === undefined ? value : `${before}, ${value}`);
  }
  const isAsked = headers.has("upgrade") && /\bupgrade\b/i.test(headers.get("connection") ?? "");
  return { url, headers, isUpgrade: isAsked || method === "CONNECT" };
}

/** What is known of a request that another program has read already. */
export interface ParsedRequest {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  readonly httpVersion: string;
  readonly rawHeaders: readonly string[];
}

/** The head as it came over the wire, but for spaces. */
export function writeRequestHead({ method = "GET", url = "/", httpVersion, rawHeaders }: ParsedRequest): Buffer {
  let text = `${method} ${url} HTTP/${httpVersion}\r\n`;
  for (let at = 0; at < rawHeaders.length; at += 2) text += `${rawHeaders[at]}: ${rawHeaders[at + 1]}\r\n`;
  return Buffer.from(`${text}\r\n`, "latin1");
}
