import { album } from "./album.js";

/**
 * What the phones are told. What a phone shows is kept for it at the server under two names, its screen and the drawing on show,
 * so a phone that is loaded anew, or that takes another's seat, has both at once.
 */
export class Phones {
  #room;
  #told = new Map();

  /** @param {import("/sdk/couchwire.js").HostRoom} room */
  constructor(room) {
    this.#room = room;
  }

  /** A phone that is asked for its name shall still be asked when it is loaded anew. */
  welcome(id) {
    this.#room.send(id, { type: "welcome" }, { retain: "screen" });
  }

  /** The seconds are for the eye, and no reason to tell a screen again. */
  show(id, screen, seconds) {
    const text = JSON.stringify(screen);
    if (this.#told.get(id) === text) return;
    this.#told.set(id, text);
    this.#room.send(id, { ...screen, seconds }, { retain: "screen" });
  }

  /** What this phone was told may be lost, or what all of them were. */
  forget(id) {
    if (id === undefined) this.#told.clear();
    else this.#told.delete(id);
  }

  /** A drawing for one phone, or for all. */
  showDrawing(image, id) {
    const bytes = album.bytesOf(image);
    if (!bytes) return;
    if (id === undefined) this.#room.broadcast(bytes, { retain: "drawing" });
    else this.#room.send(id, bytes, { retain: "drawing" });
  }

  refuse(id, reason) {
    this.#room.send(id, { type: "refused", reason });
  }

  timeIsUp(turn) {
    this.#room.broadcast({ type: "time-up", turn });
  }
}
