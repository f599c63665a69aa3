import { describe, expect, test } from "@jest/globals";
import { WebSocket } from "ws";
import { decode, encode } from "cborg";
import { openRoom, roundTrip } from "../../support/host-client.ts";
import { PlayerClient } from "../../support/player-client.ts";
import { onTestEnd } from "../../support/clean-up.ts";
import { startServer } from "../../support/server.ts";
import { isBunNative } from "../../support/target.ts";
import { ReliableClient, newSession } from "../../support/reliable-client.ts";

/** The next event of a host that reads CBOR. */
async function event(from: ReliableClient): Promise<Record<string, unknown>> {
  const frame = await from.next();
  if (typeof frame === "string") throw new Error(`text: ${frame}`);
  const read: Record<string, unknown> = decode(frame);
  return read;
}

/** What comes next that is no event for a host. */
async function nextText(client: ReliableClient): Promise<string> {
  const frame = await client.next();
  return typeof frame === "string" ? frame : nextText(client);
}

describe("couchwire.v1, by hand", () => {
  test("P5.5.1 is chosen where it is offered, also among others; nothing else ever is", async () => {
    const server = await startServer();
    const { code } = await openRoom(server);
    for (const [offered, chosen] of [
      [["couchwire.v1"], "couchwire.v1"],
      [["chat", "couchwire.v1"], "couchwire.v1"],
      [[], ""],
    ] as const) {
      const socket = new WebSocket(`${server.ws}/${code}?session=${newSession()}`, [...offered]);
      onTestEnd(() => socket.terminate());
      await new Promise((resolve) => socket.once("open", resolve));
      expect(socket.protocol).toBe(chosen);
    }
  });

  test.each(["CREATE", "a room's code"])("P5.5.1 without a session it is refused with 4500: %s", async (where) => {
    const server = await startServer();
    const { code } = await openRoom(server);
    const client = new ReliableClient(server, where === "CREATE" ? where : code);
    expect(await client.closed).toMatchObject({ code: 4500, reason: "couchwire.v1 needs a session." });
  });

  test("P5.5.2 a phone that comes back with its count gets exactly what it had not", async () => {
    const server = await startServer();
    const room = await openRoom(server);
    const path = `${room.code}?session=${newSession()}`;
    const phone = new ReliableClient(server, path);
    const { epoch, ...zero } = await phone.hello();
    const told = { player: 1, game: "sketch", now: expect.any(Number) };
    expect(zero).toEqual({ received: 0, greeting: 0, next: 1, lost: 0, ...told });
    await room.host.until("player_joined");
    await room.host.until("state");
    for (const text of ["1", "2", "3"]) room.host.send({ cmd: "to_str", to: [1], data: text });
    expect(await phone.next()).toBe("1");
    phone.send("up 1");
    phone.send(Uint8Array.of(2));
    await room.host.take(2);
    await phone.cut();
    room.host.send({ cmd: "to", to: [1], data: Uint8Array.of(4) });
    await roundTrip(room.host);

    const back = new ReliableClient(server, `${path}&received=1&epoch=${epoch}`);
    expect(await back.hello()).toEqual({ epoch, received: 2, greeting: 0, next: 2, lost: 0, ...told });
    expect([await back.next(), await back.next(), await back.next()]).toEqual(["2", "3", Uint8Array.of(4)]);
    // The same count once more, over a line that nobody has closed: the same frames once more.
    const twice = new ReliableClient(server, `${path}&received=3&epoch=${epoch}`);
    expect(await twice.hello()).toMatchObject({ next: 4, lost: 0 });
    expect(await twice.next()).toEqual(Uint8Array.of(4));
    expect(await back.closed).toMatchObject({ code: 4509 });
  });

  test("P5.5.3 sixteen frames are acknowledged, and so is a ping, which asks", async () => {
    const server = await startServer();
    const room = await openRoom(server);
    const phone = new ReliableClient(server, `${room.code}?session=${newSession()}`);
    await phone.hello();
    for (let count = 0; count < 16; count++) phone.send(`${count}`);
    expect(await phone.next()).toBe("\0ack 16");
    phone.send("16");
    phone.send("\0ping");
    expect(await phone.next()).toBe("\0ack 17");
  });

  if (!isBunNative) {
    test.each(["a phone", "a host"])("P5.5.3 %s hears, before its frame is whole, that it comes", async (who) => {
      const server = await startServer();
      const { code } = await openRoom(server);
      const path = who === "a host" ? "CREATE" : code;
      const client = new ReliableClient(server, `${path}?session=${newSession()}`);
      await client.hello();
      client.socket.send("the first half, ", { fin: false });
      expect(await nextText(client)).toBe("\0ack 0");
      client.socket.send("and the second", { fin: true });
      client.send("\0ping");
      expect(await nextText(client)).toBe("\0ack 1");
    });
  }

  test("P5.5.3 what was acknowledged cannot be had again: the server says so", async () => {
    const server = await startServer();
    const room = await openRoom(server);
    const path = `${room.code}?session=${newSession()}`;
    const phone = new ReliableClient(server, path);
    const { epoch } = await phone.hello();
    for (const text of ["1", "2", "3"]) room.host.send({ cmd: "to_str", to: [1], data: text });
    for (let count = 0; count < 3; count++) await phone.next();
    phone.send("\0ack 2");
    phone.send("\0ping");
    await phone.next();
    const back = new ReliableClient(server, `${path}&received=0&epoch=${epoch}`);
    expect(await back.hello()).toMatchObject({ next: 3, lost: 2 });
    expect(await back.next()).toBe("3");
  });

  test("P5.5.4 text that begins with U+0000 is escaped on the wire and arrives as it was", async () => {
    const server = await startServer();
    const room = await openRoom(server);
    const phone = new ReliableClient(server, `${room.code}?session=${newSession()}`);
    await phone.hello();
    const plain = await PlayerClient.connect(server, room.code);
    await room.host.until("player_joined");
    await room.host.until("player_joined");
    await room.host.until("state");
    room.host.send({ cmd: "to_str", to: [], data: "\0ack 1" });
    expect([await phone.next(), await plain.next()]).toEqual(["\0\0ack 1", "\0ack 1"]);
    phone.send("\0\0ack 7");
    expect(await room.host.next()).toEqual({ cmd: "from_str", from: 1, data: "\0ack 7" });
    plain.send("\0\0ack 7");
    expect(await room.host.next()).toEqual({ cmd: "from_str", from: 2, data: "\0\0ack 7" });
  });

  test("P5.5.5 frames that a phone had to drop are told to the host, and count as got", async () => {
    const server = await startServer();
    const room = await openRoom(server);
    const path = `${room.code}?session=${newSession()}`;
    const phone = new ReliableClient(server, path);
    const { epoch } = await phone.hello();
    await room.host.until("player_joined");
    await room.host.until("state");
    phone.send("1");
    phone.send("\0skip 2");
    phone.send("4");
    expect(await room.host.take(3)).toEqual([
      { cmd: "from_str", from: 1, data: "1" },
      { cmd: "gap", player: 1, lost: 2 },
      { cmd: "from_str", from: 1, data: "4" },
    ]);
    await phone.cut();
    const back = new ReliableClient(server, `${path}&received=0&epoch=${epoch}`);
    expect(await back.hello()).toMatchObject({ received: 4 });
  });

  test.each(["\0ack 1", "\0ack x", "\0nonsense", '\0hello {"epoch":"x"}', "\0"])(
    "P5.5.6 %j from who has been sent nothing ends the connection with 4500",
    async (text) => {
      const server = await startServer();
      const room = await openRoom(server);
      const phone = new ReliableClient(server, `${room.code}?session=${newSession()}`);
      await phone.hello();
      phone.send(text);
      expect(await phone.closed).toEqual({
        code: 4500,
        reason: "That control frame of couchwire.v1 was not understood.",
      });
    },
  );

  test("P5.5.6 who says it got more than was sent is refused with 4500, and nothing happens to its seat", async () => {
    const server = await startServer();
    const room = await openRoom(server);
    const path = `${room.code}?session=${newSession()}`;
    const phone = new ReliableClient(server, path);
    const { epoch } = await phone.hello();
    const liar = new ReliableClient(server, `${path}&received=1&epoch=${epoch}`);
    expect(await liar.closed).toMatchObject({ code: 4500 });
    phone.send("\0ping");
    expect(await phone.next()).toBe("\0ack 0");
  });

  test("P5.5.8 another epoch begins anew: nothing is resumed into a life it does not belong to", async () => {
    const server = await startServer();
    const room = await openRoom(server);
    const path = `${room.code}?session=${newSession()}`;
    const phone = new ReliableClient(server, path);
    const { epoch } = await phone.hello();
    room.host.send({ cmd: "to_str", to: [1], data: "1" });
    expect(await phone.next()).toBe("1");
    await phone.cut();
    const back = new ReliableClient(server, `${path}&received=99&epoch=of-another-room`);
    const hello = await back.hello();
    expect(hello).toMatchObject({ received: 0, next: 1, lost: 0 });
    expect(hello.epoch).not.toBe(epoch);
    expect(await back.next()).toBe("1");
  });

  test("P5.5.9 what the buffer did not hold is told to both sides", async () => {
    const server = await startServer({ seatBuffer: 150 });
    const room = await openRoom(server);
    const path = `${room.code}?session=${newSession()}`;
    const phone = new ReliableClient(server, path);
    const { epoch } = await phone.hello();
    await room.host.until("player_joined");
    await room.host.until("state");
    await phone.cut();
    for (const text of ["1", "2", "3", "4", "5"]) room.host.send({ cmd: "to_str", to: [1], data: text });
    await roundTrip(room.host);
    const back = new ReliableClient(server, `${path}&received=0&epoch=${epoch}`);
    expect(await back.hello()).toMatchObject({ next: 4, lost: 3 });
    expect([await back.next(), await back.next()]).toEqual(["4", "5"]);
    expect(await room.host.next()).toEqual({ cmd: "player_back", player: 1, missed: 3 });
  });

  test("P5.5.10 a host reloads into its checkpoint and every frame after it, and goes on exactly after a cut", async () => {
    const server = await startServer();
    const path = `CREATE?session=${newSession()}&bytes=string`;
    const host = new ReliableClient(server, path);
    const { epoch } = await host.hello();
    host.send(encode({ cmd: "prepare", max_players: 2, name: "sketch" }));
    const events = [await event(host), await event(host), await event(host)];
    const player = await PlayerClient.connect(server, String(events[2]?.key));
    await event(host);
    await event(host); // five frames so far
    for (const text of ["six", "seven", "eight"]) player.send(text);
    for (const text of ["six", "seven", "eight"]) expect(await event(host)).toMatchObject({ data: text });
    host.send(encode({ cmd: "save", data: "knows six", received: 6 }));
    host.send("\0ack 8");
    host.send("\0ping");
    expect(await host.next()).toBe("\0ack 2");
    await host.cut();

    const on = new ReliableClient(server, `${path}&received=7&epoch=${epoch}`);
    expect(await on.hello()).toEqual({
      epoch,
      received: 2,
      greeting: 3,
      next: 8,
      lost: 0,
      now: expect.any(Number),
    });
    for (const cmd of ["state", "prepare_reply", "restore"]) expect(await event(on)).toMatchObject({ cmd });
    expect(await event(on)).toMatchObject({ data: "eight" });
    await on.cut();

    const reloaded = new ReliableClient(server, path);
    expect(await reloaded.hello()).toMatchObject({ received: 0, greeting: 3, next: 7, lost: 0 });
    for (const cmd of ["state", "prepare_reply"]) expect(await event(reloaded)).toMatchObject({ cmd });
    expect(await event(reloaded)).toEqual({ cmd: "restore", data: "knows six" });
    expect(await event(reloaded)).toMatchObject({ data: "seven" });
    expect(await event(reloaded)).toMatchObject({ data: "eight" });
  });
});
