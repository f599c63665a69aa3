import { isFace, randomFace } from "../avatar.js";

/**
 * Name and face of this phone, kept for the next room. (In a room, the SDK's session makes a reloaded page the same
 * player.) They are in `sessionStorage`, so a second tab on the same phone can be a second player.
 */
const STORE = "scrawlywags";

export function loadMe() {
  let stored = {};
  try {
    stored = JSON.parse(sessionStorage.getItem(STORE) ?? "{}");
  } catch {
    // Storage is forbidden or holds something else: the phone is asked for a name.
  }
  return {
    name: typeof stored.name === "string" ? stored.name : "",
    face: isFace(stored.face) ? stored.face : randomFace(),
  };
}

export function saveMe(me) {
  try {
    sessionStorage.setItem(STORE, JSON.stringify(me));
  } catch {
    // No storage: the page asks again after a reload.
  }
}
