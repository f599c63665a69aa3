/**
 * The items of a recording (docs/RECORDING.md): a CBOR sequence (RFC 8742) of maps, first a header, then what happened, in order. Their names are those of the
 * wire (docs/PROTOCOL.md), with `t`, the milliseconds since the recording began. No item holds a session, a token, a PIN, a user's id or a rescue link.
 */
import { MAJOR } from "../protocol/cbor-format.ts";
import { CborWriter } from "../protocol/cbor-writer.ts";
import type { PlayerId, Recipients, ToCommand, ToStrCommand } from "../protocol/commands.ts";
import type { RoomEvent } from "../protocol/events.ts";
import type { RoomCommand } from "../room/room.ts";

export const RECORDING_KIND = "recording";
export const RECORDING_VERSION = 1;
/** The media type of a CBOR sequence. */
export const RECORDING_TYPE = "application/cbor-seq";
/** How the names of files with a recording end. */
export const RECORDING_ENDING = ".cwrec";

/** Why a recording ends where it does. */
export type RecordingEnd =
  /** The room is over. */
  | "room_closed"
  /** The server stops; the room may go on elsewhere. */
  | "restarting"
  /** The recording was not read as fast as the room went on. */
  | "slow_reader"
  /** The server's memory is used up. */
  | "memory"
  /** The command that recorded was ended. */
  | "stopped"
  /** The file is as large as it may be. */
  | "limit"
  /** The connection to the server was lost. */
  | "lost";

/** What is known of the room when the recording begins. */
export interface RecordingHeader {
  /** The room's code. */
  readonly room: string;
  /** The game's name. */
  readonly game: string;
  /** When it began, ISO 8601. */
  readonly at: string;
  readonly maxPlayers: number;
  readonly isLocked: boolean;
  /** What the host wants known about the room, as JSON; `undefined` where that is nothing. */
  readonly meta: string | undefined;
  /** Those who have a seat already, in joining order. */
  readonly players: readonly {
    readonly player: PlayerId;
    readonly name: string | undefined;
    readonly isAway: boolean;
  }[];
}

/** Writes items, each in bytes of its own. */
export class RecordingWriter {
  readonly #writer = new CborWriter();

  header({ room, game, at, maxPlayers, isLocked, meta, players }: RecordingHeader): Uint8Array<ArrayBuffer> {
    return this.#item({
      couchwire: RECORDING_KIND,
      version: RECORDING_VERSION,
      at,
      room,
      game,
      max_players: maxPlayers,
      locked: isLocked,
      meta: meta === undefined ? undefined : JSON.parse(meta),
      players: players.map(({ player, name, isAway }) => ({ player, name, away: isAway ? true : undefined })),
    });
  }

  /** An event of the room; `undefined` for one that a recording leaves out. */
  event(t: number, event: RoomEvent): Uint8Array<ArrayBuffer> | undefined {
    switch (event.cmd) {
      case "player_joined": {
        const { cmd, player, name } = event;
        return this.#item({ t, cmd, player, name });
      }
      case "player_left":
      case "player_away":
      case "player_back":
      case "gap":
        return this.#item({ t, ...event });
      case "state":
      case "state_delta":
      case "prepare_reply":
      case "restore":
      case "health":
      case "rescue_reply":
      case "guessing":
      case "audience":
      case "error":
        return undefined;
      default:
        return event satisfies never;
    }
  }

  /** What a player said. */
  from(t: number, player: PlayerId, data: Uint8Array, isText: boolean): Uint8Array<ArrayBuffer> {
    const writer = this.#writer;
    this.#begin(t, isText ? "from_str" : "from", 2);
    writer.text("from");
    writer.head(MAJOR.unsigned, player);
    this.#data(data, isText);
    return writer.takeOwn();
  }

  /** A command of the host; `undefined` for one that a recording leaves out. */
  command(t: number, command: RoomCommand): Uint8Array<ArrayBuffer> | undefined {
    switch (command.cmd) {
      case "to":
      case "to_str":
        return this.#to(t, command, command.cmd === "to_str");
      case "start":
      case "open":
      case "kick":
      case "game":
        return this.#item({ t, ...command });
      case "prepare":
      case "health":
      case "rescue":
      case "publish":
      case "to_audience":
      case "to_audience_str":
      case "poll":
      case "stop":
        return undefined;
      default:
        return command satisfies never;
    }
  }

  /** What a page of this player that starts from nothing would be given when the recording begins. */
  kept(player: PlayerId, data: Uint8Array, isText: boolean): Uint8Array<ArrayBuffer> {
    const writer = this.#writer;
    this.#begin(0, isText ? "to_str" : "to", 3);
    this.#recipients([player]);
    this.#data(data, isText);
    writer.text("kept");
    writer.value(true);
    return writer.takeOwn();
  }

  hostAway(t: number): Uint8Array<ArrayBuffer> {
    return this.#item({ t, cmd: "host_away" });
  }

  hostBack(t: number, missed: number): Uint8Array<ArrayBuffer> {
    return this.#item({ t, cmd: "host_back", missed });
  }

  /** Nothing has happened up to here. */
  tick(t: number): Uint8Array<ArrayBuffer> {
    return this.#item({ t, cmd: "tick" });
  }

  /** The last item. */
  end(t: number, why: RecordingEnd): Uint8Array<ArrayBuffer> {
    return this.#item({ t, cmd: "end", why });
  }

  #to(t: number, command: ToCommand | ToStrCommand, isText: boolean): Uint8Array<ArrayBuffer> {
    const writer = this.#writer;
    const { to, except, data, volatile, ttl, retain, append, silent } = command;
    const terms = Object.entries({ except, volatile, ttl, retain, append, silent }).filter(
      ([, value]) => value !== undefined && value !== false,
    );
    this.#begin(t, command.cmd, 2 + terms.length);
    this.#recipients(to);
    this.#data(data, isText);
    for (const [name, value] of terms) {
      writer.text(name);
      writer.value(value);
    }
    return writer.takeOwn();
  }

  /** Empty for everybody, as on the wire. A list that is empty on the wire after its holes were skipped is `[0]`: no player has the id 0. */
  #recipients(to: Recipients): void {
    this.#writer.text("to");
    this.#writer.value(to === "everybody" ? [] : to.length === 0 ? [0] : to);
  }

  #data(data: Uint8Array, isText: boolean): void {
    const writer = this.#writer;
    writer.text("data");
    writer.head(isText ? MAJOR.text : MAJOR.bytes, data.length);
    writer.append(data);
  }

  /** Of an item with so many fields more. */
  #begin(t: number, cmd: string, fields: number): void {
    const writer = this.#writer;
    writer.head(MAJOR.map, 2 + fields);
    writer.text("t");
    writer.value(t);
    writer.text("cmd");
    writer.text(cmd);
  }

  #item(value: object): Uint8Array<ArrayBuffer> {
    this.#writer.value(value);
    return this.#writer.takeOwn();
  }
}
