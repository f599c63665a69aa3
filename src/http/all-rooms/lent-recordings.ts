/** Recordings of rooms that are at home here and are read at other nodes, and how one that is at home elsewhere is read here. */
import { nanoid } from "nanoid";
import { z } from "zod";
import type { Calls } from "../../cluster/spread/calls.ts";
import type { NodeId } from "../../cluster/ports.ts";
import type { Cancel, Clock } from "../../room/ports.ts";
import type { RoomRecording } from "../api/rooms-view.ts";

const READ_CALL = "recording.read";
const STOP_CALL = "recording.stop";
/** A recording that its reader has not asked for in this time has none any more. */
const UNREAD_MS = 30_000;
/** An answer is there so much later than it may wait for news. */
const GRACE_MS = 5_000;
const MAX_WAIT_MS = 15_000;
const MAX_BYTES = 262_144;
const RECORDING_ID = z.string().max(64);

const READ = z.object({
  recording: RECORDING_ID,
  maxBytes: z.int().min(1).max(MAX_BYTES),
  waitMs: z.int().min(0).max(MAX_WAIT_MS),
});
/** `null`: it is over. */
const READ_ANSWER = z.object({ base64: z.base64() }).nullable();
const STOP = z.object({ recording: RECORDING_ID });

interface Lent {
  readonly recording: RoomRecording;
  cancel: Cancel;
}

export class LentRecordings {
  readonly #clock: Pick<Clock, "after">;
  readonly #lent = new Map<string, Lent>();

  constructor(calls: Pick<Calls, "handle">, clock: Pick<Clock, "after">) {
    this.#clock = clock;
    calls.handle(READ_CALL, (body) => this.#read(READ.parse(body)));
    calls.handle(STOP_CALL, (body) => {
      this.#end(STOP.parse(body).recording);
      return null;
    });
  }

  /** Returns the name by which another node reads this recording. */
  lend(recording: RoomRecording): string {
    const id = nanoid();
    this.#lent.set(id, { recording, cancel: this.#watch(id) });
    return id;
  }

  async #read({ recording: id, maxBytes, waitMs }: z.output<typeof READ>): Promise<z.input<typeof READ_ANSWER>> {
    const lent = this.#lent.get(id);
    if (lent === undefined) return null;
    lent.cancel();
    const bytes = await lent.recording.read(maxBytes, waitMs);
    if (bytes === undefined) this.#end(id);
    else if (this.#lent.get(id) === lent) lent.cancel = this.#watch(id);
    return bytes === undefined ? null : { base64: Buffer.from(bytes).toString("base64") };
  }

  #watch(id: string): Cancel {
    return this.#clock.after(UNREAD_MS, () => this.#end(id));
  }

  #end(id: string): void {
    const lent = this.#lent.get(id);
    this.#lent.delete(id);
    lent?.cancel();
    lent?.recording.stop();
  }
}

/** A recording that another node makes. It ends where that node does not answer: then its last item is no `end`. */
export class RemoteRecording implements RoomRecording {
  readonly #id: string;
  readonly #home: NodeId;
  readonly #calls: Pick<Calls, "call">;
  #isOver = false;

  constructor(id: string, home: NodeId, calls: Pick<Calls, "call">) {
    this.#id = id;
    this.#home = home;
    this.#calls = calls;
  }

  async read(maxBytes: number, waitMs: number): Promise<Uint8Array | undefined> {
    if (this.#isOver) return undefined;
    const question: z.input<typeof READ> = {
      recording: this.#id,
      maxBytes: Math.min(maxBytes, MAX_BYTES),
      waitMs: Math.min(waitMs, MAX_WAIT_MS),
    };
    const answer = await this.#calls.call(this.#home, READ_CALL, question, question.waitMs + GRACE_MS);
    const read = answer.ok ? READ_ANSWER.safeParse(answer.value) : undefined;
    if (read?.success === true && read.data !== null) return new Uint8Array(Buffer.from(read.data.base64, "base64"));
    this.stop();
    return undefined;
  }

  stop(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    void this.#calls.call(this.#home, STOP_CALL, { recording: this.#id });
  }
}
