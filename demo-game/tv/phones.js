import { album } from "./album.js";
import { screenFor } from "./phone-screens.js";

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

  /**
   * Tells every phone its screen, where that is another than it was told last. The seconds are for the eye, and no reason to
   * tell it again.
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

  /** Something was lost on the way to this player, or to everybody; or a phone has begun from nothing. */
  tellAnew(party, id) {
    this.forget(id);
    const { game } = party;
    if (game?.phase === "title" || game?.phase === "vote") this.showDrawing(game.round.image, id);
    this.tell(party);
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
