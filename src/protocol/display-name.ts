/** How long a player's name may be: in what people see, and in bytes. */

/** Characters of a display name, as people count them: more do not fit on a television. */
export const MAX_DISPLAY_NAME_LENGTH = 64;
/** A single character may be made of any number of code points, so there is a limit in bytes of UTF-8 too. It is looked at first. */
export const MAX_DISPLAY_NAME_BYTES = 1_024;

const utf8 = new TextEncoder();

/** What is wrong with the length of a name, as the rest of a sentence; `undefined` where it is fine. */
export function problemOfDisplayName(name: string): string | undefined {
  // UTF-8 never has fewer bytes than UTF-16 has units: a huge name is not even encoded.
  if (name.length > MAX_DISPLAY_NAME_BYTES || utf8.encode(name).length > MAX_DISPLAY_NAME_BYTES) {
    return `may have ${MAX_DISPLAY_NAME_BYTES} bytes of UTF-8, and has more.`;
  }
  if (name.length <= MAX_DISPLAY_NAME_LENGTH) return undefined;
  const characters = countCharacters(name);
  return characters <= MAX_DISPLAY_NAME_LENGTH
    ? undefined
    : `may have ${MAX_DISPLAY_NAME_LENGTH} characters, not ${characters}.`;
}

/** The part of `Intl.Segmenter` that is needed; the types of browsers before 2022 do not have it. */
type SegmenterClass = new () => { segment(text: string): Iterable<unknown> };

/** A family of emoji is one character to people. Browsers without a segmenter count its code points. */
function countCharacters(text: string): number {
  const Segmenter: SegmenterClass | undefined = Reflect.get(Intl, "Segmenter");
  return Array.from<unknown>(Segmenter === undefined ? text : new Segmenter().segment(text)).length;
}
