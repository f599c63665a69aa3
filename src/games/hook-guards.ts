/** The hooks that decide who may come in: `onConnect` and `onJoin` as the admission's guards, `onCreate` before a room opens. */
import type { ConnectGuard } from "../admission/connect-guard.ts";
import { rejected, type Rejection } from "../admission/connect-request.ts";
import type { JoinGuard } from "../admission/join-guard.ts";
import { whenAnswered, type Eventually } from "../protocol/eventually.ts";
import { parseJoinData } from "../protocol/peer-query.ts";
import type { Result } from "../protocol/result.ts";
import type { RegistrationFailure } from "../room/ports.ts";
import { readHookRefusal, type HookRunner } from "./hook-runner.ts";
import { HOST_KIND } from "./host-room-watch.ts";

const NOT_ALLOWED = "This room may not be opened.";

/** `undefined` where the program has no `onConnect`. */
export function createConnectGuard(runner: HookRunner): ConnectGuard | undefined {
  const { onConnect } = runner.hooks;
  if (onConnect === undefined) return undefined;
  return {
    admit: ({ address, headers, transport, path: target }) =>
      whenAnswered(
        runner.ask(
          "onConnect",
          undefined,
          () => onConnect({ address, headers, transport, target }),
          (answer) => readHookRefusal("onConnect", answer),
        ),
        rejectionOf,
      ),
  };
}

/** `undefined` where the program has no `onJoin`. */
export function createJoinGuard(runner: HookRunner): JoinGuard | undefined {
  const { onJoin } = runner.hooks;
  if (onJoin === undefined) return undefined;
  return {
    admit({ code, name: game }, { name, query, token, watches }) {
      const data = parseJoinData(query.get("data"));
      if (!data.ok) return rejected("bad_request", data.failure);
      const room = { kind: HOST_KIND, code, name: game };
      const user = token?.sub;
      const role = watches ? ("spectator" as const) : ("player" as const);
      const member = { id: "", name: name ?? "", role, ...(user !== undefined && { user }) };
      return whenAnswered(
        runner.ask(
          "onJoin",
          room,
          () => onJoin({ room, member, data: data.value }),
          // A player of a room with a host page has no other role to be given.
          (answer) => (typeof answer === "object" && answer !== null ? undefined : readHookRefusal("onJoin", answer)),
        ),
        rejectionOf,
      );
    },
  };
}

/** Asks `onCreate` whether the room may open. */
export function askToCreate(
  runner: HookRunner,
  room: { readonly kind: string; readonly name: string | undefined; readonly address: string },
): Eventually<RegistrationFailure | undefined> {
  const { onCreate } = runner.hooks;
  if (onCreate === undefined) return undefined;
  return whenAnswered(
    runner.ask(
      "onCreate",
      { kind: room.kind, code: undefined, name: room.name },
      () => onCreate(room),
      (answer) => readHookRefusal("onCreate", answer),
    ),
    (answered): RegistrationFailure | undefined => {
      if (!answered.ok) return "internal_error";
      return answered.value === undefined ? undefined : { refusal: answered.value || NOT_ALLOWED };
    },
  );
}

function rejectionOf(answered: Result<string | undefined, unknown>): Rejection | undefined {
  if (!answered.ok) return rejected("internal_error");
  const reason = answered.value;
  if (reason === undefined) return undefined;
  return rejected("unauthorized", reason === "" ? undefined : reason);
}
