import { expect, test } from "@jest/globals";
import { FakeRoom } from "../../support/room/fake-room.ts";

test("a room counts a player's frame once in and once out, and a host's frame once in and once for each player that gets it", () => {
  const fixture = FakeRoom.open();
  const [first] = [fixture.join(), fixture.join(), fixture.join()];
  first.connection.message(new Uint8Array(10), false);
  expect(fixture.observer.traffic).toMatchObject({ framesIn: 1, bytesIn: 10, framesOut: 1, bytesOut: 10 });
  fixture.tell({ cmd: "to", to: "everybody", except: [1], data: new Uint8Array(100) });
  fixture.tell({ cmd: "to", to: [1, 9], data: new Uint8Array(1_000) });
  expect(fixture.observer.traffic).toMatchObject({ framesIn: 3, bytesIn: 1_110, framesOut: 4, bytesOut: 1_210 });
});
