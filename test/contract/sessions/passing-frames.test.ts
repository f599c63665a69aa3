import { expect, test } from "@jest/globals";
import { openRoom, roundTrip } from "../../support/host-client.ts";
import { startServer } from "../../support/server.ts";
import { ReliableClient, newSession } from "../../support/reliable-client.ts";

test("P5.9.1 a phone that was away gets the newest of each name, nothing that came too late, and no gap", async () => {
  const server = await startServer({ awayMs: 0 });
  const { host, code } = await openRoom(server);
  const path = `${code}?session=${newSession()}`;
  const phone = new ReliableClient(server, path);
  const { epoch, next } = await phone.hello();
  await host.until("player_joined");
  await phone.cut();
  await host.until("player_away");
  for (const [data, more] of [
    ["score 1", { volatile: "score" }],
    ["too late", { ttl: 1 }],
    ["turn", {}],
    ["ball", { volatile: "ball" }],
    ["score 2", { volatile: "score" }],
    ["in time", { ttl: 3_600_000, volatile: true }],
  ] as const) {
    host.send({ cmd: "to_str", to: [], data, ...more });
    await roundTrip(host); // which takes longer than a millisecond, all together
  }
  const back = new ReliableClient(server, `${path}&received=${next - 1}&epoch=${epoch}`);
  expect(await back.hello()).toMatchObject({ next, lost: 0 });
  expect(await back.frames.take(5)).toEqual(["score 1", "turn", "ball", "score 2", "in time"]);
  host.send({ cmd: "to_str", to: [], data: "and on", volatile: "score", ttl: 3_600_000 });
  expect(await back.next()).toBe("and on");
});
