/** A room at another node that something was to be done in. */

/** `gone`: it has ended. `away`: its node did not answer; what was to be done may have been done. */
export class RoomUnreachableError extends Error {
  override readonly name = "RoomUnreachableError";
  readonly why: "gone" | "away";

  constructor(why: "gone" | "away") {
    super(why === "gone" ? "There is no such room." : NO_ANSWER);
    this.why = why;
  }
}

const NO_ANSWER = "The node of this room did not answer in time. What was to be done may have been done.";
