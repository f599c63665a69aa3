import type { DrawStroke } from "@couchwire/sdk/controls";

/** What the pages say to each other: `Game` types the TV's room and the phone's, so that both sides agree. */
export interface Game {
  events: { ink: DrawStroke; vote: number; drawing: () => DrawStroke[] };
  state: {
    phase: "draw" | "vote" | "result" | "end";
    round: number;
    word: string;
    drawings: { label: string; value: number }[];
    deadline: number;
  };
  playerState: { draws: boolean; vote: number; score: number; sheetOf: number };
}
