/** What a phone says of its player: a name, and anything else that the game shows of it, such as an avatar. */
import { parseDisplayName } from "../protocol/display-name.ts";
import { invalid, quote } from "./invalid-argument.ts";
import { toJson } from "./payload.ts";
import { checkText } from "./reliable-connection-options.ts";

/** What a game shows of a player beside its name, by key. */
export type PlayerMeta = Readonly<Record<string, unknown>>;

export interface PlayerProfile {
  readonly name?: string;
  readonly meta: PlayerMeta;
}

/** What `setProfile` changes: the name, and fields of the meta. */
export type ProfileChanges = { readonly name?: string } & PlayerMeta;

/** The event that carries a profile from the phone to the TV, and back where the TV changes it (P5.10.3). */
export const PROFILE = "cw:profile";
/** The event that tells a phone its colour, where it is not the usual one of its id. */
export const COLOR = "cw:color";

const MAX_META_BYTES = 2_048;
const utf8 = new TextEncoder();

/** A copy of what the game gave as its player's meta, as JSON holds it. @throws {CouchwireError} `invalid_argument` */
export function checkMeta(meta: unknown): PlayerMeta {
  const json = toJson(meta, "`meta` has to be an object that JSON can hold.");
  const copy: unknown = JSON.parse(json);
  if (!isMeta(copy))
    throw invalid(`\`meta\` has to be an object with what the game shows of the player; this is ${quote(meta)}.`);
  const { length } = utf8.encode(json);
  if (length <= MAX_META_BYTES) return copy;
  throw invalid(`A player's meta may have ${MAX_META_BYTES} bytes of JSON; this has ${length}.`);
}

/** The name as people are to see it, where it is one. @throws {CouchwireError} `invalid_argument` */
export function checkName(name: string | undefined): string | undefined {
  checkText("name", name);
  const parsed = parseDisplayName(name ?? "");
  if (!parsed.ok) throw invalid(`\`name\` ${parsed.failure}`);
  return parsed.value;
}

/** A name that came over the wire, as people are to see it: a server before 0.2 lets any through. */
export function readName(name: string | undefined): string | undefined {
  const parsed = parseDisplayName(name ?? "");
  return parsed.ok ? parsed.value : undefined;
}

/** The profile with these changes; what they leave out stays. @throws {CouchwireError} `invalid_argument` */
export function changeProfile(profile: PlayerProfile, changes: ProfileChanges): PlayerProfile {
  if (typeof changes !== "object" || changes === null) {
    throw invalid(`setProfile takes an object such as { name: "Ada", avatar: 3 }; this is ${quote(changes)}.`);
  }
  const { name = profile.name, ...meta } = changes;
  const checked = checkName(name) ?? profile.name; // a blank one is none
  return { ...(checked !== undefined && { name: checked }), meta: checkMeta({ ...profile.meta, ...meta }) };
}

/** What a phone said, where it is a profile: a phone may say anything. */
export function readProfile(data: unknown): PlayerProfile | undefined {
  if (!isMeta(data)) return undefined;
  const { name, meta = {} } = data;
  if (!isMeta(meta) || !isShort(meta)) return undefined;
  if (name !== undefined && typeof name !== "string") return undefined;
  const parsed = parseDisplayName(name ?? "");
  if (!parsed.ok) return undefined;
  return { ...(parsed.value !== undefined && { name: parsed.value }), meta };
}

function isShort(meta: PlayerMeta): boolean {
  try {
    return utf8.encode(JSON.stringify(meta)).length <= MAX_META_BYTES;
  } catch {
    return false; // nested too deep
  }
}

export function isMeta(value: unknown): value is PlayerMeta {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
