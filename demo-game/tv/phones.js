import { album } from "./album.js";
import { screenFor } from "./phone-screens.js";

/**
 * What phones are told. The screen of a phone stands in its player's state, so a phone that is loaded again, or takes another phone's seat,
 * has it at once. Drawings are sent, and the server retains the one on show.
 */

/** A player without a name is asked for one. */
const WELCOME = { screen: "welcome" };

/** @param {import("./party.js").Party} party */
export function tellPhones(party) {
  for (const player of party.room.players) {
    const person = party.people.byId(player.id);
    player.state.set("screen", person ? screenFor(party, person) : WELCOME);
  }
}

/** Sends the drawing on show to all phones, or to one that may have missed it. */
export function showDrawing({ room, game }, id) {
  const bytes = game && (game.phase === "title" || game.phase === "vote") && album.bytesOf(game.round.image);
  if (bytes) room.send(id ?? room.players, bytes, { retain: "drawing" });
}
