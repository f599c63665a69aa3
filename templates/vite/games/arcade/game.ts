/** What the pages say to each other: `Game` types the TV's room and the phone's, so that both sides agree. */
export interface Game {
  events: { stick: { x: number; y: number }; star: void };
  state: { ships: Record<number, Ship>; stars: Place[]; deadline: number };
  playerState: { score: number };
}

export interface Place {
  x: number;
  y: number;
}

export interface Ship extends Place {
  /** In radians; 0 is to the right. */
  angle: number;
}
