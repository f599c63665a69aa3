/**
 * Reads the head of a handshake out of the bytes that a connection began with, if they are just that: one whole `GET` with an upgrade in the
 * plainest HTTP/1.1 (RFC 9112), as all browsers send it, and nothing behind it. It decides nothing about anything else: that is
 * for Node's own parser, which knows all of HTTP, to read and to refuse.
 */
import { maxHeaderSize } from "node:http";
import type { Socket } from "node:net";
import { headerOf, type RequestHead } from "./request-header.ts";

/** Of longer heads, and of those with more fields, Node decides: it has limits of its own. */
const MAX_HEAD_BYTES = Math.min(16_384, maxHeaderSize);
const MAX_FIELDS = 100;
/** A target without spaces, and one field at least, whose name is a token and whose value is ASCII without tabs, which Node bears in some places and not in others. Nothing in it can be read in two ways, so it takes one look at each letter. */
const HEAD = /^GET \/[!-~]* HTTP\/1\.1\r\n(?:[!#$%&'*+\-.0-9A-Z^_`a-z|~]+:[ -~]*\r\n)+\r\n$/;
const METHOD = "GET";
const SPACE = 0x20;
const UPGRADE_TOKEN = /(?:^|,) *upgrade *(?:,|$)/i;
/** With one of these there is more to it than a head. */
const MORE_TO_COME = ["content-length", "transfer-encoding", "expect"] as const;

/** What this socket has said; `undefined` where it is anything else, or has no `Host`. */
export function readHandshakeHead({ buffer, byteOffset, length }: Uint8Array, socket: Socket): RequestHead | undefined {
  if (length > MAX_HEAD_BYTES) return undefined;
  const bytes = Buffer.from(buffer, byteOffset, length);
  const text = bytes.toString("latin1");
  if (!HEAD.test(text)) return undefined;
  const urlAt = METHOD.length + 1;
  const url = copied(bytes, urlAt, text.indexOf(" ", urlAt));
  const head: RequestHead = { method: METHOD, url, rawHeaders: readFields(bytes, text), socket };
  const has = (name: string): boolean => headerOf(head, name) !== undefined;
  const isNamed = (headerOf(head, "upgrade") ?? "") !== "";
  const asksForUpgrade = isNamed && UPGRADE_TOKEN.test(headerOf(head, "connection") ?? "");
  const isPlain = has("host") && head.rawHeaders.length <= 2 * MAX_FIELDS && !MORE_TO_COME.some(has);
  return asksForUpgrade && isPlain ? head : undefined;
}

/** The values are copied; of the names nothing is to be kept. */
function readFields(bytes: Buffer, text: string): string[] {
  const rawHeaders: string[] = [];
  const end = text.length - 2;
  for (let at = text.indexOf("\r\n") + 2; at < end;) {
    const colon = text.indexOf(":", at);
    const lineEnd = text.indexOf("\r\n", colon);
    let [valueAt, valueEnd] = [colon + 1, lineEnd];
    while (valueAt < valueEnd && bytes[valueAt] === SPACE) valueAt += 1;
    while (valueEnd > valueAt && bytes[valueEnd - 1] === SPACE) valueEnd -= 1;
    rawHeaders.push(text.slice(at, colon), copied(bytes, valueAt, valueEnd));
    at = lineEnd + 2;
  }
  return rawHeaders;
}

/** A text of its own: what is cut out of a longer one keeps all of that in memory, secrets and all, for as long as it is kept itself. */
function copied(bytes: Buffer, start: number, end: number): string {
  return bytes.toString("latin1", start, end);
}
