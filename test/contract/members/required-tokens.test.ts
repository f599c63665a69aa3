/** Where hosts or players need a token (`COUCHWIRE_REQUIRE_TOKEN`). */
import { describe, expect, test } from "@jest/globals";
import { joinPlayer, openRoom } from "../../support/host-client.ts";
import { handmadeToken, JWT_SECRET } from "../../support/member-client.ts";
import { PlayerClient } from "../../support/player-client.ts";
import { startServer } from "../../support/server.ts";
import { connect } from "../../support/socket-end.ts";

const token = (room: string | undefined, role?: string): string =>
  handmadeToken({ sub: "ann", room, role, session_id: "s1", exp: 4_000_000_000 });

describe("COUCHWIRE_REQUIRE_TOKEN", () => {
  test("P4.1 hosts: without a token, or with a wrong one, 4501; players need none", async () => {
    const server = await startServer({ jwtSecret: JWT_SECRET, requireToken: "hosts" });
    expect(await connect(`${server.ws}/CREATE`).closed).toEqual({ code: 4501, reason: "A token is needed here." });
    expect(await connect(`${server.ws}/CREATE?token=x`).closed).toMatchObject({ code: 4501 });
    expect(await connect(`${server.ws}/CREATE?token=${token(undefined)}`).closed).toEqual({
      code: 4501,
      reason: "Your token has no role: only a host opens a room.",
    });
    const room = await openRoom(server, { query: `?token=${token(undefined, "host")}` });
    expect((await joinPlayer(server, room)).id).toBe(1);
  });

  test("P4.1 players: the token is for the room's code; hosts need none", async () => {
    const server = await startServer({ jwtSecret: JWT_SECRET, requireToken: "players" });
    const { host, code } = await openRoom(server);
    expect(await connect(`${server.ws}/${code}`).closed).toEqual({ code: 4501, reason: "A token is needed here." });
    expect(await connect(`${server.ws}/${code}?token=${token("BCDF")}`).closed).toEqual({
      code: 4501,
      reason: "Your token is for another room.",
    });
    await PlayerClient.connect(server, `${code}?token=${token(code)}`);
    await host.until("player_joined");
  });

  test("P4.1 both is hosts and players", async () => {
    const server = await startServer({ jwtSecret: JWT_SECRET, requireToken: "both" });
    expect(await connect(`${server.ws}/CREATE`).closed).toMatchObject({ code: 4501 });
    expect(await connect(`${server.ws}/BCDF`).closed).toMatchObject({ code: 4501 });
  });
});
