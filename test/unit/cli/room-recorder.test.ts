/** The limits of `couchwire dev --record`. */
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { openNewFile } from "../../../src/cli/recorded-file.ts";
import { RoomRecorder } from "../../../src/cli/room-recorder.ts";
import { success } from "../../../src/protocol/result.ts";
import { readRecording } from "../../../src/recording/recording-file.ts";
import { RecordingWriter } from "../../../src/recording/recording-items.ts";
import { onTestEnd } from "../../support/clean-up.ts";

const MAX_ROOMS = 64;
const MAX_FILES = 1_000;

interface Line {
  readonly level: string;
  readonly fields: unknown;
  readonly text: string | undefined;
}

function newRecorder(open?: typeof openNewFile): {
  readonly recorder: RoomRecorder;
  readonly folder: string;
  readonly lines: readonly Line[];
} {
  const folder = mkdtempSync(join(tmpdir(), "couchwire-recorder-"));
  onTestEnd(() => rmSync(folder, { recursive: true }));
  const lines: Line[] = [];
  const note =
    (level: string) =>
    (fields: unknown, text?: string): void =>
      void lines.push({ level, fields, text });
  const recorder = new RoomRecorder({
    file: join(folder, "a.cwrec"),
    logger: { info: note("info"), warn: note("warn"), error: note("error") },
    date: () => new Date(0),
    ...(open !== undefined && { open }),
  });
  return { recorder, folder, lines };
}

const HEADER = new RecordingWriter().header({
  room: "BCDF",
  game: "duck",
  at: "2026-11-30T20:00:00.000Z",
  maxPlayers: 8,
  isLocked: false,
  meta: undefined,
  players: [],
});

/** A room that says no more than that it is there, until `end`. */
function quietRoom() {
  const over = new AbortController();
  const isOver = once(over.signal, "abort").then(() => undefined);
  let reads = 0;
  const room = {
    isStopped: false,
    end: () => over.abort(),
    read: async (): Promise<Uint8Array | undefined> => (reads++ === 0 ? HEADER : isOver),
    stop(): void {
      room.isStopped = true;
    },
  };
  return room;
}

describe("couchwire dev --record", () => {
  test("records so many rooms at one time, and says of each other one that it is not recorded", async () => {
    const { recorder, folder, lines } = newRecorder();
    const rooms = Array.from({ length: MAX_ROOMS }, quietRoom);
    for (const room of rooms) recorder.record({ code: "BCDF", game: "duck" }, room);
    const other = quietRoom();
    recorder.record({ code: "BCDG", game: "duck" }, other);
    expect(other.isStopped).toBe(true);
    expect(lines).toEqual([
      {
        level: "warn",
        fields: { room: "BCDG" },
        text: `the room is not recorded: ${MAX_ROOMS} rooms are recorded already`,
      },
    ]);
    for (const room of rooms) room.end();
    await recorder.done();
    expect(readdirSync(folder)).toHaveLength(MAX_ROOMS);
    expect(rooms.every(({ isStopped }) => isStopped)).toBe(true);
    const next = quietRoom();
    recorder.record({ code: "BCDH", game: "duck" }, next);
    next.end();
    await recorder.done();
    expect(readdirSync(folder)).toHaveLength(MAX_ROOMS + 1);
  });

  test("a file whose recording breaks off ends with a word about it", async () => {
    const { recorder, folder, lines } = newRecorder();
    const room = quietRoom();
    recorder.record({ code: "BCDF", game: "duck" }, room);
    room.end();
    await recorder.done();
    const read = readRecording(readFileSync(join(folder, "a.cwrec")));
    expect(read).toMatchObject({ header: { room: "BCDF" }, items: [{ is: "end", why: "stopped" }], damagedBytes: 0 });
    expect(lines.at(-1)).toMatchObject({ level: "warn", fields: { room: "BCDF", why: "stopped" } });
  });

  test("says of a file that can be neither written nor closed what is wrong, and goes on", async () => {
    const { recorder, lines } = newRecorder(async (path) => {
      const opened = await openNewFile(path);
      if (!opened.ok) return opened;
      await opened.value.close(); // from now on writing fails
      return success(Object.assign(opened.value, { close: () => Promise.reject(new Error("The disk is full.")) }));
    });
    const room = quietRoom();
    recorder.record({ code: "BCDF", game: "duck" }, room);
    await recorder.done();
    expect(room.isStopped).toBe(true);
    expect(lines.slice(1)).toMatchObject([
      { level: "error", text: "the recording cannot be written" },
      { level: "error", text: "the recording cannot be closed", fields: { err: { message: "The disk is full." } } },
    ]);
  });

  test("gives up where a thousand files of the name are there, and replaces none", async () => {
    const { recorder, folder, lines } = newRecorder();
    for (let number = 1; number <= MAX_FILES; number++) {
      writeFileSync(join(folder, number === 1 ? "a.cwrec" : `a-${number}.cwrec`), "dear");
    }
    const room = quietRoom();
    recorder.record({ code: "BCDF", game: "duck" }, room);
    await recorder.done();
    expect(room.isStopped).toBe(true);
    expect(lines).toMatchObject([{ level: "error", fields: { room: "BCDF" } }]);
    expect(lines[0]?.text ?? lines[0]?.fields).toMatch(/are there already: give another name\.$/);
    expect(readdirSync(folder)).toHaveLength(MAX_FILES);
  });
});
