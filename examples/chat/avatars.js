/** The pictures, drawn for this chat: each avatar is a face in a square of 48. */
const eyes = (y = 23, color = "#22201e", apart = 7.5) =>
  `<circle cx="${24 - apart}" cy="${y}" r="2.6" fill="${color}"/><circle cx="${24 + apart}" cy="${y}" r="2.6" fill="${color}"/>`;

export const AVATARS = {
  fox: `<rect width="48" height="48" fill="#2d4a3e"/><path d="M8 8l11 8h10l11-8v17c0 9-7 16-16 16s-16-7-16-16z" fill="#e8833a"/><path d="M8 25c6 0 12 3 16 10 4-7 10-10 16-10-1 9-7 16-16 16s-15-7-16-16z" fill="#fff3e4"/><circle cx="24" cy="35" r="2.8" fill="#22201e"/>${eyes(23)}`,
  cat: `<rect width="48" height="48" fill="#5b3f78"/><path d="M9 9l9 7h12l9-7v16c0 9-6 15-15 15s-15-6-15-15z" fill="#3b3a44"/><circle cx="16.5" cy="24" r="4.6" fill="#d9e86b"/><circle cx="31.5" cy="24" r="4.6" fill="#d9e86b"/><path d="M16.5 20.5v7M31.5 20.5v7" stroke="#22201e" stroke-width="2.2"/><path d="M22 31h4l-2 2.6z" fill="#f2a0ac"/><path d="M24 33.6v2M24 35.6c-1.5 2-4 2-5 .5M24 35.6c1.5 2 4 2 5 .5" fill="none" stroke="#f2a0ac" stroke-width="1.3" stroke-linecap="round"/>`,
  bear: `<rect width="48" height="48" fill="#d9a441"/><circle cx="12" cy="13" r="6" fill="#7a4b2a"/><circle cx="36" cy="13" r="6" fill="#7a4b2a"/><circle cx="24" cy="26" r="16" fill="#8f5a34"/><ellipse cx="24" cy="32" rx="8" ry="6.5" fill="#e7c6a0"/><ellipse cx="24" cy="29.5" rx="3" ry="2.2" fill="#22201e"/><path d="M20.5 34.5c2 2 5 2 7 0" fill="none" stroke="#22201e" stroke-width="1.6" stroke-linecap="round"/>${eyes(22)}`,
  frog: `<rect width="48" height="48" fill="#b7dff0"/><circle cx="14" cy="15" r="7" fill="#4f9d4a"/><circle cx="34" cy="15" r="7" fill="#4f9d4a"/><ellipse cx="24" cy="28" rx="17" ry="13" fill="#5cb356"/><circle cx="14" cy="15" r="4.4" fill="#fff"/><circle cx="34" cy="15" r="4.4" fill="#fff"/><circle cx="14" cy="15.5" r="2.2" fill="#22201e"/><circle cx="34" cy="15.5" r="2.2" fill="#22201e"/><path d="M13 29c6 7 16 7 22 0" fill="none" stroke="#24502a" stroke-width="2.2" stroke-linecap="round"/>`,
  owl: `<rect width="48" height="48" fill="#24345c"/><path d="M9 9l7 4h16l7-4v18c0 8-7 14-15 14s-15-6-15-14z" fill="#a4734b"/><circle cx="17" cy="22" r="7.4" fill="#f6e7c8"/><circle cx="31" cy="22" r="7.4" fill="#f6e7c8"/><circle cx="17" cy="22" r="3.4" fill="#22201e"/><circle cx="31" cy="22" r="3.4" fill="#22201e"/><path d="M21.5 27.5h5l-2.5 5z" fill="#f0a63a"/>`,
  robot: `<rect width="48" height="48" fill="#e2674a"/><path d="M24 6v6" stroke="#e8edf0" stroke-width="2.4"/><circle cx="24" cy="6" r="2.6" fill="#ffd166"/><rect x="9" y="12" width="30" height="26" rx="5" fill="#c3d0d6"/><rect x="13" y="18" width="22" height="9" rx="4.5" fill="#22343c"/><circle cx="18.5" cy="22.5" r="2.4" fill="#6ff0d8"/><circle cx="29.5" cy="22.5" r="2.4" fill="#6ff0d8"/><path d="M16 32.5h16" stroke="#22343c" stroke-width="2.4" stroke-dasharray="2.6 1.8"/>`,
  ghost: `<rect width="48" height="48" fill="#7d5fb8"/><path d="M9 24c0-9 6.5-15 15-15s15 6 15 15v16l-5-4-5 4-5-4-5 4-5-4-5 4z" fill="#f4f1fb"/>${eyes(22, "#3a2a5c", 6)}<ellipse cx="24" cy="29.5" rx="3" ry="3.6" fill="#3a2a5c"/>`,
  alien: `<rect width="48" height="48" fill="#14313a"/><path d="M24 7c10 0 16 6.5 16 14.5 0 9.5-9 19.5-16 19.5s-16-10-16-19.5c0-8 6-14.5 16-14.5z" fill="#8fe08a"/><ellipse cx="16.5" cy="23" rx="3.6" ry="5.6" transform="rotate(-28 16.5 23)" fill="#14313a"/><ellipse cx="31.5" cy="23" rx="3.6" ry="5.6" transform="rotate(28 31.5 23)" fill="#14313a"/><path d="M20.5 34c2 1.5 5 1.5 7 0" fill="none" stroke="#2c6b3a" stroke-width="1.8" stroke-linecap="round"/>`,
};

/** @param {string} name */
export function avatarSvg(name) {
  return `<svg class="avatar" viewBox="0 0 48 48" aria-hidden="true">${AVATARS[name] || AVATARS.ghost}</svg>`;
}

/** Which of the nine places of a die have a pip. */
const PIPS = ["", "4", "08", "048", "0268", "02468", "023568"];

/** A die with one of its six faces up. @param {number} face */
export function dieSvg(face) {
  const pips = PIPS[face].split("").map((place) => {
    const [column, row] = [Number(place) % 3, Math.floor(Number(place) / 3)];
    return `<circle cx="${12 + 12 * column}" cy="${12 + 12 * row}" r="4"/>`;
  });
  return `<svg class="die" viewBox="0 0 48 48" role="img" aria-label="${face}"><rect x="2" y="2" width="44" height="44" rx="9"/>${pips.join("")}</svg>`;
}
