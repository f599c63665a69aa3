/** The SDK's lines against the real server, through a network that cuts, sleeps and goes deaf. */
import { describe, expect, test } from "@jest/globals";
import { joinRoom } from "../../src/sdk/index.ts";
import { FakeSocket } from "../support/fake-socket.ts";
import { eventually } from "../support/inbox.ts";
import { openPage, openPhone, openTestHost } from "../support/sdk-page.ts";
import { startServer, type TestServer } from "../support/server.ts";
import { HANDSHAKE_HEADERS, RawClient } from "../support/raw-client.ts";
import { readControl, type Hello } from "../../src/protocol/reliable/control-frames.ts";
import type { OptionsInput } from "../../src/config.ts";
import type { CreateRoomOptions } from "../../src/sdk/create-room.ts";
import type { JoinRoomOptions } from "../../src/sdk/join-room.ts";

interface PartyOptions {
  readonly server?: OptionsInput;
  readonly tv?: CreateRoomOptions;
  readonly phone?: JoinRoomOptions;
}

/** A TV and one phone, each on a network of its own. */
async function startParty(options: PartyOptions = {}) {
  const server = await startServer({ playerRate: 0, awayMs: 60_000, ...options.server });
  const tv = await openTestHost(await openPage(server), options.tv);
  const phone = openPhone(await openPage(server), tv.room.code, options.phone);
  await phone.heard.next();
  await tv.heard.next();
  return { server, tv, phone };
}

/** Every third frame is bytes; the others are text, some of which begins with U+0000. */
function frameOf(number: number): string | Uint8Array {
  if (number % 3 === 0) return Uint8Array.of(number & 255, number >> 8);
  return `${number % 3 === 1 ? "\0" : ""}${number}`;
}

function numberOf(frame: string | Uint8Array): number {
  return typeof frame === "string" ? Number(frame.replace("\0", "")) : (frame[0] ?? 0) + (frame[1] ?? 0) * 256;
}

test("lines that are cut again and again lose nothing, double nothing and keep the order, both ways", async () => {
  const { tv, phone } = await startParty();
  const count = 2_000;
  const atTv: number[] = [];
  const atPhone: number[] = [];
  tv.room.on("text", (_player, text) => void atTv.push(numberOf(text)));
  tv.room.on("binary", (_player, bytes) => void atTv.push(numberOf(bytes)));
  phone.me.on("text", (text) => void atPhone.push(numberOf(text)));
  phone.me.on("binary", (bytes) => void atPhone.push(numberOf(bytes)));
  for (let number = 1; number <= count; number++) {
    phone.me.send(frameOf(number));
    tv.room.send(1, frameOf(number));
    if (number % 20 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    if (number % 100 === 50) phone.page.proxy.cutNow(number % 200 === 50 ? "reset" : "end");
    if (number % 200 === 60) tv.page.proxy.cutNow();
    if (number % 100 === 0) await eventually("both are back", () => phone.me.isConnected && tv.room.isConnected);
  }
  await eventually("all has arrived", () => atTv.length >= count && atPhone.length >= count);
  const expected = Array.from({ length: count }, (_, index) => index + 1);
  expect(atTv).toEqual(expected);
  expect(atPhone).toEqual(expected);
  expect(phone.page.proxy.cuts + tv.page.proxy.cuts).toBeGreaterThanOrEqual(30);
  const gaps = [...tv.heard.drain(), ...phone.heard.drain()].filter(([event]) => event === "gap");
  expect(gaps).toEqual([]);
});

describe("a line that is down", () => {
  test("is told on the phone, which keeps what it sends, and goes on where it was", async () => {
    const { tv, phone } = await startParty();
    phone.page.proxy.cutNow();
    expect(await phone.heard.next()).toEqual(["away"]);
    expect(phone.me.isConnected).toBe(false);
    phone.me.send({ kept: 1 });
    tv.room.send(1, { kept: 2 });
    expect(await phone.heard.take(3)).toEqual([
      ["back"],
      ["open", { isReconnect: true, isResumed: true }],
      ["json", { kept: 2 }],
    ]);
    expect(await tv.heard.next()).toEqual(["json", 1, { kept: 1 }]);
  });

  test("is told on the TV, which keeps its room and what it sends", async () => {
    const { tv, phone } = await startParty();
    const { code } = tv.room;
    tv.page.proxy.cutNow();
    await new Promise<void>((resolve) => void tv.room.once("reconnecting", () => resolve()));
    expect(tv.room).toMatchObject({ code, players: [{ id: 1 }], isConnected: false });
    expect(tv.room.broadcast({ kept: 1 })).toBe(true);
    phone.me.send({ kept: 2 });
    expect(await tv.heard.take(2)).toEqual([["reconnected"], ["json", 1, { kept: 2 }]]);
    expect(await phone.heard.next()).toEqual(["json", { kept: 1 }]);
    expect(tv.room).toMatchObject({ code, players: [{ id: 1 }], isConnected: true });
  });

  test("carries only the newest of what is volatile when it is back, in its place among the rest", async () => {
    const { tv, phone } = await startParty();
    phone.page.proxy.cutNow();
    await phone.heard.next();
    for (const x of [1, 2, 3]) phone.me.send({ x }, { volatile: true });
    phone.me.send({ fire: true });
    for (const x of [4, 5]) phone.me.send({ x }, { volatile: true });
    expect(await tv.heard.take(3)).toEqual([
      ["json", 1, { x: 3 }],
      ["json", 1, { fire: true }],
      ["json", 1, { x: 5 }],
    ]);
    tv.page.proxy.cutNow();
    await new Promise<void>((resolve) => void tv.room.once("reconnecting", () => resolve()));
    for (const y of [1, 2]) {
      tv.room.broadcast({ y }, { volatile: true });
      tv.room.send(1, { hand: y }, { volatile: true });
    }
    const frames = (await phone.heard.take(4)).slice(2);
    expect(frames).toEqual([
      ["json", { y: 2 }],
      ["json", { hand: 2 }],
    ]);
  });

  test("keeps only the newest checkpoint", async () => {
    const { tv, phone } = await startParty();
    tv.page.proxy.cutNow();
    await new Promise<void>((resolve) => void tv.room.once("reconnecting", () => resolve()));
    for (const round of [1, 2, 3]) tv.room.save({ round, filler: "x".repeat(60_000) });
    expect(await tv.heard.next()).toEqual(["reconnected"]);
    tv.room.send(1, { saved: true });
    await phone.heard.next();
    const again = await openTestHost(await tv.page.reload());
    expect(again.room.restored).toMatchObject({ round: 3 });
  });
});

describe("a buffer that does not hold", () => {
  test("the server's, for an away phone: the phone and the TV are told how many frames are missing", async () => {
    const { tv, phone } = await startParty({ server: { seatBuffer: 10_000, awayMs: 0 } });
    phone.page.proxy.stopReading();
    phone.page.proxy.cutNow();
    expect(await tv.heard.next()).toEqual(["away", 1]);
    for (let number = 1; number <= 100; number++) tv.room.send(1, { number, filler: "x".repeat(1_000) });
    tv.room.send(1, { last: true });
    phone.page.proxy.recover();
    const frames: (readonly unknown[])[] = [];
    while (!isLast(frames.at(-1)?.[1])) frames.push(await phone.heard.next());
    const gap = frames.find(([event]) => event === "gap")?.[1];
    const arrived = frames.filter(([event]) => event === "json").length;
    expect(gap).toEqual({ lost: 101 - arrived, unsent: 0 });
    expect(arrived).toBeLessThan(20);
    expect(await tv.heard.next()).toEqual(["back", 1, 101 - arrived]);
  });

  test("the phone's own refuses what is new, and what waited arrives", async () => {
    const { tv, phone } = await startParty({ phone: { outboxBytes: 5_000 } });
    phone.page.proxy.cutNow();
    await phone.heard.next();
    let sent = 0;
    const fill = (): void => {
      for (;;) {
        phone.me.send({ number: sent + 1, filler: "x".repeat(400) });
        sent += 1;
      }
    };
    expect(fill).toThrow(expect.objectContaining({ name: "CouchwireError", code: "queue_full" }));
    for (let number = 1; number <= sent; number++) {
      expect(await tv.heard.next()).toMatchObject(["json", 1, { number }]);
    }
    phone.me.send({ number: "after" });
    expect(await tv.heard.next()).toMatchObject(["json", 1, { number: "after" }]);
  });

  test("the phone's own, where the oldest may go: both sides are told how many frames are missing", async () => {
    const { tv, phone } = await startParty({ phone: { outboxBytes: 5_000, whenFull: "drop_oldest" } });
    phone.page.proxy.cutNow();
    await phone.heard.next();
    for (let number = 1; number <= 50; number++) phone.me.send({ number, filler: "x".repeat(400) });
    const [event, gap] = await tv.heard.next();
    expect([event, gap]).toEqual(["gap", { player: 1, lost: expect.any(Number), unsent: 0 }]);
    const lost = Number(Object.entries(gap ?? {}).find(([name]) => name === "lost")?.[1]);
    expect(lost).toBeGreaterThan(30);
    for (let number = lost + 1; number <= 50; number++) {
      expect(await tv.heard.next()).toMatchObject(["json", 1, { number }]);
    }
    expect(await phone.heard.take(3)).toEqual([
      ["back"],
      ["open", { isReconnect: true, isResumed: true }],
      ["gap", { lost: 0, unsent: lost }],
    ]);
  });
});

function isLast(value: unknown): boolean {
  return typeof value === "object" && value !== null && "last" in value;
}

describe("a line that died without telling", () => {
  test("is noticed by a phone that sends, and what it sent arrives once", async () => {
    const { tv, phone } = await startParty({ phone: { pongTimeoutMs: 100 } });
    phone.page.proxy.goHalfOpen("client");
    phone.me.send({ anybody: "there?" });
    expect(await phone.heard.take(3)).toEqual([["away"], ["back"], ["open", { isReconnect: true, isResumed: true }]]);
    expect(await tv.heard.next()).toEqual(["json", 1, { anybody: "there?" }]);
  });

  test("is noticed by a TV that sends", async () => {
    const { tv, phone } = await startParty({ tv: { pongTimeoutMs: 100 } });
    tv.page.proxy.goHalfOpen("client");
    tv.room.send(1, { anybody: "there?" });
    expect(await tv.heard.next()).toEqual(["reconnected"]);
    expect(await phone.heard.next()).toEqual(["json", { anybody: "there?" }]);
  });
});

/** A client of `couchwire.v1` made by hand. */
async function openRaw(server: TestServer, path: string): Promise<RawClient> {
  const client = new RawClient(server.port);
  const answer = await client.request("GET", path, { ...HANDSHAKE_HEADERS, "Sec-WebSocket-Protocol": "couchwire.v1" });
  expect(answer.status).toBe(101);
  return client;
}

async function textOf(client: RawClient): Promise<string> {
  const { payload } = await client.frames.next();
  return payload.toString();
}

async function helloOf(client: RawClient): Promise<Hello> {
  const control = readControl(await textOf(client));
  if (control?.word !== "hello") throw new Error("The server said no hello");
  return control.hello;
}

describe("couchwire.v1 by hand", () => {
  const session = "a-phone-made-by-hand";

  test("P5.5 a client that asks whether the line lives gets an ack at once", async () => {
    const { server, tv } = await startParty();
    const client = await openRaw(server, `/${tv.room.code}?session=${session}`);
    await helloOf(client);
    client.send(1, "one");
    client.send(1, "\0ping");
    expect(await textOf(client)).toBe("\0ack 1");
  });

  test("P5.5 counts of an older page of the same session mean nothing after a newer one began from nothing", async () => {
    const { server, tv } = await startParty();
    const path = `/${tv.room.code}?session=${session}`;
    const older = await helloOf(await openRaw(server, path));
    const newerPage = await openRaw(server, path);
    const newer = await helloOf(newerPage);
    expect(newer).toMatchObject({ received: 0, next: 1 });
    expect(newer.epoch).not.toBe(older.epoch);
    newerPage.send(1, "one");
    newerPage.send(1, "two");
    const resumed = await helloOf(await openRaw(server, `${path}&received=0&epoch=${newer.epoch}`));
    expect(resumed).toMatchObject({ received: 2, epoch: newer.epoch });
    const outdated = await helloOf(await openRaw(server, `${path}&received=0&epoch=${older.epoch}`));
    expect(outdated).toMatchObject({ received: 0 });
  });
});

test("a phone that is never answered goes on trying, and stops at once when it is closed", async () => {
  const sockets: FakeSocket[] = [];
  const me = joinRoom({
    code: "BCDF",
    server: "http://tv",
    warn: () => undefined,
    WebSocket: class extends FakeSocket {
      constructor(url: string) {
        super(url);
        sockets.push(this);
      }
    },
  });
  await Promise.resolve(); // the line begins when the page's own code has run
  sockets[0]?.end(1006);
  await eventually("it tried again", () => sockets.length === 2);
  me.close();
  sockets[1]?.end(1006);
  expect(sockets).toHaveLength(2);
});
