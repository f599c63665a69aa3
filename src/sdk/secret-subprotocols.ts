/** Secrets as subprotocols (P5.9.9): proxies write addresses into their logs, and these they do not. */
import { invalid } from "./invalid-argument.ts";

const utf8 = new TextEncoder();
/** What may stand behind `couchwire.rescue.`: all that the server gives out. */
const TOKEN = /^[\w-]+$/;

export interface Secrets {
  readonly session: string;
  readonly pin?: string | undefined;
  readonly rescue?: string | undefined;
}

export function secretSubprotocols({ session, pin = "", rescue }: Secrets): string[] {
  const offered = [`couchwire.session.${session}`];
  // Any text may be a PIN, and not any text a subprotocol.
  if (pin !== "") offered.push(`couchwire.pin.${base64Url(utf8.encode(pin))}`);
  if (rescue !== undefined) offered.push(`couchwire.rescue.${rescue}`);
  return offered;
}

/** Whether it can be the token of a rescue link. */
export function isRescueToken(text: string): boolean {
  return TOKEN.test(text);
}

/** @throws {CouchwireError} `invalid_argument` */
export function checkRescueToken(text: string): string {
  if (typeof text === "string" && isRescueToken(text)) return text;
  throw invalid("`rescue` has to be the token of a rescue link: the part behind ?rescue= in its address.");
}

function base64Url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replace(/\+/g, "-")
    .replace(/\//g, "_")
    .replace(/=+$/, "");
}
