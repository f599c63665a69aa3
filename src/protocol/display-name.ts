/**
 * The names of players: how long one may be, in what people see and in bytes, and what is taken out of it. Every way in asks `parseDisplayName`: the
 * query of a connection, tokens, bots, and the SDK on both sides.
 */
import { failure, success, type Result } from "./result.ts";

/** Characters of a display name, as people count them: more do not fit on a television. */
export const MAX_DISPLAY_NAME_LENGTH = 64;
/** A single character may be made of any number of code points, so there is a limit in bytes of UTF-8 too. It is looked at first. */
export const MAX_DISPLAY_NAME_BYTES = 1_024;

/** Control characters but for white space, halves of a character, and what turns the direction of the text behind the name as well. */
const TAKEN_OUT = /(?!\s)[\p{Cc}\p{Cs}\u202a-\u202e\u2066-\u2069]/gu;
/** Anything that leaves a mark on a screen. A name of joiners (`DI`: Default_Ignorable_Code_Point) and blank letters alone is none. */
const VISIBLE = /[^\p{DI}\s\p{Cc}\u2800]/u;

const utf8 = new TextEncoder();

/**
 * The name as people are to see it: without control characters and changes of direction, a single space for each run of white space, none at
 * the ends. `undefined` where nothing is left that can be seen. The failure is the rest of a sentence.
 */
export function parseDisplayName(text: string): Result<string | undefined, string> {
  const trimmed = text.trim();
  // UTF-8 never has fewer bytes than UTF-16 has units: a huge name is not even encoded.
  if (trimmed.length > MAX_DISPLAY_NAME_BYTES || utf8.encode(trimmed).length > MAX_DISPLAY_NAME_BYTES) {
    return failure(`may have ${MAX_DISPLAY_NAME_BYTES} bytes of UTF-8, and has more.`);
  }
  const name = trimmed.replace(TAKEN_OUT, "").replace(/\s+/gu, " ").trim();
  const characters = name.length <= MAX_DISPLAY_NAME_LENGTH ? 0 : countCharacters(name);
  if (characters > MAX_DISPLAY_NAME_LENGTH) {
    return failure(`may have ${MAX_DISPLAY_NAME_LENGTH} characters, not ${characters}.`);
  }
  return success(VISIBLE.test(name) ? name : undefined);
}

/** The part of `Intl.Segmenter` that is needed; the types of browsers before 2022 do not have it. */
type SegmenterClass = new () => { segment(text: string): Iterable<unknown> };

/** A family of emoji is one character to people. Browsers without a segmenter count its code points. */
function countCharacters(text: string): number {
  const Segmenter: SegmenterClass | undefined = Reflect.get(Intl, "Segmenter");
  return Array.from<unknown>(Segmenter === undefined ? text : new Segmenter().segment(text)).length;
}
