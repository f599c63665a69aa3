/**
 * One recording of a room while it is made: what happens goes into a queue, from which a reader takes it. The room waits for no reader: past the
 * limit of the queue the recording ends with an item that says so, and what it has had so far is whole.
 */
import type { CloseName } from "../protocol/close-codes.ts";
import type { PlayerId } from "../protocol/commands.ts";
import type { RoomEvent } from "../protocol/events.ts";
import type { MemoryAccount, MemoryBudget } from "../room/memory-budget.ts";
import type { Clock } from "../room/ports.ts";
import type { Room, RoomCommand } from "../room/room.ts";
import type { RoomTap } from "../room/room-tap.ts";
import { RecordingWriter, type RecordingEnd } from "./recording-items.ts";

export interface RecordingOptions {
  readonly room: Room;
  readonly clock: Clock;
  readonly budget: MemoryBudget;
  /** Bytes that may wait for the reader. */
  readonly queueBytes: number;
  /** Called once, when nothing more is recorded. */
  readonly onEnd: () => void;
}

/** Memory of an item in the queue besides its bytes, about. */
const ITEM_BYTES = 128;

export class Recording implements RoomTap {
  readonly #options: RecordingOptions;
  readonly #writer = new RecordingWriter();
  readonly #account: MemoryAccount;
  readonly #startedAt: number;
  /** Items, whole, but for the first one where a part of it was read. */
  readonly #queue: Uint8Array<ArrayBuffer>[] = [];
  /** Of the first item, bytes that were read. */
  #readBytes = 0;
  #queuedBytes = 0;
  /** Bytes that may wait: what the recording begins with counts besides. */
  readonly #limit: number;
  #lastTime = 0;
  #isEnded = false;
  #wake: (() => void) | undefined;

  /** Begins with what is known of the room, and with what pages are given that start from nothing. */
  constructor(options: RecordingOptions) {
    const { room, clock, budget, queueBytes } = options;
    this.#options = options;
    this.#startedAt = clock.now();
    this.#account = budget.open({ cut: () => this.#cut() });
    const { snapshot } = room;
    const facts = room.players?.facts() ?? [];
    this.#push(
      this.#writer.header({
        room: room.id ?? "",
        game: room.name,
        at: new Date(clock.time()).toISOString(),
        maxPlayers: snapshot?.maxPlayers ?? 0,
        isLocked: room.isLocked,
        meta: room.meta,
        players: facts.map(({ player, name, away }) => ({ player, name, isAway: away })),
      }),
    );
    for (const { player } of facts) {
      for (const { data, isText } of room.players?.retainedFor(player) ?? []) {
        this.#push(this.#writer.kept(player, data, isText));
      }
    }
    this.#limit = queueBytes + this.#queuedBytes;
  }

  told(event: RoomEvent): void {
    this.#add(this.#writer.event(this.#time, event));
  }

  heard(from: PlayerId, data: Uint8Array, isText: boolean): void {
    this.#add(this.#writer.from(this.#time, from, data, isText));
  }

  commanded(command: RoomCommand): void {
    this.#add(this.#writer.command(this.#time, command));
  }

  hostAway(): void {
    this.#add(this.#writer.hostAway(this.#time));
  }

  hostBack(missed: number): void {
    this.#add(this.#writer.hostBack(this.#time, missed));
  }

  closed(why: CloseName): void {
    this.#end(why === "restarting" ? "restarting" : "room_closed");
  }

  /**
   * The next bytes, at most so many; after the end `undefined`. Where nothing comes for `waitMs`, they say so (`tick`). There is one reader, which calls this
   * again when it has been answered.
   */
  async read(maxBytes: number, waitMs: number): Promise<Uint8Array | undefined> {
    if (this.#queue.length === 0 && !this.#isEnded) {
      await this.#news(waitMs);
      if (this.#queue.length === 0 && !this.#isEnded) this.#add(this.#writer.tick(this.#time));
    }
    return this.#take(maxBytes);
  }

  /** Nothing more is recorded, and what waits is dropped. Safe twice. */
  stop(): void {
    if (!this.#isEnded) this.#finish();
    this.#queue.length = 0;
    this.#account.close();
    this.#wake?.();
  }

  /** Milliseconds since the beginning; they never go back. */
  get #time(): number {
    this.#lastTime = Math.max(this.#lastTime, Math.round(this.#options.clock.now() - this.#startedAt));
    return this.#lastTime;
  }

  #add(item: Uint8Array<ArrayBuffer> | undefined): void {
    if (item === undefined || this.#isEnded) return;
    if (this.#queuedBytes + item.length > this.#limit && this.#queue.length > 0) return this.#end("slow_reader");
    this.#push(item);
  }

  #push(item: Uint8Array<ArrayBuffer>): void {
    this.#queue.push(item);
    this.#queuedBytes += item.length;
    this.#account.add(item.length + ITEM_BYTES);
    this.#wake?.();
  }

  #end(why: RecordingEnd): void {
    if (this.#isEnded) return;
    this.#finish();
    this.#push(this.#writer.end(this.#time, why));
  }

  #finish(): void {
    this.#isEnded = true;
    this.#options.onEnd();
  }

  /** The memory is used up and this recording holds the most of it: what waits goes, but for the rest of an item that was read in part. */
  #cut(): void {
    if (this.#isEnded) return this.stop();
    const begun = this.#readBytes > 0 ? this.#queue.slice(0, 1) : [];
    this.#queue.length = 0;
    this.#queue.push(...begun);
    this.#queuedBytes = begun[0]?.length ?? 0;
    this.#account.add(begun.reduce((bytes, item) => bytes + item.length + ITEM_BYTES, 0) - this.#account.bytes);
    this.#end("memory");
  }

  async #news(waitMs: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const cancel = this.#options.clock.after(waitMs, resolve);
      this.#wake = () => {
        cancel();
        resolve();
      };
    });
    this.#wake = undefined;
  }

  #take(maxBytes: number): Uint8Array | undefined {
    const parts: Uint8Array[] = [];
    let bytes = 0;
    for (let item = this.#queue[0]; item !== undefined && bytes < maxBytes; item = this.#queue[0]) {
      const part = item.subarray(this.#readBytes, this.#readBytes + maxBytes - bytes);
      parts.push(part);
      bytes += part.length;
      this.#readBytes += part.length;
      if (this.#readBytes < item.length) break;
      this.#queue.shift();
      this.#readBytes = 0;
      this.#queuedBytes -= item.length;
      this.#account.add(-item.length - ITEM_BYTES);
    }
    if (bytes > 0) return joined(parts, bytes);
    this.#account.close();
    return undefined;
  }
}

function joined(parts: readonly Uint8Array[], bytes: number): Uint8Array {
  const whole = new Uint8Array(bytes);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
