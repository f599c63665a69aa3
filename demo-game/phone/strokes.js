/** Keeps the strokes of a drawing that is not handed in yet, so a reload loses none. */
const STORE = "scrawlywags:strokes";

/** The strokes that were drawn for this prompt. */
export function loadStrokes(prompt) {
  try {
    const stored = JSON.parse(sessionStorage.getItem(STORE) ?? "{}");
    return stored.prompt === prompt && Array.isArray(stored.strokes) ? stored.strokes : [];
  } catch {
    return []; // no storage: nothing was kept
  }
}

export function saveStrokes(prompt, strokes) {
  try {
    sessionStorage.setItem(STORE, JSON.stringify({ prompt, strokes }));
  } catch {
    // No storage, or it is full: the drawing lasts as long as the page.
  }
}
