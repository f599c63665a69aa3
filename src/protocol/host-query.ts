/** What a host may ask for in the query of `/CREATE` (P5.1). */
import type { HostBytes, HostFormat } from "./host-encoder.ts";
import { failure, success, type Result } from "./result.ts";

export interface HostQuery {
  readonly format: HostFormat;
  readonly bytes: HostBytes;
}

/** The one method of `URLSearchParams` that is needed here. */
export interface QueryParameters {
  get(name: string): string | null;
}

/** Reads the query; the failure is a sentence for the close reason. `defaultBytes` is for hosts that ask for nothing. */
export function parseHostQuery(query: QueryParameters, defaultBytes: HostBytes): Result<HostQuery, string> {
  const format = query.get("format") ?? "cbor";
  if (format !== "cbor" && format !== "json") return failure(`"format" has to be cbor or json, not ${quote(format)}.`);
  const bytes = query.get("bytes") ?? defaultBytes;
  if (bytes !== "array" && bytes !== "string")
    return failure(`"bytes" has to be array or string, not ${quote(bytes)}.`);
  return success({ format, bytes });
}

function quote(value: string): string {
  return JSON.stringify(value.slice(0, 24));
}
