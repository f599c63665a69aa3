/** What a game's page tells of an error in it, and the sentence that the terminal and the TV's console show. */
import { z } from "zod";

const MAX_TEXT = 2_000;

const REPORT = z.object({
  message: z.string().max(MAX_TEXT),
  /** File, line and column: `player.html:12:5`. */
  at: z.string().max(300).optional(),
  stack: z
    .string()
    .max(2 * MAX_TEXT)
    .optional(),
  /** How often it happened since it was told last. */
  times: z.int().min(1).max(1_000_000).optional(),
  /** The page, as a file of the game. */
  file: z.string().max(300).optional(),
  /** The player that the page has a seat as, as far as the page knows it. */
  player: z.object({ id: z.int().optional(), name: z.string().max(1_024).optional() }).optional(),
});

export type PageReport = z.infer<typeof REPORT>;

/** `undefined` if the text is no report. */
export function parseReport(text: string): PageReport | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const parsed = REPORT.safeParse(value);
  return parsed.success ? parsed.data : undefined;
}

/** `Ada (player 3): TypeError: x is undefined (player.html:12:5)` */
export function describeReport({ message, at, times = 1, player, file }: PageReport, page: string): string {
  const place = at === undefined || message.includes(at) ? "" : ` (${at})`;
  return `${whose(page, player, file)}: ${message}${place}${times > 1 ? `, ${times} times` : ""}`;
}

function whose(page: string, player: PageReport["player"], file = ""): string {
  if (page === "tv") return "The TV";
  if (player?.id === undefined) {
    return player?.name ?? (page === "phone" ? "A phone" : file === "" ? "A page" : `The page ${file}`);
  }
  return player.name === undefined ? `Player ${player.id}` : `${player.name} (player ${player.id})`;
}
