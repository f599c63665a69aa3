/** Figures, times and sentences as people read them. */

const WHOLE = new Intl.NumberFormat("en");
const TENTH = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });
const CLOCK = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const DAY = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

export const count = (value) => WHOLE.format(Math.round(value));

/** A rate: small ones with a tenth, so that a quiet room does not look silent. */
export function rate(value) {
  return value > 0 && value < 10 ? TENTH.format(value) : WHOLE.format(Math.round(value));
}

const BYTES = ["B", "KB", "MB", "GB", "TB"];

/** `[figure, unit]`. */
export function bytesParts(value) {
  let index = 0;
  let size = value;
  while (size >= 999.5 && index < BYTES.length - 1) {
    size /= 1_000;
    index += 1;
  }
  return [index > 0 && size < 10 ? TENTH.format(size) : WHOLE.format(Math.round(size)), BYTES[index]];
}

export const bytes = (value) => bytesParts(value).join(" ");

/** How long something has lasted: `3 min`, `2 h 5 min`, `4 d`. */
export function age(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1_000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
  const days = Math.floor(hours / 24);
  return hours % 24 === 0 ? `${days} d` : `${days} d ${hours % 24} h`;
}

export const clockTime = (at) => CLOCK.format(new Date(at));
export const dayTime = (at) => DAY.format(new Date(at));

/** `1 player`, `2 players`. */
export const some = (number, one, many = `${one}s`) => `${count(number)} ${number === 1 ? one : many}`;
