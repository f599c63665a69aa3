/** What people cheer with, each drawn in a square of 48. */
const SHAPES = {
  heart: `<path d="M24 42c-13-9-18-16-18-23 0-6 4-10 9-10 4 0 7 2 9 6 2-4 5-6 9-6 5 0 9 4 9 10 0 7-5 14-18 23z" fill="#ff5d7d"/>`,
  star: `<path d="M24 4l6 13 14 2-10 10 2 14-12-7-12 7 2-14-10-10 14-2z" fill="#ffd23f"/>`,
  flame: `<path d="M25 3c2 9 12 13 12 25 0 9-6 16-13 16s-13-6-13-15c0-6 3-9 5-14 2 3 3 5 4 7 4-5 6-11 5-19z" fill="#ff8a3d"/><path d="M24 25c1 5 6 7 6 12 0 4-3 7-6 7s-6-3-6-7c0-4 4-6 6-12z" fill="#ffe08a"/>`,
  flower: `<g fill="#c59bff"><circle cx="24" cy="12" r="9"/><circle cx="35" cy="20" r="9"/><circle cx="31" cy="33" r="9"/><circle cx="17" cy="33" r="9"/><circle cx="13" cy="20" r="9"/></g><circle cx="24" cy="24" r="7" fill="#ffe08a"/>`,
  crown: `<path d="M5 14l10 9 9-15 9 15 10-9-4 24h-30z" fill="#ffd23f"/><path d="M9 38h30v4h-30z" fill="#e8a317"/><circle cx="24" cy="30" r="3" fill="#ff5d7d"/>`,
  balloon: `<path d="M24 33c1 5-2 7 0 12" fill="none" stroke="#fff6ea" stroke-width="2"/><path d="M24 3c9 0 15 6 15 14 0 9-8 17-15 17s-15-8-15-17c0-8 6-14 15-14z" fill="#4fc3e8"/><path d="M16 11c1-2 3-3 5-3" fill="none" stroke="#fff" stroke-width="3" stroke-linecap="round"/>`,
};

export const REACTIONS = Object.keys(SHAPES);

/** @param {string} name one of `REACTIONS` */
export function reactionSvg(name) {
  return `<svg viewBox="0 0 48 48" aria-hidden="true">${SHAPES[name]}</svg>`;
}
