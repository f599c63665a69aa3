/** The server's events in CBOR, written so that strict readers take them as well, such as just-party's (WMBP K5). */
import { MAJOR, SIMPLE } from "../protocol/cbor-format.ts";
import { encodeCbor, writtenCbor } from "../protocol/cbor-writer.ts";
import type { PlayerId } from "../protocol/commands.ts";
import type { RoomEvent, StateEvent } from "../protocol/events.ts";

/**
 * One event as one CBOR item. The events of opening a room, of joins and of leaves are written field by field, which takes a third of the
 * general writer's time.
 */
export function encodeEvent(event: RoomEvent): Uint8Array {
  switch (event.cmd) {
    case "state":
      return event.delta === undefined && event.audience === undefined && event.waiting === undefined
        ? stateItem(event)
        : anyItem(event);
    case "player_joined":
      return event.name === undefined && event.user === undefined
        ? playerItem(PLAYER_JOINED, event.player)
        : anyItem(event);
    case "player_left":
      return playerItem(PLAYER_LEFT, event.player);
    case "prepare_reply":
      return keyItem(event.key);
    default:
      return anyItem(event);
  }
}

/** The beginning of a map with so many fields: `cmd`, its value, and the key of the second field. */
export function mapStart(fields: number, cmd: string, second: string): Uint8Array {
  const start = writtenCbor((writer) => {
    writer.head(MAJOR.map, fields);
    for (const text of ["cmd", cmd, second]) writer.text(text);
  });
  return start.slice();
}

const STATE = mapStart(5, "state", "name");
const PLAYERS = encodeCbor("players");
const MAX_PLAYERS = encodeCbor("max_players");
const ACCEPT_CONNS = encodeCbor("accept_conns");
const PLAYER_JOINED = mapStart(2, "player_joined", "player");
const PLAYER_LEFT = mapStart(2, "player_left", "player");
const PREPARE_REPLY = mapStart(2, "prepare_reply", "key");

function stateItem({ name, players, max_players, accept_conns }: StateEvent): Uint8Array {
  return writtenCbor((writer) => {
    writer.append(STATE);
    writer.text(name);
    writer.append(PLAYERS);
    writer.head(MAJOR.array, players.length);
    for (const player of players) writer.head(MAJOR.unsigned, player);
    writer.append(MAX_PLAYERS);
    writer.head(MAJOR.unsigned, max_players);
    writer.append(ACCEPT_CONNS);
    writer.head(MAJOR.simple, accept_conns ? SIMPLE.true : SIMPLE.false);
  });
}

function anyItem(event: RoomEvent): Uint8Array {
  return writtenCbor((writer) => writer.value(event));
}

function keyItem(key: string): Uint8Array {
  return writtenCbor((writer) => {
    writer.append(PREPARE_REPLY);
    writer.text(key);
  });
}

function playerItem(start: Uint8Array, player: PlayerId): Uint8Array {
  return writtenCbor((writer) => {
    writer.append(start);
    writer.head(MAJOR.unsigned, player);
  });
}
