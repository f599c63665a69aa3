/** A clock that all processes of this machine share, for frames that leave in one of them and arrive in another. */

const originUs = Number(process.hrtime.bigint() / 1000n) - performance.now() * 1000;

/** Microseconds, which begin again at `times`. @param {{ times: number }} kind of a payload @returns {() => number} */
export const sharedClock =
  ({ times }) =>
  () =>
    Math.floor(originUs + performance.now() * 1000) % times;
