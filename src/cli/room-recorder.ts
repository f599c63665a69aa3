/** `couchwire dev --record`: writes what the rooms of this process say into files, one for each room. */
import type { FileHandle } from "node:fs/promises";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Logger } from "pino";
import { failure, success, type Result } from "../protocol/result.ts";
import type { Recording } from "../recording/recording.ts";
import { RECORDING_ENDING } from "../recording/recording-items.ts";
import { messageOf, openNewFile, RecordedFile } from "./recorded-file.ts";

/** The room of a recording. */
export interface RecordedRoomName {
  readonly code: string;
  /** The name of its game. */
  readonly game: string;
}

export interface RoomRecorderOptions {
  /** The file of the first room, whose name ends in `.cwrec`; further rooms have a number behind it. @default one in `recordings/` for each room */
  readonly file: string | undefined;
  readonly logger: Pick<Logger, "info" | "warn" | "error">;
  /** The time of day for names of files. */
  readonly date: () => Date;
  /** Opens a file that is not there yet. @default one of the file system */
  readonly open?: typeof openNewFile;
}

/** Where files are that were given no name. */
const FOLDER = "recordings";
/** Rooms that are recorded at one time: each has a file open, and a queue. */
const MAX_ROOMS = 64;
/** As `couchwire record` without `--max-mib`. */
const MAX_BYTES = 256 * 1_048_576;
/** Bytes that are taken from a recording at once. */
const CHUNK_BYTES = 262_144;
/** Where nothing is said for so long, the file says that it goes on. */
const TICK_MS = 10_000;
/** Files that are there already before a new one is given up. */
const MAX_TRIES = 1_000;
/** Characters of a game's name in the name of a file. */
const MAX_GAME_LENGTH = 40;

export class RoomRecorder {
  readonly #options: RoomRecorderOptions;
  readonly #active = new Set<Promise<void>>();

  constructor(options: RoomRecorderOptions) {
    this.#options = options;
  }

  /** Where the files will be, for people. */
  get target(): string {
    return this.#options.file ?? `${FOLDER}/`;
  }

  /** Makes the folder of the files. The failure is a sentence. */
  async begin(): Promise<Result<undefined, string>> {
    const { file } = this.#options;
    const folder = file === undefined ? FOLDER : dirname(file);
    try {
      const isNew = (await mkdir(folder, { recursive: true })) !== undefined;
      // What people have said is not to be committed with the game.
      if (isNew && file === undefined) await writeFile(join(folder, ".gitignore"), "*\n");
      return success(undefined);
    } catch (error) {
      return failure(`The recordings cannot be written into ${folder}: ${messageOf(error)}`);
    }
  }

  /** Writes this recording until the room is over. */
  record(room: RecordedRoomName, recording: Pick<Recording, "read" | "stop">): void {
    if (this.#active.size >= MAX_ROOMS) {
      this.#options.logger.warn(
        { room: room.code },
        `the room is not recorded: ${MAX_ROOMS} rooms are recorded already`,
      );
      return recording.stop();
    }
    const writing = this.#write(room, recording).finally(() => this.#active.delete(writing));
    this.#active.add(writing);
  }

  /** Resolves when the recordings that have begun are whole. They end with their rooms. */
  async done(): Promise<void> {
    while (this.#active.size > 0) await Promise.all(this.#active);
  }

  async #write(room: RecordedRoomName, recording: Pick<Recording, "read" | "stop">): Promise<void> {
    const { logger } = this.#options;
    const opened = await this.#openFile(room);
    if (!opened.ok) {
      logger.error({ room: room.code }, opened.failure);
      return recording.stop();
    }
    const { handle, path } = opened.value;
    const where = { room: room.code, file: path };
    logger.info(where, "the room is recorded, with the names and words of its players: tell them");
    const file = new RecordedFile(handle, MAX_BYTES);
    try {
      let bytes = await recording.read(CHUNK_BYTES, TICK_MS);
      while (bytes !== undefined && (await file.take(bytes))) bytes = await recording.read(CHUNK_BYTES, TICK_MS);
      const why = await file.finish("stopped");
      const isWhole = why === "room_closed" || why === "restarting";
      logger[isWhole ? "info" : "warn"]({ ...where, why }, `the recording has ended: ${file.summary}`);
    } catch (error) {
      logger.error({ ...where, err: error }, "the recording cannot be written");
    } finally {
      recording.stop();
      // A full disk may say so only now. Nothing awaits this before the end, so what is thrown would end the process.
      await handle.close().catch((error) => logger.error({ ...where, err: error }, "the recording cannot be closed"));
    }
  }

  async #openFile(
    room: RecordedRoomName,
  ): Promise<Result<{ readonly handle: FileHandle; readonly path: string }, string>> {
    const { file, date, open = openNewFile } = this.#options;
    const path = file ?? join(FOLDER, nameOfFile(room, date()));
    for (let number = 1; number <= MAX_TRIES; number++) {
      const free = number === 1 ? path : `${path.slice(0, -RECORDING_ENDING.length)}-${number}${RECORDING_ENDING}`;
      const opened = await open(free);
      if (opened.ok) return success({ handle: opened.value, path: free });
      if (opened.failure.why === "unwritable") return failure(`${free} cannot be written: ${opened.failure.message}`);
    }
    return failure(`${path} and ${MAX_TRIES - 1} files with a number behind it are there already: give another name.`);
  }
}

/** `duck-hunt-BCDF-2026-11-30-200102.cwrec` */
function nameOfFile({ code, game }: RecordedRoomName, date: Date): string {
  const plain = game
    .normalize("NFKD")
    .replace(/[^A-Za-z0-9]+/g, "-")
    .slice(0, MAX_GAME_LENGTH)
    .replace(/^-|-$/g, "");
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  const time = `${two(date.getHours())}${two(date.getMinutes())}${two(date.getSeconds())}`;
  return `${[...(plain === "" ? [] : [plain]), code, day, time].join("-")}${RECORDING_ENDING}`;
}

function two(number: number): string {
  return String(number).padStart(2, "0");
}
