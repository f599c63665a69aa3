/** What the TV's frames tell of its room. */
import type { CborValue } from "../../protocol/cbor-reader.ts";

type Fields = { readonly [key: string]: CborValue };

export class RoomWatch {
  /** Four letters, once phones can join. */
  code: string | undefined;
  /** The game's name, as the host says it. */
  name = "";
  /** The phones' page, where it is on another site. */
  joinUrl: string | undefined;
  readonly players = new Set<number>();
  readonly away = new Set<number>();

  /** Reads what the host says. */
  said(command: Fields): void {
    const { cmd, name, join_url: joinUrl } = command;
    if (cmd !== "prepare" && cmd !== "game") return;
    if (typeof name === "string") this.name = name;
    if (cmd === "prepare" || typeof joinUrl === "string")
      this.joinUrl = typeof joinUrl === "string" ? joinUrl : undefined;
  }

  /** Reads what the server tells the host. */
  heard(event: Fields): void {
    const { cmd, player } = event;
    switch (cmd) {
      case "prepare_reply":
        if (typeof event["key"] === "string") this.code = event["key"];
        return;
      case "state":
        if (typeof event["name"] === "string") this.name = event["name"];
        this.setPlayers(event["players"]);
        return;
      case "state_delta":
        if (typeof event["name"] === "string") this.name = event["name"];
        return;
      case "player_joined":
        this.add([player]);
        return;
      case "player_left":
        this.remove([player]);
        return;
      case "player_away":
        if (typeof player === "number") this.away.add(player);
        return;
      case "player_back":
        if (typeof player === "number") this.away.delete(player);
        return;
      default: // says nothing of the room
    }
  }

  private setPlayers(players: CborValue): void {
    if (!Array.isArray(players)) return;
    this.players.clear();
    this.add(players);
    for (const player of this.away) if (!this.players.has(player)) this.away.delete(player);
  }

  private add(players: CborValue): void {
    for (const player of Array.isArray(players) ? players : [])
      if (typeof player === "number") this.players.add(player);
  }

  private remove(players: CborValue): void {
    for (const player of Array.isArray(players) ? players : []) {
      if (typeof player !== "number") continue;
      this.players.delete(player);
      this.away.delete(player);
    }
  }
}
