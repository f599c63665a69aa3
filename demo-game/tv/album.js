/**
 * The drawings of the running game, by name. They are too large for a checkpoint at the server, so this page keeps them in its
 * `sessionStorage`. The SDK keeps the secret of the room there too: a reloaded TV that finds its room finds the drawings.
 */
const PREFIX = "scrawlywags:drawing:";
/** Eight drawings of this size, as base64, fit into the five million characters that browsers give a page. */
export const IMAGE_LIMIT = 400_000;
const PNG_SIGNATURE = [0x89, 0x50, 0x4e, 0x47];
/** Every browser takes this many arguments in a call. */
const CHUNK = 8192;

export const isPng = (bytes) =>
  bytes.length <= IMAGE_LIMIT && PNG_SIGNATURE.every((byte, index) => bytes[index] === byte);

const memory = new Map();
const urls = new Map();

export const album = {
  /** @param {string} name @param {Uint8Array} bytes */
  keep(name, bytes) {
    memory.set(name, bytes);
    URL.revokeObjectURL(urls.get(name));
    urls.delete(name);
    try {
      sessionStorage.setItem(PREFIX + name, encode(bytes));
    } catch {
      // No storage: the drawing lasts as long as the page.
    }
  },
  /** `undefined` if there is no such drawing, or it was lost. */
  bytesOf(name) {
    if (!memory.has(name)) {
      const bytes = load(name);
      if (bytes) memory.set(name, bytes);
    }
    return memory.get(name);
  },
  /** The address of the drawing, for `<img>`. */
  urlOf(name) {
    const bytes = this.bytesOf(name);
    if (bytes && !urls.has(name)) urls.set(name, URL.createObjectURL(new Blob([bytes], { type: "image/png" })));
    return urls.get(name);
  },
  clear() {
    memory.clear();
    for (const url of urls.values()) URL.revokeObjectURL(url);
    urls.clear();
    try {
      for (const key of Object.keys(sessionStorage)) if (key.startsWith(PREFIX)) sessionStorage.removeItem(key);
    } catch {
      // No storage, nothing kept.
    }
  },
};

function encode(bytes) {
  let text = "";
  for (let at = 0; at < bytes.length; at += CHUNK) text += String.fromCharCode(...bytes.subarray(at, at + CHUNK));
  return btoa(text);
}

function load(name) {
  try {
    const text = sessionStorage.getItem(PREFIX + name);
    return text === null ? undefined : Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  } catch {
    return undefined;
  }
}
