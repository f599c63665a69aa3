/** Room codes as people read, say and type them: four capitals, none of which is mistaken for another. */

/**
 * No vowels and no Y (so no words); no I, L, O, Q (read as 1 or 0); no U, V (read as each other, and two of them
 * as W). Seventeen letters make 83,521 codes.
 */
export const ROOM_CODE_ALPHABET = "BCDFGHJKMNPRSTWXZ";

/** Letters in a room code. */
export const ROOM_CODE_LENGTH = 4;

/** What is left of offensive words once their vowels are gone, and abbreviations that do not belong on a television. */
const OFFENSIVE_FRAGMENTS = [
  "BTCH",
  "CCK",
  "CMS",
  "CNT",
  "DCK",
  "FCK",
  "FGG",
  "FGT",
  "FKK",
  "HH",
  "JZZ",
  "KKK",
  "KNT",
  "KZ",
  "MFKR",
  "NGG",
  "NGR",
  "NSDP",
  "NZ",
  "PNS",
  "PRN",
  "PSS",
  "RTRD",
  "SCK",
  "SHT",
  "SS",
  "TRD",
  "TTS",
  "TWT",
  "WNK",
  "WTF",
  "XX",
] as const;

export function isOffensive(code: string): boolean {
  return OFFENSIVE_FRAGMENTS.some((fragment) => code.includes(fragment));
}

const DRAWN_CODE = /* @__PURE__ */ new RegExp(`^[${ROOM_CODE_ALPHABET}]{${ROOM_CODE_LENGTH}}$`);

/** Whether the code, in upper case, has only letters that the server draws codes from. */
export function isDrawnCode(code: string): boolean {
  return DRAWN_CODE.test(code);
}

/**
 * The code in one path segment or input field, or `undefined`. Any four letters are a code, in either case
 * (P1.2): whether there is such a room is another question.
 */
export function parseRoomCode(text: string): string | undefined {
  return /^[A-Za-z]{4}$/.test(text) ? text.toUpperCase() : undefined;
}
