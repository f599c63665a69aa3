/** "Did you mean …?" for names that people mistype. */

/** The known name that is nearest to what was written, or `undefined` where none is near enough to be worth asking. */
export function nearestName(written: string, known: readonly string[]): string | undefined {
  const distances = known.map((name) => ({ name, distance: editDistance(written.toLowerCase(), name.toLowerCase()) }));
  const nearest = distances.reduce<(typeof distances)[number] | undefined>(
    (best, candidate) => (best === undefined || candidate.distance < best.distance ? candidate : best),
    undefined,
  );
  if (nearest === undefined) return undefined;
  // A third of the name may be wrong: enough for a typo and a forgotten word's ending, too little for another option.
  return nearest.distance <= Math.max(1, Math.floor(nearest.name.length / 3)) ? nearest.name : undefined;
}

/** How many letters have to be put in, taken out, replaced, or swapped with their neighbour (optimal string alignment). */
function editDistance(from: string, to: string): number {
  let beforePrevious: readonly number[] = [];
  let previous = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const replaced = (previous[column - 1] ?? 0) + (from[row - 1] === to[column - 1] ? 0 : 1);
      const removed = (previous[column] ?? 0) + 1;
      const inserted = (current[column - 1] ?? 0) + 1;
      const isSwap = from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      const swapped = isSwap ? (beforePrevious[column - 2] ?? Infinity) + 1 : Infinity;
      current.push(Math.min(replaced, removed, inserted, swapped));
    }
    beforePrevious = previous;
    previous = current;
  }
  return previous[to.length] ?? 0;
}
