/** Sends secrets as subprotocols (P5.9.9): proxies log addresses, but not subprotocols. */
import { invalid } from "./invalid-argument.ts";

const utf8 = new TextEncoder();
/** Tokens that the server gives out, as they follow `couchwire.rescue.`. */
const TOKEN = /^[\w-]+$/;

export interface Secrets {
  readonly session?: string | undefined;
  readonly pin?: string | undefined;
  readonly rescue?: string | undefined;
  readonly token?: string | undefined;
}

export function secretSubprotocols({ session, pin = "", rescue, token }: Secrets): string[] {
  const offered: string[] = [];
  if (session !== undefined) offered.push(`couchwire.session.${session}`);
  if (token !== undefined) offered.push(`couchwire.token.${token}`);
  // A PIN may be any text, but a subprotocol may not.
  if (pin !== "") offered.push(`couchwire.pin.${base64Url(utf8.encode(pin))}`);
  if (rescue !== undefined) offered.push(`couchwire.rescue.${rescue}`);
  return offered;
}

/** Whether the text has the form of a rescue link's token. */
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
