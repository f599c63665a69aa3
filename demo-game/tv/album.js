/**
 * The drawings of the game that is on, by name. A checkpoint at the server is small, so they are no part of it: they are
 * kept in this page's `sessionStorage`, where the SDK keeps the secret of the room too. So whenever a loaded TV finds its
 * room it finds the drawings, it needs no phone to be in reach for that, and there is nothing to wait for.
 */
const PREFIX = "scrawlywags:drawing:";
/** Eight of these as base64 are less than the five million characters that browsers grant a page. */
export const IMAGE_LIMIT = 400_000;
const PNG_SIGNATURE = [0x89, 0x50, 0x4e, 0x47];
/** As many bytes as a function takes arguments everywhere. */
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
  /** `undefined` where there is no such drawing, or none any more. */
  bytesOf(name) {
    if (!memory.has(name)) {
      const bytes = load(name);
      if (bytes) memory.set(name, bytes);
    }
    return memory.get(name);
  },
  /** The drawing's address, for `<img>`. */
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
