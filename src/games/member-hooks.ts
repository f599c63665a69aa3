/** A program's hooks and events as an open room needs them. What the program has no hook for is answered at once, and costs nothing. */
import { rejected, type AdmissionOutcome } from "../admission/connect-request.ts";
import { whenAnswered, type Eventually } from "../protocol/eventually.ts";
import { success, type Result } from "../protocol/result.ts";
import type { PlayerPeer } from "../room/ports.ts";
import { watchBackpressure } from "./backpressure-watch.ts";
import type { JoinAnswer, Json } from "./game-room.ts";
import { askToCreate } from "./hook-guards.ts";
import { readHookRefusal, type HookRunner } from "./hook-runner.ts";
import type { MemberInfo, RoomInfo } from "./hooks.ts";
import { readMessageAnswer, type Verdict } from "./message-answer.ts";
import type { RoomEvents } from "./room-events.ts";

export interface MemberHooksOptions {
  readonly runner: HookRunner;
  readonly events: RoomEvents;
  /** Bytes that may wait for one member. */
  readonly sendQueue: number;
}

const NOT_ALLOWED = "You may not come in here.";
const PASSED: Result<Verdict, unknown> = success({ is: "pass" });

export class MemberHooks {
  readonly events: RoomEvents;
  readonly #runner: HookRunner;
  readonly #sendQueue: number;

  constructor({ runner, events, sendQueue }: MemberHooksOptions) {
    this.#runner = runner;
    this.events = events;
    this.#sendQueue = sendQueue;
  }

  /** Whether the program looks at messages. */
  get judgesMessages(): boolean {
    return this.#runner.hooks.onMessage !== undefined;
  }

  /** Whether a member or a page may open a room; the outcome says why not. */
  mayCreate(kind: string, name: string | undefined, address: string): Eventually<AdmissionOutcome | undefined> {
    return whenAnswered(askToCreate(this.#runner, { kind, name, address }), (refusal) => {
      if (refusal === undefined) return undefined;
      return typeof refusal === "object" ? rejected("unauthorized", refusal.refusal) : rejected("internal_error");
    });
  }

  /** Whether a newcomer may come in, and as what. */
  mayJoin(room: RoomInfo, member: MemberInfo, data: Json): Eventually<Result<JoinAnswer, unknown>> {
    const { onJoin } = this.#runner.hooks;
    if (onJoin === undefined) return success(undefined);
    return this.#runner.ask("onJoin", room, () => onJoin({ room, member, data }), readJoinAnswer);
  }

  /** What becomes of a message. `data` is the program's to keep. */
  judge(room: RoomInfo, member: MemberInfo, data: Json, isBinary: boolean): Eventually<Result<Verdict, unknown>> {
    const { onMessage } = this.#runner.hooks;
    if (onMessage === undefined) return PASSED;
    return this.#runner.ask("onMessage", room, () => onMessage({ room, member, data, isBinary }), readMessageAnswer);
  }

  /** Returns what stands for a member's conversation from now on. `member` is asked when the member is behind. */
  watchPeer(peer: PlayerPeer, room: () => RoomInfo, member: () => MemberInfo | undefined): PlayerPeer {
    if (this.#runner.hooks.onBackpressure === undefined) return peer;
    return watchBackpressure(peer, this.#sendQueue, (queued) => {
      const behind = member();
      if (behind !== undefined) this.events.behind(room(), behind, queued);
    });
  }
}

/** Throws where the answer is none that `onJoin` may give. */
function readJoinAnswer(answer: unknown): JoinAnswer {
  if (typeof answer === "object" && answer !== null && "role" in answer) {
    const { role } = answer;
    if (role === "member" || role === "spectator") return { role };
    throw new TypeError('The "role" that onJoin returns has to be member or spectator.');
  }
  const refusal = readHookRefusal("onJoin", answer);
  return refusal === "" ? NOT_ALLOWED : refusal;
}
