import { describe, expect, test } from "@jest/globals";
import { openRoom } from "../../support/host-client.ts";
import { PlayerClient } from "../../support/player-client.ts";
import { newSession, ReliableClient } from "../../support/reliable-client.ts";
import { startServer } from "../../support/server.ts";

/** The next answer to a question for the time, passing over other control frames and events. */
async function timeOf(client: ReliableClient): Promise<number> {
  for (;;) {
    const frame = await client.next();
    if (typeof frame !== "string" || !frame.startsWith("\0time ")) continue;
    const { now, ...rest }: { readonly now: number } = JSON.parse(frame.slice(6));
    expect(rest).toEqual({});
    return now;
  }
}

describe("the room's clock", () => {
  test("P5.9.3 is one for the host and its phones, and never goes back", async () => {
    const server = await startServer();
    const before = Date.now();
    const host = new ReliableClient(server, `CREATE?format=json&session=${newSession()}`);
    const { now: atFirst = 0 } = await host.hello();
    expect(Math.abs(atFirst - before)).toBeLessThan(60_000);
    host.send(JSON.stringify({ cmd: "prepare", max_players: 8, name: "sketch" }));
    const opened = await host.frames.until((frame) => typeof frame === "string" && frame.includes("prepare_reply"));
    const { key }: { readonly key: string } = JSON.parse(String(opened));
    const phones = [1, 2].map(() => new ReliableClient(server, `${key}?session=${newSession()}`));
    const told = [atFirst];
    for (const phone of phones) told.push((await phone.hello()).now ?? 0);
    for (const client of [host, ...phones, host]) {
      client.send("\0time");
      told.push(await timeOf(client));
    }
    expect(told).toEqual(told.toSorted((one, other) => one - other));
    expect(Math.max(...told) - atFirst).toBeLessThan(20_000);
  });

  test("P5.9.3 asking too often counts as talking too much", async () => {
    const server = await startServer({ playerRate: 10, playerBurst: 10 });
    const { code } = await openRoom(server);
    const phone = new ReliableClient(server, `${code}?session=${newSession()}`);
    await phone.hello();
    for (let asked = 0; asked < 200; asked++) phone.send("\0time");
    expect(await phone.closed).toMatchObject({ code: 4029 });
  });

  test("P5.9.3 what it is called is data like any other from a plain phone", async () => {
    const server = await startServer();
    const room = await openRoom(server);
    const phone = await PlayerClient.connect(server, room.code);
    await room.host.until("player_joined");
    phone.send("\0time");
    expect(await room.host.until("from_str")).toEqual({ cmd: "from_str", from: 1, data: "\0time" });
  });
});
