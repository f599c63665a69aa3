/**
 * What the server keeps of a game for a TV that is loaded again: the game's own value (P5.3.6) and the states' keys (P5.9.8), and which frames of the
 * players are part of that (P5.5.10).
 */
import { areOfVersion, checkpointOf, VERSION_KEY, type GameVersion } from "./checkpoint.ts";
import type { WireCommand } from "./host-wire.ts";
import type { JsonChanges } from "./state/state-changes.ts";

export interface CheckpointSaverPort {
  /** Whether the connection is up. */
  isUp(): boolean;
  /** The number of the last frame of which the game was told. */
  told(): number;
  /** Saves and sends what has changed in the states. */
  endTurn(): void;
  /** Sends a command at once, whatever waits. */
  tell(command: WireCommand): void;
}

/** After so much the server is told what the states include, so that it does not keep more for a page that is loaded again. */
const PIN_AFTER_FRAMES = 256;
const PIN_AFTER_BYTES = 262_144;

export class CheckpointSaver {
  readonly #version: GameVersion;
  readonly #port: CheckpointSaverPort;
  /** The game keeps checkpoints of its own: they alone say which frames of players they include. */
  #hasSaved = false;
  /** The newest checkpoint. */
  #latest: (WireCommand & { readonly cmd: "save" }) | undefined;
  /** It was made while the connection was down. */
  #isUnsaved = false;
  /** Frames, and bytes of them, that came since the server was last told which are part of what is kept. */
  #unpinnedFrames = 0;
  #unpinnedBytes = 0;

  constructor(version: GameVersion, port: CheckpointSaverPort) {
    this.#version = version;
    this.#port = port;
  }

  /** The server's checkpoint of the game, or none, is what the page begins with. */
  begin(hasSaved: boolean): void {
    this.#hasSaved = hasSaved;
    this.#latest = undefined;
    this.#isUnsaved = false;
    this.#noteAsPinned();
  }

  /** Keeps the game's own value, with the states of this moment. While the connection is down, the newest waits. */
  save(players: readonly unknown[], value: unknown): void {
    this.#hasSaved = true;
    this.#port.endTurn();
    const data = checkpointOf(players, value, this.#version);
    const command = { cmd: "save", data, received: this.#port.told() } as const;
    this.#latest = command;
    this.#isUnsaved = !this.#port.isUp();
    if (!this.#isUnsaved) this.#port.tell(command);
  }

  /**
   * The connection is up: what waited is the caller's to send, where the room is still the same. `isAnew`: the server counts anew, and what it has may be
   * older; what the checkpoint includes came before.
   */
  takeUnsaved(isAnew?: boolean): WireCommand | undefined {
    const latest = this.#latest;
    const isUnsaved = this.#isUnsaved;
    this.#isUnsaved = false;
    if (isAnew === true) return latest && { ...latest, received: 0 };
    return isUnsaved ? latest : undefined;
  }

  /** Keeps keys of the states. `isGames`: the game's own are among what is kept, so it is a checkpoint of the game. */
  saveKeys(changes: JsonChanges, isGames: boolean): void {
    const isPin = isGames && !this.#hasSaved;
    const keys = Object.fromEntries(changes);
    this.#port.tell({ cmd: "save", keys, ...(isPin && { received: this.#port.told() }) });
    if (isPin) this.#noteAsPinned();
  }

  /** A frame came. The server keeps all that are not part of what it keeps of the game: `true` where it is time to tell it which are. */
  isPinDue(bytes: number): boolean {
    this.#unpinnedFrames += 1;
    this.#unpinnedBytes += bytes;
    if (this.#hasSaved) return false;
    return this.#unpinnedFrames >= PIN_AFTER_FRAMES || this.#unpinnedBytes >= PIN_AFTER_BYTES;
  }

  /** What another version of the game kept under keys goes, and the version is kept beside what comes. `undefined` where nothing is to be said. */
  versionCommand(keys: ReadonlyMap<string, string>): WireCommand | undefined {
    if (this.#version === undefined || areOfVersion(keys, this.#version)) return undefined;
    const gone = Object.fromEntries([...keys.keys()].map((key) => [key, null]));
    return { cmd: "save", keys: { ...gone, [VERSION_KEY]: JSON.stringify(this.#version) } };
  }

  #noteAsPinned(): void {
    this.#unpinnedFrames = 0;
    this.#unpinnedBytes = 0;
  }
}
