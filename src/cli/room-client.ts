/** What `couchwire room` asks of a server, and how it says the answers. */
import { z } from "zod";
import { failure, success, type Result } from "../protocol/result.ts";
import type { RoomPlan } from "./room-command.ts";

const ROOM = z.looseObject({
  id: z.string(),
  kind: z.string(),
  name: z.string().nullable(),
  players: z.number(),
  away: z.number(),
  maxPlayers: z.number(),
  isLocked: z.boolean(),
  since: z.string(),
});
type ListedRoom = z.infer<typeof ROOM>;

const PAGE = z.object({ rooms: z.array(ROOM), next: z.string().nullable() });
const CREATED = z.object({ name: z.string().nullable(), code: z.string().nullable(), joinUrl: z.string().nullable() });
const REFUSED = z.object({ error: z.object({ message: z.string() }) });

/** A server that does not answer in that time does not. */
const PATIENCE_MS = 10_000;
const MAX_PAGE = 1_000;

/** Asks, and returns the lines to be printed; or the sentence that says why not. */
export async function askAboutRooms(plan: RoomPlan): Promise<Result<readonly string[], string>> {
  const { action } = plan;
  switch (action.is) {
    case "list":
      return listRooms(plan);
    case "close": {
      const closed = await ask(plan, "DELETE", `/api/rooms/${encodeURIComponent(action.id)}`);
      if (!closed.ok) return closed;
      return success([plan.isJson ? JSON.stringify({ closed: action.id }) : `The room ${action.id} is closed.`]);
    }
    case "create": {
      const answer = await ask(plan, "POST", "/api/rooms", action.room);
      if (!answer.ok) return answer;
      const created = CREATED.safeParse(answer.value);
      if (!created.success) return failure(notCouchwire(plan));
      return success([plan.isJson ? JSON.stringify(created.data) : describeCreated(created.data)]);
    }
    default:
      return action satisfies never;
  }
}

async function listRooms(plan: RoomPlan): Promise<Result<readonly string[], string>> {
  const rooms: ListedRoom[] = [];
  let cursor: string | null = "";
  while (cursor !== null) {
    const from: string = cursor === "" ? "" : `&cursor=${encodeURIComponent(cursor)}`;
    const answer = await ask(plan, "GET", `/api/rooms?limit=${MAX_PAGE}${from}`);
    if (!answer.ok) return answer;
    const page = PAGE.safeParse(answer.value);
    if (!page.success) return failure(notCouchwire(plan));
    rooms.push(...page.data.rooms);
    cursor = page.data.next;
  }
  return success(plan.isJson ? [JSON.stringify({ rooms })] : describeList(rooms));
}

/** The JSON of the answer; `undefined` where it has none. */
async function ask(plan: RoomPlan, method: string, path: string, body?: object): Promise<Result<unknown, string>> {
  let answer: Response;
  let text: string;
  try {
    answer = await fetch(`${plan.url}${path}`, {
      method,
      headers: { "x-api-key": plan.key ?? "", ...(body !== undefined && { "Content-Type": "application/json" }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      redirect: "error", // the key is for this server alone
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    text = await answer.text();
  } catch {
    return failure(`Nothing answers at ${plan.url}.`);
  }
  const json = jsonIn(text);
  if (answer.ok) return success(json);
  const refused = REFUSED.safeParse(json);
  if (answer.status === 404 && path.startsWith("/api/rooms?")) return failure(apiIsOff(plan));
  return failure(refused.success ? refused.data.error.message : `${plan.url} answered ${answer.status}.`);
}

function jsonIn(text: string): unknown {
  try {
    return text === "" ? undefined : JSON.parse(text);
  } catch {
    return undefined; // another server's page
  }
}

function apiIsOff({ url }: RoomPlan): string {
  return `There is no API at ${url}: the server has no COUCHWIRE_API_KEY, or is none of Couchwire.`;
}

function notCouchwire({ url }: RoomPlan): string {
  return `What answers at ${url} is no Couchwire server of this version.`;
}

function describeCreated({ name, code, joinUrl }: z.infer<typeof CREATED>): string {
  const called = name === null ? "The room" : `The room ${name}`;
  return code === null ? `${called} is open.` : `${called} is open: code ${code}, ${joinUrl ?? ""}`;
}

function describeList(rooms: readonly ListedRoom[]): readonly string[] {
  if (rooms.length === 0) return ["There are no rooms."];
  const rows = rooms.map(({ id, kind, name, players, away, maxPlayers, isLocked, since }) => [
    id,
    kind,
    name ?? "",
    `${players}/${maxPlayers}${away > 0 ? ` (${away} away)` : ""}`,
    isLocked ? "locked" : "open",
    since.replace(/\.\d+Z$/, "Z"),
  ]);
  const table = [["ROOM", "KIND", "NAME", "PLAYERS", "STATE", "SINCE"], ...rows];
  const widths = (table[0] ?? []).map((_head, column) => Math.max(...table.map((row) => row[column]?.length ?? 0)));
  return table.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}
