/** How a phone is held, out of what its sensor says. */

/** In degrees. */
export interface Pose {
  /** To the right. */
  readonly roll: number;
  /** Towards the player: 0 lies flat, 90 stands upright. */
  readonly pitch: number;
}

/**
 * `beta` and `gamma` as a `deviceorientation` event has them, `angle` by which the screen is turned. They say where down is, and only
 * that is used: near upright, the two angles themselves jump.
 */
export function tiltOf(beta: number, gamma: number, angle: number): Pose {
  const x = Math.cos(radians(beta)) * Math.sin(radians(gamma));
  const y = -Math.sin(radians(beta));
  const z = -Math.cos(radians(beta)) * Math.cos(radians(gamma));
  // From the device's own axes to those of its screen.
  const right = x * Math.cos(radians(angle)) - y * Math.sin(radians(angle));
  const top = x * Math.sin(radians(angle)) + y * Math.cos(radians(angle));
  return { roll: degrees(Math.asin(Math.min(1, Math.max(-1, right)))), pitch: degrees(Math.atan2(-top, -z)) };
}

/** How far the pose has gone from the middle: right and towards the player are positive, each from −180 to 180 degrees. */
export function tiltBetween(middle: Pose, pose: Pose): { readonly x: number; readonly y: number } {
  return { x: turn(pose.roll - middle.roll), y: turn(pose.pitch - middle.pitch) };
}

function turn(by: number): number {
  return ((((by + 180) % 360) + 360) % 360) - 180;
}

function radians(angle: number): number {
  return (angle * Math.PI) / 180;
}

function degrees(angle: number): number {
  return (angle * 180) / Math.PI;
}
