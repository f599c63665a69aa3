/** What the pages of the TV and of the phones both need. */
export const byId = (id) => document.getElementById(id);

/** What a player's answer to this question has earned. Before the reveal there is no right answer, so it is nothing. */
export function gainOf({ answer, round, right }) {
  return answer && answer.round === round && answer.choice === right ? answer.worth : 0;
}
