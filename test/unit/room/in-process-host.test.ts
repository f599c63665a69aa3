/** A game in this process hosts a room without a wire: it implements HostPeer in about 30 lines and decodes nothing. */
import { expect, test } from "@jest/globals";
import type { RoomEvent } from "../../../src/protocol/events.ts";
import type { HostPeer } from "../../../src/room/ports.ts";
import { Room } from "../../../src/room/room.ts";
import { createPlayerPeers } from "../../../src/session/player-peers.ts";
import { createWaitingPeers } from "../../../src/session/waiting-peers.ts";
import { unlimitedMemory } from "../../support/room/memory-budget.ts";
import { FakeDirectory } from "../../support/room/fake-directory.ts";
import { FakePort } from "../../support/room/fake-port.ts";
import { LIMITS } from "../../support/room/fake-room.ts";
import { RecordingObserver } from "../../support/room/recording-observer.ts";
import { FakeClock } from "../../support/room/fake-clock.ts";

/** A game that counts what each player shouts, and tells all of them. */
class ShoutingGame implements HostPeer {
  readonly shouts = new Map<number, number>();
  readonly isBehind = false;
  readonly shouldDeferJoins = false;
  room: Room | undefined;
  ending: string | undefined;

  tell(...events: readonly RoomEvent[]): void {
    for (const event of events) {
      if (event.cmd === "player_joined") this.shouts.set(event.player, 0);
      if (event.cmd === "player_left") this.shouts.delete(event.player);
    }
  }

  message(from: number): void {
    const count = (this.shouts.get(from) ?? 0) + 1;
    this.shouts.set(from, count);
    const data = new TextEncoder().encode(`${from} shouted ${count} times`);
    this.room?.command({ cmd: "to_str", to: "everybody", data });
  }

  close(name: string): void {
    this.ending = name;
  }
}

function hosted(): { readonly game: ShoutingGame; readonly room: Room } {
  const clock = new FakeClock();
  const game = new ShoutingGame();
  const room = new Room(game, {
    directory: new FakeDirectory(),
    observer: new RecordingObserver(),
    limits: LIMITS,
    clock,
    budget: unlimitedMemory(),
    openPeer: createPlayerPeers({ epoch: "epoch", clock, game: () => "game" }),
    openWaiting: createWaitingPeers(clock),
  });
  game.room = room;
  room.command({ cmd: "prepare", max_players: 2, name: "shouting" });
  return { game, room };
}

test("a game in this process hosts a room that it tells and that tells it, without a frame", () => {
  const { game, room } = hosted();
  const [anna, ben] = [new FakePort("anna"), new FakePort("ben")];
  const joined = [room.join(anna), room.join(ben)].map((result) => (result.ok ? result.value : undefined));
  expect([room.code, [...game.shouts.keys()]]).toEqual(["BCDF", [1, 2]]);
  expect(room.join(new FakePort()).ok).toBe(false);

  joined[0]?.message(new TextEncoder().encode("hey"), true);
  joined[0]?.message(new TextEncoder().encode("ho"), true);
  expect(ben.take()).toEqual(["1 shouted 1 times", "1 shouted 2 times"]);
  joined[0]?.gone("left");
  expect([...game.shouts]).toEqual([[2, 0]]);

  room.command({ cmd: "stop" });
  expect([game.ending, ben.closing?.name]).toEqual(["room_closed", "room_closed"]);
});

test("a game in this process that cannot keep up makes its players wait, and lets them go on when it says so", () => {
  const { game, room } = hosted();
  const anna = new FakePort("anna");
  const joined = room.join(anna);
  Object.assign(game, { isBehind: true });
  if (joined.ok) joined.value.message(new Uint8Array(1), false);
  expect(anna.isPaused).toBe(true);
  Object.assign(game, { isBehind: false });
  room.hostBacklogChanged();
  expect(anna.isPaused).toBe(false);
});
