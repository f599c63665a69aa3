/** A room that is at home at another node: what is asked of it here is done there. */
import type { z } from "zod";
import type { Calls } from "../../cluster/spread/calls.ts";
import type { NodeId } from "../../cluster/ports.ts";
import { failure, success, type Result } from "../../protocol/result.ts";
import type {
  KickTerms,
  NoRecordingReason,
  RoomDetails,
  RoomHandle,
  RoomRecording,
  RoomSummary,
  Saying,
  SayingReach,
} from "../api/rooms-view.ts";
import { RemoteRecording } from "./lent-recordings.ts";
import { encodeContent, ROOM_ANSWERS, type RoomQuestion } from "./room-messages.ts";
import { RoomUnreachableError } from "./room-unreachable.ts";

export const ROOM_CALL = "room";

/** Every method rejects with `RoomUnreachableError` where the room has ended, or its node does not answer. */
export class RemoteRoom implements RoomHandle {
  readonly #calls: Pick<Calls, "call">;
  readonly #home: NodeId;
  readonly #id: string;

  constructor(id: string, home: NodeId, calls: Pick<Calls, "call">) {
    this.#id = id;
    this.#home = home;
    this.#calls = calls;
  }

  summary(): Promise<RoomSummary> {
    return this.#ask({ ask: "summary", id: this.#id }, ROOM_ANSWERS.summary);
  }

  details(): Promise<RoomDetails> {
    return this.#ask({ ask: "details", id: this.#id }, ROOM_ANSWERS.details);
  }

  say({ content, to, except }: Saying): Promise<SayingReach> {
    const said = { content: encodeContent(content), to: to && [...to], except: except && [...except] };
    return this.#ask({ ask: "say", id: this.#id, ...said }, ROOM_ANSWERS.say);
  }

  kick(player: number | string, { reason, ban }: KickTerms): Promise<boolean> {
    return this.#ask({ ask: "kick", id: this.#id, player, reason, ban }, ROOM_ANSWERS.kick);
  }

  lock(): Promise<void> {
    return this.#do("lock");
  }

  open(): Promise<void> {
    return this.#do("open");
  }

  close(): Promise<void> {
    return this.#do("close");
  }

  async record(): Promise<Result<RoomRecording, NoRecordingReason>> {
    const answer = await this.#ask({ ask: "record", id: this.#id }, ROOM_ANSWERS.record);
    if ("refused" in answer) return failure(answer.refused);
    return success(new RemoteRecording(answer.recording, this.#home, this.#calls));
  }

  async #do(ask: "lock" | "open" | "close"): Promise<void> {
    await this.#ask({ ask, id: this.#id }, ROOM_ANSWERS.done);
  }

  async #ask<Value>(question: RoomQuestion, schema: z.ZodType<{ readonly value: Value } | null>): Promise<Value> {
    const answer = await this.#calls.call(this.#home, ROOM_CALL, question);
    const read = answer.ok ? schema.safeParse(answer.value) : undefined;
    if (read === undefined || !read.success) throw new RoomUnreachableError("unanswered");
    if (read.data === null) throw new RoomUnreachableError("gone");
    return read.data.value;
  }
}
