/** Replaces secrets and payloads in the fields of a log line. pino's own redaction takes longer than writing the line. */

const SECRET_KEYS = new Set([
  "token",
  "session",
  "pin",
  "secret",
  "jwtSecret",
  "rescue",
  "authorization",
  "cookie",
  "data",
  "payload",
  "sec-websocket-protocol",
]);

/** Returns the fields without secrets and payloads, also in objects one level down. */
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

/** Errors are no records here: their serializer redacts what it makes of them. */
function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Error);
}
