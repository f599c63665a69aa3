/**
 * What a client offers in `Sec-WebSocket-Protocol` (P5.5.1, P5.9.9): the subprotocols that the server speaks, and secrets,
 * which proxies write into their logs when they stand in an address.
 */
import { RELIABLE_SUBPROTOCOL } from "./reliable/control-frames.ts";
import { failure, success, type Result } from "./result.ts";

/** Has no meaning of its own. Browsers fail a connection if they offered subprotocols and none is selected, so clients offer it beside secrets. */
const PLAIN_SUBPROTOCOL = "couchwire";

const SECRET_NAMES = ["session", "pin", "rescue", "token"] as const;
/** What a client may show as a subprotocol in place of the address. */
export type SecretName = (typeof SECRET_NAMES)[number];

/** Subprotocol names are tokens (RFC 9110, section 5.6.2), and a PIN may be any text: it is written in base64url. */
const SECRET = new RegExp(`^couchwire\\.(${SECRET_NAMES.join("|")})\\.(.*)$`);

/** The subprotocols that a client offers, as far as the server knows them. */
export interface OfferedSubprotocols {
  /** The one that the server answers with; without one it names none, as in WMBP. */
  readonly selected: typeof RELIABLE_SUBPROTOCOL | typeof PLAIN_SUBPROTOCOL | undefined;
  /** By name, decoded. */
  readonly secrets: Readonly<Partial<Record<SecretName, string>>>;
  /** What is wrong with them, as a close reason that quotes no secret. */
  readonly problem: string | undefined;
}

const NO_SECRETS = {};
export const NOTHING_OFFERED: OfferedSubprotocols = { selected: undefined, secrets: NO_SECRETS, problem: undefined };
const ONLY_RELIABLE: OfferedSubprotocols = { selected: RELIABLE_SUBPROTOCOL, secrets: NO_SECRETS, problem: undefined };

/** Reads the header's value; several headers are joined by commas first. */
export function readSubprotocols(header: string | undefined): OfferedSubprotocols {
  if (header === undefined) return NOTHING_OFFERED;
  if (header === RELIABLE_SUBPROTOCOL) return ONLY_RELIABLE; // the common case
  const secrets: Partial<Record<SecretName, string>> = {};
  let selected: OfferedSubprotocols["selected"];
  let problem: string | undefined;
  for (const part of header.split(",")) {
    const offered = part.trim();
    if (offered === RELIABLE_SUBPROTOCOL) selected = RELIABLE_SUBPROTOCOL;
    else if (offered === PLAIN_SUBPROTOCOL) selected ??= PLAIN_SUBPROTOCOL;
    const [, found, text = ""] = SECRET.exec(offered) ?? [];
    const name = SECRET_NAMES.find((known) => known === found);
    if (name === undefined) continue;
    const value = name === "pin" ? textOfBase64Url(text) : text;
    if (value === undefined) problem ??= `"couchwire.${name}" has to be UTF-8 in base64url.`;
    else if (value === "") problem ??= `"couchwire.${name}." needs something behind the dot.`;
    else if ((secrets[name] ?? value) !== value) problem ??= `"couchwire.${name}" is offered twice, and differs.`;
    else secrets[name] = value;
  }
  return { selected, secrets, problem };
}

/** The secret as it stands in the query, in the subprotocols or, the same, in both; `null` where it stands in neither. */
export function eitherSecret(
  name: SecretName,
  inQuery: string | null,
  { secrets }: Pick<OfferedSubprotocols, "secrets">,
): Result<string | null, string> {
  const offered = secrets[name];
  if (inQuery === null || offered === undefined) return success(offered ?? inQuery);
  return inQuery === offered
    ? success(offered)
    : failure(`"${name}" in the address and "couchwire.${name}" in the subprotocols differ.`);
}

const BASE64URL = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The text that stands there in base64url without padding (RFC 4648, section 5); `undefined` where it is something else. */
function textOfBase64Url(encoded: string): string | undefined {
  if (encoded.length % 4 === 1) return undefined;
  const bytes = new Uint8Array(Math.floor((encoded.length * 3) / 4));
  let [bits, bitCount, at] = [0, 0, 0];
  for (const letter of encoded) {
    const sextet = BASE64URL.indexOf(letter);
    if (sextet === -1) return undefined;
    bits = ((bits << 6) | sextet) & 0xffff;
    bitCount += 6;
    if (bitCount < 8) continue;
    bitCount -= 8;
    bytes[at++] = (bits >> bitCount) & 0xff;
  }
  try {
    return utf8.decode(bytes);
  } catch {
    return undefined; // The text is not UTF-8.
  }
}
