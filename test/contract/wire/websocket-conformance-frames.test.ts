import { describe, expect, test } from "@jest/globals";
import { joinPlayer, openRoom, roundTrip } from "../../support/host-client.ts";
import { makeFrame, OPCODE } from "../../support/raw-client.ts";
import { startServer } from "../../support/server.ts";
import { SeededRandom, SEED, budget } from "../../support/seeded-random.ts";
import { endOfTurn } from "../../support/websocket/fake-stream.ts";
import { takeRawSeat } from "../../support/websocket/raw-seat.ts";

/** Here others than the rate limits are tried. */
const NO_RATES = { playerRate: 0, playerBytes: 0 } as const;
const MASK = Buffer.of(0x37, 0xfa, 0x21, 0x3d);
const MEBIBYTE = 1_048_576;

function bytes(length: number): Buffer {
  return Buffer.from(Array.from({ length }, (_byte, index) => (index * 151) & 0xff));
}

describe("pings (RFC 6455, sections 5.5.2 and 5.5.3)", () => {
  test("P4.1 every payload up to 125 bytes comes back as it was", async () => {
    const server = await startServer();
    const client = await takeRawSeat(server, await openRoom(server));
    for (let length = 0; length <= 125; length++) {
      client.send(OPCODE.ping, bytes(length), { mask: MASK });
      expect(await client.frames.next()).toEqual({
        isFinal: true,
        reserved: 0,
        isMasked: false,
        opcode: OPCODE.pong,
        payload: bytes(length),
      });
    }
  });

  test("P4.1 they are answered in the middle of a message, and the message is whole", async () => {
    const server = await startServer();
    const { host, code } = await openRoom(server);
    const client = await takeRawSeat(server, { host, code });
    const said = Buffer.from("Hello, wörld");
    const borders = [0, 2, 2, 9, said.length]; // one fragment is empty, and one border is within the "ö"
    for (const [index, from] of borders.slice(0, -1).entries()) {
      const part = said.subarray(from, borders[index + 1]);
      client.send(index === 0 ? OPCODE.text : OPCODE.continuation, part, { isFinal: false, mask: MASK });
      client.send(OPCODE.ping, `${index}`, { mask: MASK });
      expect(await client.frames.next()).toMatchObject({ opcode: OPCODE.pong, payload: Buffer.from(`${index}`) });
    }
    client.send(OPCODE.continuation, "!");
    expect(await host.next()).toMatchObject({ cmd: "from_str", data: "Hello, wörld!" });
  });

  test("P4.1 of many at once the last one is answered, and not each as by ws: RFC 6455 lets a server pass over the others", async () => {
    const server = await startServer();
    const client = await takeRawSeat(server, await openRoom(server));
    const many = 500;
    client.write(Buffer.concat(Array.from({ length: many }, (_ping, index) => makeFrame(OPCODE.ping, `${index}`))));
    const answered: number[] = [];
    while (answered.at(-1) !== many - 1) {
      const { opcode, payload } = await client.frames.next();
      expect(opcode).toBe(OPCODE.pong);
      answered.push(Number(payload.toString()));
    }
    expect(answered).toEqual(answered.toSorted((one, other) => one - other));
    expect(answered.length).toBeLessThan(many);
  });

  test("P4.1 unasked pongs are ignored", async () => {
    const server = await startServer();
    const { host, code } = await openRoom(server);
    const client = await takeRawSeat(server, { host, code });
    for (const payload of ["", "p", "c1", "c999999999999999", "c-1", "x".repeat(125)])
      client.send(OPCODE.pong, payload);
    client.send(OPCODE.text, "still here");
    expect(await host.next()).toMatchObject({ cmd: "from_str", data: "still here" });
  });
});

describe("messages (RFC 6455, sections 5.4 and 5.6)", () => {
  test.each([1_000, 65_535, 65_536, MEBIBYTE])(
    "P4.1 one of exactly the limit of %i bytes is heard, in one frame, in two, and in many",
    async (maxPayload) => {
      const server = await startServer({ ...NO_RATES, maxPayload });
      const { host, code } = await openRoom(server, { query: "?bytes=string" });
      const client = await takeRawSeat(server, { host, code });
      const data = bytes(maxPayload);
      const many = 100;
      const step = Math.ceil(maxPayload / many);
      client.send(OPCODE.binary, data, { mask: MASK });
      client.send(OPCODE.binary, data.subarray(0, 7), { mask: MASK, isFinal: false });
      client.send(OPCODE.continuation, data.subarray(7), { mask: MASK });
      for (let from = 0; from < maxPayload; from += step) {
        const options = { mask: MASK, isFinal: from + step >= maxPayload };
        client.send(from === 0 ? OPCODE.binary : OPCODE.continuation, data.subarray(from, from + step), options);
      }
      for (let count = 0; count < 3; count++) {
        const event = await host.next();
        expect([event.cmd, event.data instanceof Uint8Array && data.equals(event.data)]).toEqual(["from", true]);
      }
      client.send(OPCODE.binary, Buffer.concat([data, Buffer.of(1)]), { mask: MASK });
      expect(await client.closeFrame()).toMatchObject({ code: 1009 });
    },
  );

  test("P3.1 fragments of several players do not mix", async () => {
    const server = await startServer();
    const { host, code } = await openRoom(server);
    const clients = [];
    while (clients.length < 4) clients.push(await takeRawSeat(server, { host, code }));
    for (const part of ["a", "b", "c"]) {
      for (const [index, client] of clients.entries()) {
        const opcode = part === "a" ? OPCODE.text : OPCODE.continuation;
        client.send(opcode, `${part}${index + 1} `, { mask: MASK, isFinal: part === "c" });
        client.send(OPCODE.ping); // so that each part has been read before the next one is sent
        await client.frames.next();
      }
    }
    const heard = await host.take(4);
    expect(heard).toEqual([1, 2, 3, 4].map((from) => ({ cmd: "from_str", from, data: `a${from} b${from} c${from} ` })));
  });

  test("P3.1 one byte a packet is enough", async () => {
    const server = await startServer();
    const { host, code } = await openRoom(server, { query: "?bytes=string" });
    const client = await takeRawSeat(server, { host, code });
    const said = Buffer.concat([
      makeFrame(OPCODE.text, "größer 😀", { mask: MASK }),
      makeFrame(OPCODE.binary, bytes(130), { mask: MASK, isFinal: false }),
      makeFrame(OPCODE.ping, "in between", { mask: MASK }),
      makeFrame(OPCODE.continuation, bytes(300), { mask: MASK }),
      makeFrame(OPCODE.text, "", { mask: MASK, lengthBytes: 8 }),
      makeFrame(OPCODE.close, Buffer.from([0x03, 0xe8]), { mask: MASK }),
    ]);
    for (const byte of said) {
      client.write(Buffer.of(byte));
      await endOfTurn(); // so that the server, which runs beside, reads in between
    }
    expect(await host.next()).toMatchObject({ cmd: "from_str", data: "größer 😀" });
    const { data } = await host.until("from");
    expect(data instanceof Uint8Array && Buffer.concat([bytes(130), bytes(300)]).equals(data)).toBe(true);
    expect(await host.next()).toMatchObject({ cmd: "from_str", data: "" });
    expect(await client.frames.next()).toMatchObject({ opcode: OPCODE.pong, payload: Buffer.from("in between") });
    expect(await client.closeFrame()).toMatchObject({ code: 1000 });
  });

  test(`P3.1 packets and fragments cut at random change nothing (seed ${SEED})`, async () => {
    const random = new SeededRandom(SEED);
    const server = await startServer(NO_RATES);
    const { host, code } = await openRoom(server);
    const client = await takeRawSeat(server, { host, code });
    const texts = Array.from(
      { length: budget(150) },
      (_text, index) => `${index} ${"é😀x".repeat(random.below(random.chance(0.1) ? 9_000 : 60))}`,
    );
    const frames = texts.flatMap((text) => {
      const payload = Buffer.from(text);
      const cuts = Array.from({ length: random.below(4) }, () => random.below(payload.length + 1)).toSorted(
        (a, b) => a - b,
      );
      const borders = [0, ...cuts, payload.length];
      return borders.slice(1).map((to, index) =>
        makeFrame(index === 0 ? OPCODE.text : OPCODE.continuation, payload.subarray(borders[index], to), {
          isFinal: index === cuts.length,
          mask: Buffer.of(random.below(256), random.below(256), random.below(256), random.below(256)),
        }),
      );
    });
    const said = Buffer.concat(frames);
    for (let from = 0; from < said.length;) {
      const to = from + 1 + random.below(random.chance(0.3) ? 10 : 20_000);
      client.write(said.subarray(from, to));
      from = to;
      if (random.chance(0.7)) await endOfTurn();
    }
    expect((await host.take(texts.length)).map(({ data }) => data)).toEqual(texts);
    expect(await roundTrip(host)).toEqual([]);
  });
});

describe("what the server sends", () => {
  test.each([0, 1, 125, 126, 127, 16_383, 16_384, 65_535, 65_536, 500_000])(
    "P3.1 a message of %i bytes is one final frame without a mask or reserved bits, and clients of ws read it",
    async (length) => {
      const server = await startServer();
      const room = await openRoom(server);
      const raw = await takeRawSeat(server, room);
      const { player } = await joinPlayer(server, room);
      const data = bytes(length);
      for (const text of ["before", "behind"]) {
        room.host.send({ cmd: "to", to: [], data });
        room.host.send({ cmd: "to_str", to: [], data: text });
      }
      for (const text of ["before", "behind"]) {
        const frame = await raw.frames.next();
        expect({ ...frame, payload: frame.payload.equals(data) }).toEqual({
          isFinal: true,
          reserved: 0,
          isMasked: false,
          opcode: OPCODE.binary,
          payload: true,
        });
        expect(await raw.frames.next()).toMatchObject({ opcode: OPCODE.text, payload: Buffer.from(text) });
        const got = await player.next();
        expect(got instanceof Uint8Array && data.equals(got)).toBe(true);
        expect(await player.next()).toBe(text);
      }
    },
  );
});
