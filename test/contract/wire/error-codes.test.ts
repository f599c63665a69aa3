import { describe, expect, test } from "@jest/globals";
import { ERROR_CODES } from "../../../src/protocol/error-codes.ts";
import { HostClient, openRoom, roundTrip } from "../../support/host-client.ts";
import { eventually } from "../../support/inbox.ts";
import { countsOf, startServer } from "../../support/server.ts";

/** Codes of features that are not there yet, or of several nodes. */
const NOT_YET = ["rate_limited", "unavailable", "unauthorized"];

const CASES: readonly [string, Record<string, unknown>, string | undefined][] = [
  ["invalid_message", { hello: "world" }, undefined],
  ["unknown_command", { cmd: "dance" }, "dance"],
  ["unknown_command", { cmd: "PREPARE", max_players: 1 }, "PREPARE"],
  ["unknown_command", { cmd: "state", name: "", players: [], max_players: 0, accept_conns: false }, "state"],
  ["invalid_field", { cmd: "prepare", name: "no limit" }, "prepare"],
  ["invalid_field", { cmd: "to_str", to: [], data: 1 }, "to_str"],
  ["invalid_field", { cmd: "kick" }, "kick"],
  ["too_large", { cmd: "prepare", max_players: 1, name: "x".repeat(1025) }, "prepare"],
  ["too_large", { cmd: "kick", player: 1, reason: "ü".repeat(513) }, "kick"],
  ["not_prepared", { cmd: "open" }, "open"],
];

describe("error codes", () => {
  test.each(CASES)("P4.2 %s is the answer to %j", async (code, command, name) => {
    const host = await HostClient.connect(await startServer());
    await host.next();
    host.send(command);
    const error = await host.next();
    expect(error).toEqual({
      cmd: "error",
      reason: expect.stringMatching(/^\S.*\.$/),
      code,
      ...(name !== undefined && { in: name }),
    });
    expect(await roundTrip(host)).toEqual([]);
  });

  test("P4.2 room_limit where the server has no room left; prepare may be tried again", async () => {
    const server = await startServer({ maxRooms: 1 });
    const first = await openRoom(server);
    const host = await HostClient.connect(server);
    await host.next();
    const prepare = { cmd: "prepare", max_players: 1, name: "sketch" };
    host.send(prepare);
    expect(await host.next()).toMatchObject({ cmd: "error", code: "room_limit", in: "prepare" });
    expect(await roundTrip(host)).toEqual([]);
    await first.host.close();
    await eventually("the room is over", async () => (await countsOf(server)).rooms === 0);
    host.send(prepare);
    expect((await host.take(2)).map(({ cmd }) => cmd)).toEqual(["state", "prepare_reply"]);
  });

  test("P4.2 each code that exists is seen above", () => {
    const seen = new Set([...CASES.map(([code]) => code), "room_limit", ...NOT_YET]);
    expect([...seen].toSorted()).toEqual(Object.keys(ERROR_CODES).toSorted());
  });
});
