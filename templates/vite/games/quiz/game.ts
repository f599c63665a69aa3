/** What the pages say to each other: `Game` types the TV's room and the phone's, so that both sides agree. */
export interface Game {
  events: { answer: string };
  state: {
    phase: "question" | "answer" | "end";
    round: number;
    ask: string;
    /** None: the answer is typed. */
    choices: string[];
    /** Told when the question is over. */
    right: string;
    deadline: number;
  };
  playerState: { plays: boolean; answer: string; score: number };
}
