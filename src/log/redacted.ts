/**
 * Takes out of a log line what nobody is to read. Not pino's own redaction, which walks all its paths anew for each line
 * and took longer than the line's JSON did (a profile of row `idle`).
 */

const SECRET_KEYS = new Set([
  "token",
  "session",
  "pin",
  "secret",
  "rescue",
  "authorization",
  "cookie",
  "data",
  "payload",
  "sec-websocket-protocol",
]);

/** The same fields, and those of the objects among them, without what nobody is to read. */
export function redacted(fields: Record<string, unknown>): Record<string, unknown> {
  return withoutSecrets(fields, true);
}

function withoutSecrets(fields: Record<string, unknown>, isDeep: boolean): Record<string, unknown> {
  let copy: Record<string, unknown> | undefined;
  for (const key of Object.keys(fields)) {
    const value = fields[key];
    const shown = SECRET_KEYS.has(key)
      ? "[redacted]"
      : isDeep && isRecord(value)
        ? withoutSecrets(value, false)
        : value;
    if (shown !== value) (copy ??= { ...fields })[key] = shown;
  }
  return copy ?? fields;
}

/** Errors are left for their serializer, which looks at what it makes of them. */
function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Error);
}
