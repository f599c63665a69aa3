import { isFace, randomFace } from "../avatar.js";

/**
 * What this phone calls itself, for the next room. In a room it is the SDK's session that makes a reloaded page the same
 * player. `sessionStorage`, so that a second tab on the same phone can be a second player.
 */
const STORE = "scrawlywags";

export function loadMe() {
  let stored = {};
  try {
    stored = JSON.parse(sessionStorage.getItem(STORE) ?? "{}");
  } catch {
    // Storage may be forbidden, or hold something else: then this phone is simply new.
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
    // Without storage everything works but being remembered.
  }
}
