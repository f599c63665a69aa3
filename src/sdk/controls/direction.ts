/** Where a stick points: −1 to 1 each way, `y` down positive, as on screens. */

export interface StickPosition {
  readonly x: number;
  readonly y: number;
}

export const CENTER: StickPosition = { x: 0, y: 0 };

const KEY_SETS = {
  arrows: { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] },
  wasd: { KeyW: [0, -1], KeyS: [0, 1], KeyA: [-1, 0], KeyD: [1, 0] },
} as const satisfies Record<string, Record<string, readonly [number, number]>>;

/** The keys that an attribute `keys` names: `arrows`, `wasd`, both, or `none`. */
export function directionKeys(names: string): ReadonlyMap<string, readonly [number, number]> {
  const keys = new Map<string, readonly [number, number]>();
  for (const [name, set] of Object.entries(KEY_SETS)) {
    if (!names.includes(name)) continue;
    for (const [code, step] of Object.entries(set)) keys.set(code, step);
  }
  return keys;
}

/** What the keys that are down add up to: −1, 0 or 1 each way. */
export function sumOf(steps: Iterable<readonly [number, number]>): StickPosition {
  let x = 0;
  let y = 0;
  for (const [dx, dy] of steps) {
    x += dx;
    y += dy;
  }
  return { x: Math.sign(x), y: Math.sign(y) };
}

/**
 * A stick of this deflection: not longer than 1, nothing within the dead zone, from which it grows without a jump. Three decimals are
 * finer than a thumb.
 */
export function deflect(x: number, y: number, deadZone: number): StickPosition {
  const length = Math.hypot(x, y);
  if (!(length > deadZone)) return CENTER;
  const scale = (Math.min(1, length) - deadZone) / (1 - deadZone) / length;
  return { x: round(x * scale), y: round(y * scale) };
}

export function isSame(one: StickPosition, other: StickPosition): boolean {
  return one.x === other.x && one.y === other.y;
}

/** Never −0, which JSON does not have. */
function round(value: number): number {
  return Math.round(value * 1_000) / 1_000 + 0;
}
