/** What is on the paper but not handed in yet, so that a reload in the midst of drawing costs not a stroke. */
const STORE = "scrawlywags:strokes";

/** The strokes that were drawn for this prompt. */
export function loadStrokes(prompt) {
  try {
    const stored = JSON.parse(sessionStorage.getItem(STORE) ?? "{}");
    return stored.prompt === prompt && Array.isArray(stored.strokes) ? stored.strokes : [];
  } catch {
    return []; // no storage: the page has forgotten, as pages do
  }
}

export function saveStrokes(prompt, strokes) {
  try {
    sessionStorage.setItem(STORE, JSON.stringify({ prompt, strokes }));
  } catch {
    // No storage, or it is full: the drawing lasts as long as the page.
  }
}
