/** `couchwire.json` in a game's folder: what the game's card shows, and what the game asks of its pages' headers. */
import { nearestName } from "../nearest-name.ts";

export interface GameManifest {
  readonly title?: string;
  readonly description?: string;
  /** The number of players: `3-8`. */
  readonly players?: string;
  readonly minutes?: number;
  /** The picture on the card, an address relative to the folder. */
  readonly image?: string;
  /** Whether the pages are cross-origin isolated, which gives them `SharedArrayBuffer`. Godot's threads need it. */
  readonly crossOriginIsolated?: boolean;
}

export interface ReadManifest {
  readonly manifest: GameManifest;
  /** What is wrong with the file, one sentence each. Valid fields are used all the same. */
  readonly notices: readonly string[];
}

const MAX_TEXT_LENGTH = 500;
const MAX_MINUTES = 1_440;

interface Field {
  /** Returns the value, or `undefined` if it is invalid. */
  readonly read: (value: unknown) => string | number | boolean | undefined;
  /** Completes the sentence "… has to be …". */
  readonly allowed: string;
}

const FIELDS: Readonly<Record<keyof GameManifest, Field>> = {
  title: { read: shortText, allowed: `text of 1 to ${MAX_TEXT_LENGTH} characters` },
  description: { read: shortText, allowed: `text of 1 to ${MAX_TEXT_LENGTH} characters` },
  players: { read: playerRange, allowed: 'text such as "3-8" or "4"' },
  minutes: {
    read: (value) => (typeof value === "number" && value >= 1 && value <= MAX_MINUTES ? value : undefined),
    allowed: `a number from 1 to ${MAX_MINUTES}`,
  },
  image: { read: localAddress, allowed: 'the path of a picture in the game\'s folder, such as "cover.png"' },
  crossOriginIsolated: {
    read: (value) => (typeof value === "boolean" ? value : undefined),
    allowed: "true or false",
  },
};

/** Parses the text of a `couchwire.json`. `path` is the file's path, for the notices. */
export function readManifest(text: string, path: string): ReadManifest {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch (error) {
    return {
      manifest: {},
      notices: [`${path} is not JSON: ${error instanceof Error ? error.message : String(error)}`],
    };
  }
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) {
    return { manifest: {}, notices: [`${path} has to hold an object such as {"title": "Duck Hunt"}.`] };
  }
  const manifest: Record<string, string | number | boolean> = {};
  const notices: string[] = [];
  for (const [name, value] of Object.entries(parsed)) {
    const field = isField(name) ? FIELDS[name] : undefined;
    const read = field?.read(value);
    if (read !== undefined) manifest[name] = read;
    else if (field === undefined) notices.push(unknownField(path, name));
    else notices.push(`${path}: "${name}" is ${shown(value)}, but has to be ${field.allowed}.`);
  }
  return { manifest, notices };
}

/** Accepts addresses within the game's own folder only: Couchwire's pages load nothing from other sites. */
export function localAddress(value: unknown): string | undefined {
  if (typeof value !== "string" || value === "" || /^[a-z][a-z0-9+.-]*:|^[/\\]|\.\./i.test(value)) return undefined;
  return value;
}

function shortText(value: unknown): string | undefined {
  const text = typeof value === "string" ? value.trim() : "";
  return text === "" || text.length > MAX_TEXT_LENGTH ? undefined : text;
}

function playerRange(value: unknown): string | undefined {
  const [, from, to] = (typeof value === "string" && /^\s*(\d{1,4})(?:\s*[-–]\s*(\d{1,4}))?\s*$/.exec(value)) || [];
  if (from === undefined || Number(from) === 0) return undefined;
  if (to === undefined) return from;
  return Number(to) < Number(from) ? undefined : `${from}-${to}`;
}

function isField(name: string): name is keyof GameManifest {
  return Object.hasOwn(FIELDS, name);
}

function unknownField(path: string, name: string): string {
  const near = nearestName(name, Object.keys(FIELDS));
  const hint = near === undefined ? `It may have ${Object.keys(FIELDS).join(", ")}.` : `Did you mean "${near}"?`;
  return `${path}: "${name.slice(0, 40)}" means nothing here. ${hint}`;
}

function shown(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
