/** A directory on another machine: the room's code comes later. */
import { describe, expect, test } from "@jest/globals";
import { isLater } from "../../../src/protocol/eventually.ts";
import type { RegistrationFailure, RoomRegistration } from "../../../src/room/ports.ts";
import { bytes } from "../../support/room/fake-port.ts";
import { FakeRoom } from "../../support/room/fake-room.ts";

const TV = { isReliable: true, sessionHash: "tv" } as const;

interface LateRoom {
  readonly room: FakeRoom;
  /** The directory answers, and the room has heard it. */
  readonly answer: (failure?: RegistrationFailure) => Promise<void>;
  /** The directory meets a bug. */
  readonly fail: (error: Error) => Promise<void>;
}

/** A room whose directory answers when the test says so. */
function lateRoom(...options: ConstructorParameters<typeof FakeRoom>): LateRoom {
  const room = new FakeRoom(...options);
  const atOnce = room.directory.register;
  const asked: ((answer: () => RoomRegistration | RegistrationFailure) => void)[] = [];
  room.directory.register = () =>
    new Promise((resolve, reject) => {
      asked.push((answer) => {
        try {
          resolve(answer());
        } catch (error) {
          reject(error);
        }
      });
    });
  const settle = async (answer: () => RoomRegistration | RegistrationFailure): Promise<void> => {
    asked.shift()?.(answer);
    await new Promise((resolve) => setImmediate(resolve));
  };
  return {
    room,
    answer: (failure) =>
      settle(() => {
        if (failure !== undefined) return failure;
        const registration = atOnce();
        if (isLater(registration)) throw new Error("the fake directory answers at once");
        return registration;
      }),
    fail: (error) =>
      settle(() => {
        throw error;
      }),
  };
}

function say(room: FakeRoom, ...commands: readonly object[]): void {
  for (const command of commands) room.hostConnection.message(bytes(JSON.stringify(command)), true);
}

const PREPARE = { cmd: "prepare", max_players: 8, name: "sketch" };
const names = (events: readonly { readonly cmd: string }[]): string[] => events.map(({ cmd }) => cmd);

describe("a room whose directory answers later", () => {
  test("does not read its host meanwhile, and follows what the same read brought in order after the reply", async () => {
    const { room, answer } = lateRoom();
    room.heard();
    say(room, PREPARE, { cmd: "start" }, { cmd: "kick", player: 1 }, { cmd: "open" });
    expect([room.hostPort.isPaused, room.room.code, room.heard()]).toEqual([true, undefined, []]);
    expect(room.refusal()).toBe("room_not_found");
    await answer();
    expect([room.hostPort.isPaused, room.room.code]).toEqual([false, "BCDF"]);
    const events = room.heard();
    expect(names(events)).toEqual(["state", "prepare_reply", "state", "state", "state"]);
    expect(events.flatMap(({ accept_conns }) => accept_conns ?? [])).toEqual([true, false, false, true]);
    expect(room.join().player).toBe(1);
  });

  test.each([
    ["rate", "directory"],
    ["directory", "rate"],
  ])("holds a host for the directory and for its rate until both are over: first the %s", async (first) => {
    const { room, answer } = lateRoom({ hostRate: 10, hostBurst: 1 });
    room.heard();
    say(room, { ...PREPARE, padding: "x".repeat(5_000) }, { cmd: "start" }); // a long frame costs several commands
    expect(room.heard()).toMatchObject([{ cmd: "error", code: "rate_limited" }]);
    if (first === "rate") room.clock.pass(10_000);
    else await answer();
    expect([room.hostPort.isPaused, names(room.heard())]).toEqual([
      true,
      first === "rate" ? [] : ["state", "prepare_reply"],
    ]);
    if (first === "rate") await answer();
    else room.clock.pass(10_000);
    expect(room.heard().at(-1)).toMatchObject({ cmd: "state", accept_conns: false });
    expect(room.hostPort.isPaused).toBe(false);
  });

  test("tells its host that no code is left, reads it again, and takes the next prepare", async () => {
    const { room, answer } = lateRoom();
    room.heard();
    say(room, PREPARE, PREPARE);
    await answer("no_room_left");
    expect(room.heard()).toMatchObject([{ cmd: "error", code: "room_limit", in: "prepare" }]);
    expect(room.hostPort.isPaused).toBe(true); // for the second one
    await answer();
    expect([names(room.heard()), room.hostPort.isPaused]).toEqual([["state", "prepare_reply"], false]);
  });

  test.each(["cut", "left", "timeout"] as const)(
    "gives the code back when its host is gone by then: %s",
    async (why) => {
      const { room, answer } = lateRoom({}, TV);
      say(room, PREPARE, { cmd: "start" });
      room.hostGone(why);
      expect(room.isForgotten).toBe(true);
      await answer();
      expect([room.isFindable, room.room.code, room.clock.pending]).toEqual([false, undefined, 0]);
      expect(room.hostPort.framesAfterClose).toBe(0);
    },
  );

  test("gives the code back when it was closed meanwhile", async () => {
    const { room, answer } = lateRoom();
    say(room, PREPARE, { cmd: "start" });
    room.room.close("restarting");
    await answer();
    expect([room.isFindable, room.hostPort.closing?.name]).toEqual([false, "restarting"]);
    expect(room.hostPort.framesAfterClose).toBe(0);
  });

  test("waits on for a host that has another connection by then, and sends again what was not read", async () => {
    const { room, answer } = lateRoom({}, TV);
    const epoch = room.hostPort.read().hello?.epoch;
    say(room, PREPARE, { cmd: "start" });
    expect(room.hostBack({ ...TV, received: 1, epoch })).toBe(true);
    expect([room.hostPort.isPaused, room.hostPort.read().hello?.received]).toEqual([true, 1]);
    await answer();
    say(room, { cmd: "start" });
    expect(names(room.heard())).toEqual(["state", "prepare_reply", "state"]);
    expect(room.hostPort.isPaused).toBe(false);
  });

  test("closes its host with 1011 where the directory fails, and the error is met like one of a timer", async () => {
    const { room, fail } = lateRoom();
    say(room, PREPARE, { cmd: "start" });
    await fail(new Error("no directory"));
    expect([room.hostPort.closing?.name, room.isForgotten]).toEqual(["internal_error", true]);
    expect(() => room.clock.pass(0)).toThrow("no directory");
  });
});

test("a room whose directory answers at once replies in the same call", () => {
  const room = new FakeRoom();
  room.heard();
  say(room, PREPARE);
  expect([names(room.heard()), room.hostPort.isPaused]).toEqual([["state", "prepare_reply"], false]);
});
