/** What the TV and the phones say to each other. Both pages import it, so the compiler sees when one is changed alone. */
export type Team = "red" | "blue";

/** From the TV: what a phone shows. */
export interface Screen {
  readonly team: Team;
  /** The team that has won the round; `null` while it lasts. */
  readonly winner: Team | null;
}

/** From a phone: a tap on its button. */
export interface Pull {
  readonly type: "pull";
}

/** Messages come from other people's devices: each is checked before it is used. */
export function isPull(value: unknown): value is Pull {
  return typeof value === "object" && value !== null && "type" in value && value.type === "pull";
}

export function isScreen(value: unknown): value is Screen {
  if (typeof value !== "object" || value === null || !("team" in value) || !("winner" in value)) return false;
  return isTeam(value.team) && (value.winner === null || isTeam(value.winner));
}

export function isTeam(value: unknown): value is Team {
  return value === "red" || value === "blue";
}
