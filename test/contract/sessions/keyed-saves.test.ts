import { describe, expect, test } from "@jest/globals";
import { HostClient, openRoom, roundTrip, type OpenRoom } from "../../support/host-client.ts";
import { newSession } from "../../support/reliable-client.ts";
import { startServer, type TestServer } from "../../support/server.ts";

interface Returning extends OpenRoom {
  readonly server: TestServer;
  readonly query: string;
}

async function openReturning(query = ""): Promise<Returning> {
  const server = await startServer();
  const whole = `?session=${newSession()}${query}`;
  return { server, query: whole, ...(await openRoom(server, { query: whole })) };
}

/** The host is loaded again; what it is told first. */
async function reload({ server, host, query }: Returning): Promise<Readonly<Record<string, unknown>>> {
  await roundTrip(host);
  host.socket.terminate();
  const back = await HostClient.connect(server, query);
  await back.until("prepare_reply");
  back.send({ cmd: "start" });
  const first = await back.next();
  return first.cmd === "restore" ? first : {};
}

describe("checkpoints with keys", () => {
  test.each([
    ["CBOR", ""],
    ["JSON", "&format=json"],
  ])("P5.9.8 come back together, with the one that has no key: %s", async (_, format) => {
    const room = await openReturning(format);
    room.host.send({ cmd: "save", key: "round", data: "1" });
    room.host.send({ cmd: "save", key: "round", data: "2" });
    room.host.send({ cmd: "save", data: "whole" });
    room.host.sendFrame(JSON.stringify({ cmd: "save", keys: { "s:é": "3", gone: "4", round: "5" } }));
    room.host.send({ cmd: "save", key: "gone", data: null });
    room.host.send({ cmd: "save", key: "bytes", data: Uint8Array.of(7) });
    expect(await reload(room)).toEqual({
      cmd: "restore",
      data: "whole",
      keys: { "s:é": "3", round: "5", bytes: format === "" ? Uint8Array.of(7) : [7] },
    });
  });

  test("P5.9.8 alone come back without `data`; where nothing was saved there is no `restore`", async () => {
    const room = await openReturning();
    room.host.send({ cmd: "save", key: "a", data: "1" });
    expect(await reload(room)).toEqual({ cmd: "restore", keys: { a: "1" } });
    const other = await openReturning();
    other.host.send({ cmd: "save", key: "a", data: "1" });
    other.host.send({ cmd: "save", key: "a", data: null });
    expect(await reload(other)).toEqual({});
  });

  test("P5.9.8 are 256 KiB together; one save too many is refused, and what was kept stays", async () => {
    const room = await openReturning();
    const data = "x".repeat(65_536);
    for (const key of ["a", "b", "c", "d"]) room.host.send({ cmd: "save", key, data });
    expect(await roundTrip(room.host)).toEqual([]);
    room.host.send({ cmd: "save", keys: { a: "small", e: `${data}x` } });
    expect(await room.host.next()).toMatchObject({ cmd: "error", code: "too_large", in: "save" });
    room.host.send({ cmd: "save", key: "f", data: "x" });
    expect(await room.host.next()).toMatchObject({ cmd: "error", code: "too_large", in: "save" });
    expect(await reload(room)).toEqual({ cmd: "restore", keys: { a: data, b: data, c: data, d: data } });
  });
});
