/** A room at another node that something was to be done in. */

const SENTENCES = {
  gone: "There is no such room.",
  away: "Where this room is cannot be found out now.",
  unanswered: "The node of this room did not answer in time. What was to be done may have been done.",
} as const;

/** `gone`: it has ended. `away`: its node cannot be found out, and nothing was done. `unanswered`: its node did not answer; what was to be done may have been done. */
export class RoomUnreachableError extends Error {
  override readonly name = "RoomUnreachableError";
  readonly why: keyof typeof SENTENCES;

  constructor(why: keyof typeof SENTENCES) {
    super(SENTENCES[why]);
    this.why = why;
  }
}
