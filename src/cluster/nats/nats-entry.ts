/** How an entry and an alias stand in NATS: a line of JSON, then the record. What is there may come from another program. */
import type { NodeId } from "../ports.ts";

export interface StoredEntry {
  readonly home: NodeId;
  readonly fence: number;
  /** Drawn when the entry begins: a later entry of the same key is another. */
  readonly birth: string;
  /** The oldest first. */
  readonly aliases: readonly string[];
  readonly record: Uint8Array;
}

export interface StoredAlias {
  readonly key: string;
  readonly birth: string;
}

const VERSION = 1;
const LINE_END = 10;

const utf8 = new TextEncoder();
const fromUtf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

export function encodeEntry({ record, ...head }: StoredEntry): Uint8Array {
  const line = utf8.encode(`${JSON.stringify({ v: VERSION, ...head })}\n`);
  const data = new Uint8Array(line.length + record.length);
  data.set(line);
  data.set(record, line.length);
  return data;
}

export function decodeEntry(key: string, data: Uint8Array): StoredEntry {
  const end = data.indexOf(LINE_END);
  const head = end < 0 ? undefined : parsed(data.subarray(0, end));
  const { v, home, fence, birth, aliases } = head ?? {};
  if (v !== VERSION || !isText(home) || !isFence(fence) || !isText(birth) || !areTexts(aliases)) throw unreadable(key);
  return { home, fence, birth, aliases, record: data.subarray(end + 1) };
}

export function encodeAlias(alias: StoredAlias): Uint8Array {
  return utf8.encode(JSON.stringify({ v: VERSION, ...alias }));
}

export function decodeAlias(alias: string, data: Uint8Array): StoredAlias {
  const { v, key, birth } = parsed(data) ?? {};
  if (v !== VERSION || !isText(key) || !isText(birth)) throw unreadable(alias);
  return { key, birth };
}

function parsed(data: Uint8Array): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(fromUtf8.decode(data));
    return typeof value === "object" && value !== null ? { ...value } : undefined;
  } catch {
    return undefined; // It is no JSON.
  }
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

function isFence(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value > 0;
}

function areTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every(isText);
}

function unreadable(key: string): Error {
  return new Error(`What NATS holds for ${JSON.stringify(key)} is nothing that this version of couchwire has written.`);
}
