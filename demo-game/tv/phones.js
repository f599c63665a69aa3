import { album } from "./album.js";
import { screenFor } from "./phone-screens.js";

/**
 * Sends the phones their screens. The server retains two frames for each phone, its screen and the drawing on show, so a phone
 * that is reloaded, or takes another phone's seat, has both at once.
 */
export class Phones {
  #room;
  #told = new Map();

  /** @param {import("/sdk/couchwire.js").HostRoom} room */
  constructor(room) {
    this.#room = room;
  }

  /** Asks a phone for its name. The frame is retained, so a reloaded phone is asked too. */
  welcome(id) {
    this.#room.send(id, { type: "welcome" }, { retain: "screen" });
  }

  /**
   * Sends every phone its screen if it changed. The seconds alone are no change.
   * @param {import("./party.js").Party} party
   */
  tell(party) {
    const seconds = Math.ceil(party.clock.secondsLeft);
    for (const person of party.people.seated) {
      const screen = screenFor(party, person);
      const text = JSON.stringify(screen);
      if (this.#told.get(person.id) === text) continue;
      this.#told.set(person.id, text);
      this.#room.send(person.id, { ...screen, seconds }, { retain: "screen" });
    }
  }

  /** Sends everything again to this player, or to all: frames were lost, or the phone begins from nothing. */
  tellAnew(party, id) {
    this.forget(id);
    const { game } = party;
    if (game?.phase === "title" || game?.phase === "vote") this.showDrawing(game.round.image, id);
    this.tell(party);
  }

  /** Forgets what this phone, or all phones, were sent: it may be lost. */
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
