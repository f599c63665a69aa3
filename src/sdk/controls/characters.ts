/** Texts as people count them: a family of emoji is one character. */

/** The part of `Intl.Segmenter` that is needed; the types of browsers before 2022 do not have it. */
type SegmenterClass = new () => { segment(text: string): Iterable<{ readonly segment: string }> };

/** Browsers without a segmenter count code points. */
export function charactersOf(text: string): string[] {
  const Segmenter: SegmenterClass | undefined = Reflect.get(Intl, "Segmenter");
  if (Segmenter === undefined) return Array.from(text);
  return Array.from(new Segmenter().segment(text), ({ segment }) => segment);
}
