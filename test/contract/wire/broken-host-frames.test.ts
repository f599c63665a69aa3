import { describe, expect, test } from "@jest/globals";
import { BROKEN_HOST_FRAMES } from "../../support/broken-host-frames.ts";
import { HostClient, joinPlayer, joinPlayers, openRoom, roundTrip } from "../../support/host-client.ts";
import { startServer } from "../../support/server.ts";

const MEBIBYTE = 1_048_576;

describe("broken frames of a host", () => {
  test.each(BROKEN_HOST_FRAMES)(
    "P2.13 $what is answered with $code, and the room plays on",
    async ({ frame, code }) => {
      const server = await startServer({ hostRate: 0 });
      const room = await openRoom(server);
      const [first, second] = await joinPlayers(server, room, 2);
      room.host.sendFrame(frame);
      const error = await room.host.next();
      expect(error).toMatchObject({ cmd: "error", code, reason: expect.stringMatching(/^Invalid message\. .*\.$/) });
      expect(String(error.reason).length).toBeLessThan(300);
      room.host.send({ cmd: "to_str", to: [], data: "on we go" });
      expect(await first?.player.next()).toBe("on we go");
      second?.player.send("on we go");
      expect(await room.host.next()).toEqual({ cmd: "from_str", from: 2, data: "on we go" });
      expect(await roundTrip(room.host)).toEqual([]);
    },
  );

  test("P2.13 before prepare they are answered as well, and prepare still opens the room", async () => {
    const host = await HostClient.connect(await startServer({ hostRate: 0 })); // so many of them are more than a host may say
    await host.next();
    for (const { frame } of BROKEN_HOST_FRAMES) host.sendFrame(frame);
    const events = await host.take(BROKEN_HOST_FRAMES.length);
    expect(events.map(({ code }) => code)).toEqual(BROKEN_HOST_FRAMES.map(({ code }) => code));
    host.send({ cmd: "prepare", max_players: 2, name: "" });
    expect(await host.next()).toMatchObject({ cmd: "state", accept_conns: true });
  });

  test("P2.13 1000 of them leave no memory behind, and the other room notices nothing", async () => {
    const server = await startServer({ hostRate: 0 });
    const bad = await openRoom(server);
    const good = await openRoom(server);
    const { player } = await joinPlayer(server, good);
    const small = BROKEN_HOST_FRAMES.filter(({ frame }) => frame.length < 200_000);

    async function send(count: number): Promise<void> {
      for (let index = 0; index < count; index++) {
        const { frame } = small[index % small.length] ?? { frame: "" };
        bad.host.sendFrame(frame);
        expect(await bad.host.next()).toMatchObject({ cmd: "error" });
        if (index % 10 !== 0) continue;
        player.send(`${index}`);
        expect(await good.host.next()).toMatchObject({ cmd: "from_str", data: `${index}` });
      }
    }

    await send(small.length * 2); // what is made once, such as compiled code, is made now
    const before = process.memoryUsage();
    await send(1000);
    const after = process.memoryUsage();
    expect(after.rss - before.rss).toBeLessThan(64 * MEBIBYTE);
    expect(after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers).toBeLessThan(64 * MEBIBYTE);
  });

  test("P2.13 nothing of a frame ends up on the prototype of all objects", async () => {
    const { host } = await openRoom(await startServer());
    host.sendFrame('{"cmd":"start","__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}');
    host.send({ cmd: "start", ["__proto__"]: { polluted: 1 } });
    host.sendFrame('{"__proto__":{"polluted":1}}');
    expect((await host.take(3)).map(({ cmd }) => cmd)).toEqual(["state", "state", "error"]);
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
  });
});
