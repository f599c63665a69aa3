/**
 * Makes text from strangers (names, reasons, paths, user agents) safe for a log or a terminal. Control characters can change what a
 * terminal shows, and characters that turn the direction of writing can make a line look like another one.
 */

/** DEL, the C1 controls, line and paragraph separators, and the characters that change the direction of writing (Unicode, UAX #9). */
const INVISIBLE = /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;
/** The C0 controls but for tab and line feed. */
// oxlint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u0008\u000b-\u001f]/g;
/** One escape of a JSON text. */
const JSON_ESCAPE = /\\(?:u[0-9a-f]{4}|.)/g;
/** Escapes whose characters are harmless on a terminal. */
const HARMLESS_ESCAPES: ReadonlySet<string> = new Set(['\\"', "\\\\", "\\/", "\\n", "\\t"]);

/** Secrets in an address (P5.2) or a list of subprotocols (P5.9.9). No log line should contain them; if one does, they are replaced. */
const IN_QUERY = /([?&](?:session|pin|rescue|token)=)[^&\s"\\#]+/g;
/** A token by itself: its head begins with `{"` in base64url. */
const JWT = /\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*/g;
const IN_SUBPROTOCOLS = /(couchwire\.(?:session|pin|rescue|token)\.)[\w.-]+/g;

/** Returns the text for a terminal, with each such character as `\u…`. */
export function printable(text: string): string {
  return text.replace(CONTROL, escaped).replace(INVISIBLE, escaped);
}

/** Returns the same line of JSON in visible characters, without secrets. */
export function safeJsonLine(line: string): string {
  return withoutSecrets(line).replace(INVISIBLE, escaped);
}

/** Returns the line of JSON with texts as `printable` makes them, for a terminal. */
export function printableJsonLine(line: string): string {
  return withoutSecrets(line)
    .replace(JSON_ESCAPE, (escape) => (HARMLESS_ESCAPES.has(escape) ? escape : `\\${escape}`))
    .replace(INVISIBLE, (character) => `\\${escaped(character)}`);
}

function withoutSecrets(line: string): string {
  return line.replace(IN_QUERY, "$1[redacted]").replace(IN_SUBPROTOCOLS, "$1[redacted]").replace(JWT, "[redacted]");
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
