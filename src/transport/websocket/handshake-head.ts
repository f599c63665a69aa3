/**
 * Reads the head of a handshake out of the bytes that a connection began with, if they are just that: one whole `GET` with an upgrade in the
 * plainest HTTP/1.1 (RFC 9112), as all browsers send it, and nothing behind it. It decides nothing about anything else: that is
 * for Node's own parser, which knows all of HTTP, to read and to refuse.
 */
import { headerOf, type RequestHead } from "./request-header.ts";

/** Node's parser takes no longer heads (`maxHeaderSize`). */
const MAX_HEAD_BYTES = 16_384;
/** A target without spaces, and one field at least, whose name is a token and whose value is visible ASCII. Nothing in it can be read in two ways, so it takes one look at each letter. */
const HEAD = /^GET (\/[!-~]*) HTTP\/1\.1\r\n((?:[!#$%&'*+\-.0-9A-Z^_`a-z|~]+:[\t -~]*\r\n)+)\r\n$/;
const UPGRADE_TOKEN = /(?:^|,)[\t ]*upgrade[\t ]*(?:,|$)/i;
/** With one of these there is more to it than a head. */
const MORE_TO_COME = ["content-length", "transfer-encoding", "expect"] as const;

export type HandshakeHead = Omit<RequestHead, "socket">;

/** `undefined` where it is anything else. */
export function readHandshakeHead({ buffer, byteOffset, length }: Uint8Array): HandshakeHead | undefined {
  if (length > MAX_HEAD_BYTES) return undefined;
  const [, url, fields] = HEAD.exec(Buffer.from(buffer, byteOffset, length).toString("latin1")) ?? [];
  if (url === undefined || fields === undefined) return undefined;
  const head: HandshakeHead = { method: "GET", url, rawHeaders: readFields(fields) };
  const has = (name: string): boolean => headerOf(head, name) !== undefined;
  const asksForUpgrade = has("upgrade") && UPGRADE_TOKEN.test(headerOf(head, "connection") ?? "");
  return asksForUpgrade && has("host") && !MORE_TO_COME.some(has) ? head : undefined;
}

function readFields(fields: string): string[] {
  const rawHeaders: string[] = [];
  for (let at = 0; at < fields.length;) {
    const colon = fields.indexOf(":", at);
    const end = fields.indexOf("\r\n", colon);
    rawHeaders.push(fields.slice(at, colon), fields.slice(colon + 1, end).trim());
    at = end + 2;
  }
  return rawHeaders;
}
