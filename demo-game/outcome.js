/** The result of the votes on one drawing. */
export const POINTS = { found: 1000, recognised: 500, fooled: 500 };

/**
 * The reveal, step by step: the fibs that worked (the best one last), those that did not (all in one), the truth.
 * `watchers`: how many of the audience chose it, which earns nothing.
 * @returns {({ kind: "fib" | "truth", text: string, author: unknown, voters: unknown[], points: number, watchers: number } |
 *   { kind: "ignored", fibs: { text: string, author: unknown, watchers: number }[] })[]}
 */
export function revealSteps({ options, votes, crowd }) {
  const steps = options.map(({ text, author, isTruth }, index) => {
    const voters = [...votes].filter(([, choice]) => choice === index).map(([voter]) => voter);
    const each = isTruth ? POINTS.recognised : POINTS.fooled;
    return {
      kind: isTruth ? "truth" : "fib",
      text,
      author,
      voters,
      points: author === null ? 0 : each * voters.length,
      watchers: crowd[index] ?? 0,
    };
  });
  const fibs = steps.filter(({ kind }) => kind === "fib");
  const ignored = fibs.filter(({ voters }) => voters.length === 0);
  return [
    ...(ignored.length > 0
      ? [{ kind: "ignored", fibs: ignored.map(({ text, author, watchers }) => ({ text, author, watchers })) }]
      : []),
    ...fibs.filter(({ voters }) => voters.length > 0).sort((a, b) => a.voters.length - b.voters.length),
    ...steps.filter(({ kind }) => kind === "truth"),
  ];
}

/** One player's result for this drawing: points, whether the player found the truth, and the fooled players. */
export function outcomeFor({ artist, options, votes }, id) {
  const choice = votes.has(id) ? options[votes.get(id)] : null;
  const found = choice?.isTruth ?? false;
  const fooled = [...votes].filter(([, index]) => !options[index].isTruth && options[index].author === id).length;
  const recognised = id === artist ? [...votes.values()].filter((index) => options[index].isTruth).length : 0;
  const points = (found ? POINTS.found : 0) + fooled * POINTS.fooled + recognised * POINTS.recognised;
  return { points, found, voted: choice !== null, fooled, recognised, isArtist: id === artist };
}
