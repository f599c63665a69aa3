import { isFace, randomFace } from "../avatar.js";

/**
 * Who this phone is. The key is a secret that only this page and the TV know: with it a reloaded page gets its name,
 * face and score back. `sessionStorage`, so that a second tab on the same phone can be a second player.
 */
const STORE = "scrawlywags";

/** 32 hexadecimal digits. (`crypto.randomUUID` is missing on plain-http pages, which is what a living room has.) */
function newKey() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

export function loadMe() {
  let stored = {};
  try {
    stored = JSON.parse(sessionStorage.getItem(STORE) ?? "{}");
  } catch {
    // Storage may be forbidden, or hold something else: then this phone is simply new.
  }
  const me = {
    key: typeof stored.key === "string" ? stored.key : newKey(),
    name: typeof stored.name === "string" ? stored.name : "",
    face: isFace(stored.face) ? stored.face : randomFace(),
  };
  saveMe(me);
  return me;
}

export function saveMe(me) {
  try {
    sessionStorage.setItem(STORE, JSON.stringify(me));
  } catch {
    // Without storage everything works but the reload.
  }
}
