/** What a TV's page notes of its players for the page that is loaded after it: the server does not say it a second time. */
import { PLAYER_COLORS, usualColor } from "./player-colors.ts";
import { isMeta, type PlayerMeta } from "./player-profile.ts";

/** What is noted of one player. */
export interface NotedPlayer {
  name?: string | undefined;
  user?: string | undefined;
  meta?: PlayerMeta;
  color?: string;
  isSdk?: boolean;
  isAway?: boolean;
}

/** As they are stored: each by the player's id, or as a list of ids. */
export interface RosterNotes {
  readonly names: Readonly<Record<string, string>>;
  readonly users?: Readonly<Record<string, string>>;
  readonly metas: Readonly<Record<string, PlayerMeta>>;
  readonly colors: Readonly<Record<string, string>>;
  readonly sdk: readonly number[];
  readonly away: readonly number[];
}

/** Reads notes, which may be another program's. */
export function readNotes(notes: unknown): Map<number, NotedPlayer> {
  const players = new Map<number, NotedPlayer>();
  const of = (id: string | number): NotedPlayer => {
    const known = players.get(Number(id)) ?? {};
    players.set(Number(id), known);
    return known;
  };
  for (const [id, name] of fieldsIn(notes, "names")) of(id).name = String(name);
  for (const [id, user] of fieldsIn(notes, "users")) of(id).user = String(user);
  for (const [id, meta] of fieldsIn(notes, "metas")) if (isMeta(meta)) of(id).meta = meta;
  for (const [id, color] of fieldsIn(notes, "colors")) {
    if (typeof color === "string" && PLAYER_COLORS.includes(color)) of(id).color = color;
  }
  for (const [, id] of fieldsIn(notes, "sdk")) of(Number(id)).isSdk = true;
  for (const [, id] of fieldsIn(notes, "away")) of(Number(id)).isAway = true;
  return players;
}

/** Whether there is anything to note of the player. */
export function isNoted(id: number, { name, user, meta = {}, color, isSdk, isAway }: NotedPlayer): boolean {
  const isUsual = color === undefined || color === usualColor(id);
  return (
    name !== undefined ||
    user !== undefined ||
    !isUsual ||
    isSdk === true ||
    isAway === true ||
    Object.keys(meta).length > 0
  );
}

export function writeNotes(players: Iterable<readonly [id: number, player: NotedPlayer]>): RosterNotes {
  const names: Record<string, string> = {};
  const users: Record<string, string> = {};
  const metas: Record<string, PlayerMeta> = {};
  const colors: Record<string, string> = {};
  const [sdk, away]: [number[], number[]] = [[], []];
  for (const [id, { name, user, meta, color, isSdk, isAway }] of players) {
    if (name !== undefined) names[id] = name;
    if (user !== undefined) users[id] = user;
    if (meta !== undefined && Object.keys(meta).length > 0) metas[id] = meta;
    if (color !== undefined && color !== usualColor(id)) colors[id] = color;
    if (isSdk === true) sdk.push(id);
    if (isAway === true) away.push(id);
  }
  // Most rooms have no users, and notes are small then.
  return { names, ...(Object.keys(users).length > 0 && { users }), metas, colors, sdk, away };
}

function fieldsIn(notes: unknown, name: string): readonly [string, unknown][] {
  const fields: unknown = typeof notes === "object" && notes !== null ? Reflect.get(notes, name) : undefined;
  return typeof fields === "object" && fields !== null ? Object.entries(fields) : [];
}
