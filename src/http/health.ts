/** What `GET /healthz` tells of a server, and of several processes behind one port. */

/** Counts, some of them in a group; `memory` is in bytes. */
export type Health = Readonly<Record<string, number | Readonly<Record<string, number>>>>;

/** The sum of what several processes tell. What is no health counts as none. */
export function sumOfHealth(own: Health, others: readonly unknown[]): Health {
  return Object.fromEntries(
    Object.entries(own).map(([name, value]) => {
      const theirs = others.map((health) => fieldOf(health, name));
      return [name, typeof value === "number" ? sum(value, theirs) : sumsOf(value, theirs)];
    }),
  );
}

function sumsOf(own: Readonly<Record<string, number>>, others: readonly unknown[]): Readonly<Record<string, number>> {
  const entries = Object.entries(own).map(([name, value]): [string, number] => [
    name,
    sum(
      value,
      others.map((group) => fieldOf(group, name)),
    ),
  ]);
  return Object.fromEntries(entries);
}

function sum(own: number, others: readonly unknown[]): number {
  return others.reduce<number>((total, value) => total + (typeof value === "number" ? value : 0), own);
}

function fieldOf(group: unknown, name: string): unknown {
  return typeof group === "object" && group !== null
    ? new Map<string, unknown>(Object.entries(group)).get(name)
    : undefined;
}
