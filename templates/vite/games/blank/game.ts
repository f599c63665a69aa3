/** What the pages say to each other: `Game` types the TV's room and the phone's, so that both sides agree. */
export interface Game {
  events: { hello: { down: boolean } };
  state: { phase: "play"; news: string };
}
