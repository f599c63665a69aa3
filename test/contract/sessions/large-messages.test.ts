import { describe, expect, test } from "@jest/globals";
import { HostClient, joinPlayer, openRoom, roundTrip } from "../../support/host-client.ts";
import { PlayerClient, type FramePayload } from "../../support/player-client.ts";
import { makeFrame, OPCODE, RawClient } from "../../support/raw-client.ts";
import { mostInKernel } from "../../support/held-back.ts";
import { eventually } from "../../support/inbox.ts";
import { connectionCount, startServer } from "../../support/server.ts";
import { newSession } from "../../support/reliable-client.ts";

/** Around the size from which memory is given back once a message was handled, and far above it. */
const SIZES = [16_383, 16_384, 70_000, 400_000];

/** Bytes that tell which they are, and where in them one is. */
function image(number: number, size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  for (let at = 0; at < size; at++) bytes[at] = (at * 31 + number * 17 + (at >> 8)) & 0xff;
  return bytes;
}

function expectImages(received: readonly unknown[], images: readonly Uint8Array[]): void {
  const isSame = images.map((data, index) => Buffer.from(data).equals(bytesOf(received[index])));
  expect(isSame).toEqual(images.map(() => true)); // the images themselves would fill pages where they differ
}

function bytesOf(received: unknown): Uint8Array {
  if (!(received instanceof Uint8Array)) throw new Error("That is no image.");
  return received;
}

/** A room with a phone on bare TCP, so that it can stop reading; much may wait for it. */
async function openBesideRawPhone(query: (sign: "?" | "&") => string) {
  const server = await startServer({ sendQueue: 64 * 1_048_576, pingMs: 200_000, idleMs: 400_000 });
  const room = await openRoom(server, { query: `?bytes=string${query("&")}` });
  const slow = await RawClient.open(server.port, `/${room.code}${query("?")}`);
  slow.answersPings = true;
  await room.host.until("player_joined");
  await room.host.until("state"); // or a round trip would take it for its answer
  return { server, room, slow };
}

const IMAGES = SIZES.map((size, number) => image(number, size));

describe.each(["", "a session"])("large messages, host and phones with %j", (session) => {
  const query = (sign: "?" | "&"): string => (session === "" ? "" : `${sign}session=${newSession()}`);

  test("P2.11 arrive at the host as they were sent, however many come at once", async () => {
    const server = await startServer();
    const room = await openRoom(server, { query: `?bytes=string${query("&")}` });
    const player = await PlayerClient.connect(server, `${room.code}${query("?")}`);
    await room.host.until("player_joined");
    await room.host.until("state");
    for (const data of [...IMAGES, ...IMAGES]) player.send(data);
    const events = await room.host.take(2 * IMAGES.length);
    expectImages(
      events.map(({ data }) => data),
      [...IMAGES, ...IMAGES],
    );
  });

  test("P2.5 arrive at every phone as they were sent, retained or not", async () => {
    const server = await startServer();
    const room = await openRoom(server, { query: `?bytes=string${query("&")}` });
    const players = [];
    for (let count = 0; count < 3; count++) {
      players.push(await PlayerClient.connect(server, `${room.code}${query("?")}`));
      await room.host.until("player_joined");
    }
    for (const [number, data] of IMAGES.entries()) {
      room.host.send({ cmd: "to", to: [], data });
      room.host.send({ cmd: "to", to: [1, 2, 3], data, retain: String(number) });
    }
    const expected = IMAGES.flatMap((data) => [data, data]);
    for (const player of players) {
      const received: FramePayload[] = [];
      while (received.length < expected.length) received.push(await player.next());
      expectImages(received, expected);
    }
  });

  test("P2.5 wait as they are for a phone that does not read, and the others have them at once", async () => {
    const { server, room, slow } = await openBesideRawPhone(query);
    const { player } = await joinPlayer(server, room);
    slow.socket.pause();
    const images = Array.from({ length: 40 }, (_, number) => image(number, 400_000));
    for (const data of images) room.host.send({ cmd: "to", to: [], data });
    const received: FramePayload[] = [];
    while (received.length < images.length) received.push(await player.next());
    expectImages(received, images);
    slow.socket.resume();
    const late: Uint8Array[] = [];
    while (late.length < images.length) {
      late.push(new Uint8Array((await slow.frames.until(({ opcode }) => opcode === OPCODE.binary)).payload));
    }
    expectImages(late, images);
  });

  test("P5.3.4 wait as they are where only the newest waits", async () => {
    const { room, slow } = await openBesideRawPhone(query);
    slow.socket.pause();
    // More than the kernel takes for one connection.
    const images = Array.from({ length: Math.ceil((1.25 * mostInKernel()) / 400_000) }, (_, number) =>
      image(number, 400_000),
    );
    for (const data of images) room.host.send({ cmd: "to", to: [], data, volatile: true });
    await roundTrip(room.host);
    slow.socket.resume();
    let last: Uint8Array;
    let count = 0;
    do {
      const { payload } = await slow.frames.until(({ opcode }) => opcode === OPCODE.binary);
      last = new Uint8Array(payload);
      count += 1;
      expect(images.some((data) => Buffer.from(data).equals(last))).toBe(true);
    } while (!Buffer.from(images.at(-1) ?? []).equals(last));
    expect(count).toBeLessThan(images.length); // there was waiting
  });
});

describe("large messages that are kept", () => {
  test("P5.4.10 wait as they are for a host that is away", async () => {
    const server = await startServer();
    const session = newSession();
    const room = await openRoom(server, { query: `?bytes=string&session=${session}` });
    const { player } = await joinPlayer(server, room);
    room.host.socket.close(1001);
    await room.host.closed;
    await eventually("the server knows", async () => (await connectionCount(server)) === 1);
    for (const data of IMAGES) player.send(data);
    player.send("end");
    const back = await HostClient.connect(server, `?bytes=string&session=${session}`);
    await back.take(2);
    expectImages(
      (await back.take(IMAGES.length)).map(({ data }) => data),
      IMAGES,
    );
    expect(await back.next()).toMatchObject({ cmd: "from_str", data: "end" });
  });

  test("P5.4.2 wait as they are for a phone that is away, and what is retained comes again as it was", async () => {
    const server = await startServer();
    const room = await openRoom(server);
    const path = `${room.code}?session=${newSession()}`;
    const player = await PlayerClient.connect(server, path);
    await room.host.until("player_joined");
    const [shown, ...missed] = IMAGES;
    room.host.send({ cmd: "to", to: [], data: shown, retain: "canvas" });
    await player.next();
    await player.close(1001);
    await eventually("the server knows", async () => (await connectionCount(server)) === 1);
    for (const data of missed) room.host.send({ cmd: "to", to: [1], data });
    await roundTrip(room.host);
    const fresh = await PlayerClient.connect(server, path);
    const received: FramePayload[] = [];
    while (received.length < IMAGES.length) received.push(await fresh.next());
    expectImages(received, IMAGES);
  });

  test("P5.3.6 a checkpoint is restored as it was", async () => {
    const server = await startServer();
    const session = newSession();
    const room = await openRoom(server, { query: `?bytes=string&session=${session}` });
    const checkpoint = image(1, 65_000);
    room.host.send({ cmd: "save", data: checkpoint });
    await roundTrip(room.host);
    room.host.socket.close(1001);
    await room.host.closed;
    const back = await HostClient.connect(server, `?bytes=string&session=${session}`);
    expectImages([(await back.until("restore")).data], [checkpoint]);
  });

  test("RFC 6455, 5.4: in fragments, and behind small ones in the same write", async () => {
    const server = await startServer();
    const room = await openRoom(server, { query: "?bytes=string" });
    const phone = await RawClient.open(server.port, `/${room.code}`);
    await room.host.until("state");
    const data = image(3, 100_000);
    const fragments = [
      makeFrame(OPCODE.binary, data.subarray(0, 40_000), { isFinal: false }),
      makeFrame(OPCODE.ping, "in between"),
      makeFrame(OPCODE.continuation, data.subarray(40_000), { isFinal: true }),
    ];
    phone.socket.write(
      Buffer.concat([
        makeFrame(OPCODE.text, "before"),
        ...fragments,
        makeFrame(OPCODE.binary, data),
        makeFrame(OPCODE.text, "after"),
      ]),
    );
    expect(await room.host.until("from_str")).toMatchObject({ data: "before" });
    expectImages(
      (await room.host.take(2)).map((event) => event.data),
      [data, data],
    );
    expect(await room.host.next()).toMatchObject({ data: "after" });
  });
});
