/** Wrong tries by network that the nodes of a cluster count together: a guesser that spreads over nodes has one limit. */

/** Counts tries here, and those that other nodes tell of. */
export interface SharedTries {
  /** Calls `tell` with the address of each try that is counted here. Past a network's limit its tries are not told: a guesser cannot flood the other nodes. */
  onCounted(tell: (address: string) => void): void;
  /** Counts so many tries at another node, in a time that does not grow with them. */
  countFromElsewhere(address: string, tries: number): void;
}
